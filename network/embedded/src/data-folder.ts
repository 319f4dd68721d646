import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderLock } from '../../machine/folder-lock';
import { textOf } from '../../machine/text-of';
import { LedgerCorruptError } from './state/ledger';

/** Format of the folder's content; raised when an older one can no longer be read. */
const formatVersion = 'embedded-network 2\n';

/** Which fault a folder has. */
export type DataFolderFault =
  'FOLDER_IN_USE' | 'FOLDER_FORMAT' | 'FOLDER_UNUSABLE' | 'LEDGER_CORRUPT';

/** A data folder that cannot be used: one sentence that says why, and one what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code: DataFolderFault;

  constructor(code: DataFolderFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A folder held by this process: no other can start on it until it is released or we die. */
export class DataFolder {
  readonly path: string;
  readonly #lock: FolderLock;

  private constructor(path: string, lock: FolderLock) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Takes the folder, making it if need be.
   * @throws DataFolderError when another process holds it, when it was written in another format,
   *   or when it cannot be written
   */
  static async open(path: string): Promise<DataFolder> {
    await makeFolder(path);
    const lock = await takeLock(path);
    try {
      await checkFormat(path);
      await writeFile(pidFile(path), String(process.pid));
      return new DataFolder(path, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Path of something in the folder. */
  at(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  async release(): Promise<void> {
    await this.#lock.release();
  }
}

/**
 * Opens a part of the folder, and says what to do when its blocks are damaged.
 * @param advice a whole sentence
 * @throws DataFolderError for a LedgerCorruptError; anything else as it is
 */
export async function openOrAdvise<T>(open: () => Promise<T>, advice: string): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof LedgerCorruptError)) throw error;
    throw new DataFolderError('LEDGER_CORRUPT', `${error.message} ${advice}`, { cause: error });
  }
}

function pidFile(path: string): string {
  return join(path, 'lock.pid');
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(path, error);
  }
}

async function takeLock(path: string): Promise<FolderLock> {
  const lock = await FolderLock.take(join(path, 'lock')).catch((error: unknown) => {
    throw unusable(path, error);
  });
  if (lock) return lock;
  const holder = await readFile(pidFile(path), 'utf8').catch(() => 'unknown');
  throw new DataFolderError(
    'FOLDER_IN_USE',
    `The data folder ${path} is in use by process ${holder}. ` +
      'Stop that process, or choose another folder.',
  );
}

async function checkFormat(path: string): Promise<void> {
  const file = join(path, 'FORMAT');
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === undefined) {
    await writeFile(file, formatVersion).catch((error: unknown) => {
      throw unusable(path, error);
    });
    return;
  }
  if (found === formatVersion) return;
  throw new DataFolderError(
    'FOLDER_FORMAT',
    `The data folder ${path} has the format "${found.trim()}", but this version reads ` +
      `"${formatVersion.trim()}". Choose another folder, or run the version that wrote it.`,
  );
}

function unusable(path: string, error: unknown): DataFolderError {
  return new DataFolderError(
    'FOLDER_UNUSABLE',
    `The data folder ${path} cannot be used: ${textOf(error)}. ` +
      'Make it writable, or choose another folder.',
    { cause: error },
  );
}
