import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A process that outlives the one that starts it. */
export interface DaemonOptions {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** All that it is given; nothing is added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** Takes what it prints, after what it printed before. */
  readonly logFile: string;
  /** Where its process id is kept. */
  readonly recordFile: string;
}

/** A process did not start, did not answer or did not end. */
export class DaemonError extends Error {
  override readonly name = 'DaemonError';
}

/** What is kept of a process: ids are given again, so the time of its start counts too. */
interface DaemonRecord {
  readonly pid: number;
  readonly startedAt: string;
}

const lookAgainMs = 50;
const forceAfterMs = 20_000;

/**
 * Starts a process, unless it runs already.
 * @returns its process id
 * @throws DaemonError when the system cannot start it
 */
export async function startDaemon(options: DaemonOptions): Promise<number> {
  const running = await daemonPid(options.recordFile);
  if (running !== undefined) return running;
  for (const file of [options.logFile, options.recordFile]) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  }
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(options.command, [...options.args], {
    cwd: options.workingFolder,
    env: { ...options.environment },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const failure = new Promise<never>((_resolve, reject) => {
    child.once('error', (error) => {
      reject(new DaemonError(`${options.name} cannot be started: ${error.message}`));
    });
  });
  const { pid } = child;
  if (pid === undefined) return failure;
  failure.catch(() => undefined);
  child.unref();
  const record: DaemonRecord = { pid, startedAt: startOf(pid) ?? '' };
  await writeFile(options.recordFile, `${JSON.stringify(record)}\n`);
  return pid;
}

/** The process id of a daemon that runs; undefined where it does not. */
export async function daemonPid(recordFile: string): Promise<number | undefined> {
  const text = await readFile(recordFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { pid, startedAt } = JSON.parse(text) as DaemonRecord;
  return startOf(pid) === startedAt ? pid : undefined;
}

/**
 * Asks a daemon to end, forces it after 20 s, and waits until it is gone.
 * @returns whether it was running
 */
export async function stopDaemon(recordFile: string): Promise<boolean> {
  const pid = await daemonPid(recordFile);
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    const forceAt = performance.now() + forceAfterMs;
    while ((await daemonPid(recordFile)) !== undefined) {
      if (performance.now() > forceAt) process.kill(pid, 'SIGKILL');
      await pause(lookAgainMs);
    }
  }
  await rm(recordFile, { force: true });
  return pid !== undefined;
}

/** Resolves after some time. */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}

/**
 * When a process began: on Linux the kernel's tick, elsewhere an empty text for any that runs.
 * @returns undefined where no such process runs; one that has ended and was not yet reaped does not
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return process.platform === 'linux' || !isAlive(pid) ? undefined : '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
