import type { Readable } from 'node:stream';
import type { Stored } from '@procurement/protocol';

/** What is kept under a hash. */
export interface Blob {
  /** Bytes. */
  readonly length: number;
  readonly stream: Readable;
}

/** Bytes under their SHA-256, whatever they are. Implementations: `folder-blobs`, `s3-blobs`. */
export interface Blobs {
  /**
   * Keeps a file whose bytes have this hash and length, so that they outlive a crash. The same
   * bytes again are the same.
   * @param file is moved, or read and left to the caller
   */
  keep(file: string, stored: Stored): Promise<void>;

  /** What is kept under a hash; undefined where nothing is. */
  find(ctHash: string): Promise<Blob | undefined>;

  /** Ends what connections there are. */
  close(): void;
}
