import { setTimeout as delay } from 'node:timers/promises';
import { ClassicLevel } from 'classic-level';

/** How often a lock that another process holds is asked for again. */
const retryMs = 10;

/**
 * A folder that one holder at a time has, in this process and in all others. The lock is that of a
 * database in it: the operating system drops it when the process dies, however it dies, so there
 * are no stale locks to guess about.
 */
export class FolderLock {
  readonly #database: ClassicLevel;

  private constructor(database: ClassicLevel) {
    this.#database = database;
  }

  /**
   * Takes the lock, making the folder if need be.
   * @returns undefined while somebody else holds it
   * @throws Error when the folder cannot be used
   */
  static async take(path: string): Promise<FolderLock | undefined> {
    const database = new ClassicLevel(path);
    try {
      await database.open();
      return new FolderLock(database);
    } catch (error) {
      if (isHeld(error)) return undefined;
      throw error;
    }
  }

  /** Waits until it is free and takes it. @returns undefined when it is not within the time */
  static async await(path: string, timeoutMs: number): Promise<FolderLock | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const lock = await FolderLock.take(path);
      if (lock || performance.now() > deadline) return lock;
      await delay(retryMs);
    }
  }

  async release(): Promise<void> {
    await this.#database.close();
  }
}

function isHeld(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  // The cause is made by native code, so it may be of another realm's Error class.
  return typeof cause === 'object' && (cause as { code?: unknown }).code === 'LEVEL_LOCKED';
}
