import { createReadStream } from 'node:fs';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Stored } from '@procurement/protocol';
import { errorCode } from '../error-code';
import type { Blob, Blobs } from './blobs';

/** {@link Blobs} as files of a folder, each named by its hash, for the gateway's user alone. */
export class FolderBlobs implements Blobs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async keep(file: string, { ctHash }: Stored): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await rename(file, this.#fileOf(ctHash));
    // The new name has to be on the disk too, or a crash would lose what was signed for.
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async find(ctHash: string): Promise<Blob | undefined> {
    const file = this.#fileOf(ctHash);
    try {
      const { size } = await stat(file);
      return { length: size, stream: createReadStream(file) };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  close(): void {
    // Nothing is open between two calls.
  }

  #fileOf(ctHash: string): string {
    return path.join(this.#folder, ctHash);
  }
}
