/** Life of the gateway's process under a supervisor. */

/** A gateway that listens. */
export interface RunningGateway {
  readonly url: string;
  close(): Promise<void>;
}

interface Failure {
  readonly type: 'failed';
  readonly code: string;
  readonly message: string;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** What a supervisor is told of a start that failed: one sentence, and what to do. */
export function startFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (codeOf(error) === 'EADDRINUSE') {
    return {
      type: 'failed',
      code: 'PORT_IN_USE',
      message: `${message}: another program uses this port. Set PROCUREMENT_HTTP_PORT to a free one.`,
    };
  }
  return { type: 'failed', code: error instanceof Error ? error.name : 'Error', message };
}

function tell(message: object): void {
  if (process.connected) {
    process.send?.(message);
  }
}

/**
 * Runs a gateway until SIGTERM, SIGINT or the end of the channel to the parent process. The parent
 * is told `{type:'ready', url}`, or `{type:'failed', code, message}` and exit code 1.
 */
export async function runProgram(start: () => Promise<RunningGateway>): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
      process.once(event, resolve);
    }
  });
  try {
    const gateway = await start();
    tell({ type: 'ready', url: gateway.url });
    await stopped;
    await gateway.close();
    process.exit(0);
  } catch (error) {
    const failure = startFailure(error);
    tell(failure);
    process.stderr.write(`${failure.message}\n`);
    process.exit(1);
  }
}
