import { fork, type ChildProcess } from 'node:child_process';

/** What a child says over its channel once it serves, and when it cannot. */
type ChildMessage =
  | ({ readonly type: 'ready' } & Readonly<Record<string, unknown>>)
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** A child that could not start; the message is one sentence for the person who started it. */
export class ChildFailed extends Error {
  override readonly name = 'ChildFailed';
}

/** A running child of the supervisor. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** What it said with `ready`. */
  readonly announced: Readonly<Record<string, unknown>>;
  /** Resolves when the process has ended, whatever ended it. */
  readonly ended: Promise<void>;
  /** Asks it to end, and ends it by force after `forceAfterMs`. */
  stop(): Promise<void>;
}

const forceAfterMs = 10_000;

/**
 * Starts a program of ours with a channel to it, and waits until it says that it is ready. The
 * program watches the channel and ends when this process is gone, however that came about.
 * @throws {ChildFailed} where it says that it failed, or ends before it is ready
 */
export async function startChild(options: {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}): Promise<Child> {
  const child = fork(options.file, [...options.args], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A Ctrl-C reaches the whole process group; its end must be ours to order.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const announced = await firstWord(options.name, child);
  return {
    name: options.name,
    pid: child.pid ?? 0,
    announced,
    ended,
    stop: () => stopChild(child, ended),
  };
}

function firstWord(name: string, child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new ChildFailed(`The ${name} process did not start: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      reject(new ChildFailed(`The ${name} process ended before it was ready (${signal ?? code}).`));
    });
    child.once('message', (message) => {
      const word = message as ChildMessage;
      if (word.type === 'ready') resolve(word);
      else reject(new ChildFailed(word.message));
    });
  });
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), forceAfterMs);
  await ended;
  clearTimeout(force);
}
