/** Life of the gateway's process under a supervisor. */
import { errorCode } from './error-code';

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

/** What a supervisor is told of a start that failed: one sentence, and what to do. */
export function startFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (errorCode(error) === 'EADDRINUSE') {
    return {
      type: 'failed',
      code: 'PORT_IN_USE',
      message: `${message}: the port is taken. Set PROCUREMENT_HTTP_PORT to a free one.`,
    };
  }
  return { type: 'failed', code: error instanceof Error ? error.name : 'Error', message };
}

function tell(message: object): void {
  if (process.connected) {
    process.send?.(message);
  }
}

/** Waits for the parent's word. @returns false where the end came first */
async function beginsBefore(stopped: Promise<void>): Promise<boolean> {
  const begun = new Promise<boolean>((resolve) => {
    process.once('message', () => {
      resolve(true);
    });
  });
  return Promise.race([begun, stopped.then(() => false)]);
}

/**
 * Runs a gateway until SIGTERM, SIGINT or the end of the channel to the parent process. The parent
 * is told `{type:'ready', url}`, or `{type:'failed', code, message}` and exit code 1.
 * @param options.awaitsBegin start only at the parent's first message, so that the program can load
 *   while what it needs is still being made
 */
export async function runProgram(
  start: () => Promise<RunningGateway>,
  options: { readonly awaitsBegin: boolean } = { awaitsBegin: false },
): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
      process.once(event, resolve);
    }
  });
  try {
    if (options.awaitsBegin && !(await beginsBefore(stopped))) process.exit(0);
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
