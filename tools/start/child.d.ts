/** A child that could not start; the message is one sentence for the person who started it. */
export declare class ChildFailed extends Error {
  readonly name = 'ChildFailed';
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
/**
 * Starts a program of ours with a channel to it, and waits until it says that it is ready. The
 * program watches the channel and ends when this process is gone, however that came about.
 * @throws {ChildFailed} where it says that it failed, or ends before it is ready
 */
export declare function startChild(options: {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}): Promise<Child>;
