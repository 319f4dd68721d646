import { fork, type ChildProcess } from 'node:child_process';
import type { LogFile } from './log-file';
import type { Part } from './part';

/** What a child says over its channel once it serves, and when it cannot. */
type ChildMessage =
  | ({ readonly type: 'ready' } & Readonly<Record<string, unknown>>)
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** A child that could not start; the message is one sentence for the person who started it. */
export class ChildFailed extends Error {
  override readonly name = 'ChildFailed';
  /** What the child called the fault; empty where it could say nothing. */
  readonly code: string;

  constructor(message: string, code = '') {
    super(message);
    this.code = code;
  }
}

/** A child of the supervisor, from the moment it was started. */
export interface Child extends Part {
  /**
   * What it said with `ready`.
   * @throws {ChildFailed} where it said that it failed, or ended before it was ready
   */
  readonly ready: Promise<Readonly<Record<string, unknown>>>;
  /** Resolves when the process has ended, whatever ended it, with how: a signal or an exit code. */
  readonly ended: Promise<string>;
  /** Says something over its channel; to a child that is gone, nothing. */
  tell(message: object): void;
}

/** What a child is started with. */
export interface ChildOptions {
  readonly name: string;
  /** Program, a compiled module. */
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes what it prints; without one that goes where ours goes. */
  readonly log?: LogFile;
}

const forceAfterMs = 10_000;

/**
 * Starts a program of ours with a channel to it. The program watches the channel and ends when this
 * process is gone, however that came about.
 */
export function startChild(options: ChildOptions): Child {
  const output = options.log?.descriptor ?? 'inherit';
  const child = fork(options.file, [...options.args], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', output, output, 'ipc'],
    // A Ctrl-C reaches the whole process group; its end must be ours to order.
    detached: true,
  });
  const ended = endOf(child);
  const ready = firstWord(options, child, ended);
  // Whoever starts several children waits for one after the other.
  ready.catch(() => undefined);
  return {
    name: options.name,
    pid: child.pid ?? 0,
    ready,
    ended,
    tell: (message) => {
      if (child.connected) child.send(message);
    },
    stop: () => stopChild(child, ended),
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal ?? `exit code ${code ?? 'unknown'}`);
    });
    child.once('error', (error) => {
      resolve(error.message);
    });
  });
}

async function firstWord(
  { name, log }: ChildOptions,
  child: ChildProcess,
  ended: Promise<string>,
): Promise<Readonly<Record<string, unknown>>> {
  const said = new Promise<ChildMessage>((resolve) => {
    child.once('message', (message) => {
      resolve(message as ChildMessage);
    });
  });
  // A child that failed says why and ends at once: what it said counts.
  const word = await Promise.race([said, ended.then(afterLastWords)]);
  if (typeof word === 'string') {
    const where = log ? `; ${log.path} may tell why` : '';
    throw new ChildFailed(`The ${name} process ended before it was ready (${word})${where}.`);
  }
  if (word.type === 'failed') {
    throw new ChildFailed(word.message.replace(/\s*\n\s*/g, ' '), word.code);
  }
  return word;
}

/** Gives messages that came before the end their turn. */
function afterLastWords(how: string): Promise<string> {
  return new Promise((resolve) => {
    setImmediate(() => {
      resolve(how);
    });
  });
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), forceAfterMs);
  await ended;
  clearTimeout(force);
}
