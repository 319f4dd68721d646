import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file that takes what a process prints. */
export interface LogFile {
  readonly path: string;
  /** Open for appending until the log is closed. */
  readonly descriptor: number;
  /** Appends; after the close, nothing. */
  write(text: string): void;
  close(): void;
}

const sizeMaxBytes = 8 * 1024 * 1024;

/** Where a system in this folder writes its logs. */
export function logFolderOf(folder: string): string {
  return join(folder, 'logs');
}

/**
 * Opens a log for appending, readable by its owner alone. One that has grown large is set aside
 * first, in place of the one set aside before.
 * @param folder of the whole system
 * @param name of the process that writes it
 */
export function openLog(folder: string, name: string): LogFile {
  mkdirSync(logFolderOf(folder), { recursive: true, mode: 0o700 });
  const path = join(logFolderOf(folder), `${name}.log`);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > sizeMaxBytes) renameSync(path, `${path}.old`);
  const descriptor = openSync(path, 'a', 0o600);
  let isOpen = true;
  return {
    path,
    descriptor,
    write: (text) => {
      if (isOpen) writeSync(descriptor, text);
    },
    close: () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}
