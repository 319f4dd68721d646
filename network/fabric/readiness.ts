import { connect } from 'node:net';
import { daemonPid, DaemonError, pause } from './daemon';

/** A daemon that is waited for. */
export interface AwaitedDaemon {
  readonly name: string;
  readonly recordFile: string;
  readonly logFile: string;
}

const loopback = '127.0.0.1';
const askAgainMs = 100;
const limitMs = 90_000;

/**
 * Waits until something about a daemon is true.
 * @param ask once more and more, until it says yes; what it throws counts as no
 * @throws DaemonError when the daemon ended meanwhile, or after 90 s
 */
export async function awaitDaemon(
  daemon: AwaitedDaemon,
  what: string,
  ask: () => Promise<boolean>,
): Promise<void> {
  const endsAt = performance.now() + limitMs;
  while (!(await ask().catch(() => false))) {
    if ((await daemonPid(daemon.recordFile)) === undefined) {
      throw new DaemonError(`${daemon.name} ended before ${what}; ${daemon.logFile} tells why.`);
    }
    if (performance.now() > endsAt) {
      throw new DaemonError(
        `${daemon.name} runs, but after ${String(limitMs / 1000)} s it is still not so that ` +
          `${what}; ${daemon.logFile} may tell why.`,
      );
    }
    await pause(askAgainMs);
  }
}

/** Whether a node says at its operations endpoint that it is healthy. */
export async function isHealthy(operationsPort: number): Promise<boolean> {
  const answer = await fetch(`http://${loopback}:${String(operationsPort)}/healthz`);
  return answer.ok;
}

/** Whether something accepts connections at a port of 127.0.0.1. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: loopback });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/**
 * The value of a metric that a node serves in Prometheus' format.
 * @param metric name, and labels that its line must have
 * @returns undefined where the node has no such line
 */
export async function metricOf(
  operationsPort: number,
  metric: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): Promise<number | undefined> {
  const answer = await fetch(`http://${loopback}:${String(operationsPort)}/metrics`);
  const wanted = Object.entries(metric.labels).map(([name, value]) => `${name}="${value}"`);
  const line = (await answer.text())
    .split('\n')
    .find((one) => one.startsWith(`${metric.name}{`) && wanted.every((text) => one.includes(text)));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}
