import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Stored } from '@procurement/protocol';
import type { StoreQuota } from '../config/store-settings';
import { errorCode } from '../error-code';
import { StoreRefused } from './store-errors';

/** Whose bids for which tender something is kept for. */
export interface StoreOwner {
  readonly tenderId: string;
  readonly vendorId: string;
}

/** Room that is held for something until it is kept, or is not. */
export interface Room {
  /** Writes down that it is kept. */
  use(): Promise<void>;
  /** Gives the room back, unless it was used. */
  release(): void;
}

/** What one vendor has had kept for one tender, and what is still coming in. */
interface Usage {
  /** Lengths by hash. */
  readonly kept: Map<string, number>;
  readonly coming: Set<Stored>;
}

const LINE = /^([\w-]{43}) ([0-9]{1,9})$/;

/**
 * Counts what each vendor has had kept for each tender, so that nobody fills a gateway's disk. One
 * file for each, a line for each ciphertext; a ciphertext that comes again counts once.
 */
export class StoreUsage {
  readonly #folder: string;
  readonly #quota: StoreQuota;
  readonly #usages = new Map<string, Promise<Usage>>();

  /** @param folder of the files; made where it is missing */
  constructor(folder: string, quota: StoreQuota) {
    this.#folder = folder;
    this.#quota = quota;
  }

  /**
   * Holds room before the first byte is read.
   * @throws StoreRefused STORE_QUOTA
   */
  async hold(owner: StoreOwner, stored: Stored): Promise<Room> {
    const file = path.join(this.#folder, owner.tenderId, owner.vendorId);
    const usage = await this.#usageIn(file);
    const held = { ...stored };
    this.#requireRoom(usage, held);
    usage.coming.add(held);
    const release = (): void => void usage.coming.delete(held);
    return {
      release,
      use: async () => {
        const isNew = !usage.kept.has(held.ctHash);
        if (isNew) await appendLine(file, `${held.ctHash} ${String(held.ctLen)}`);
        usage.kept.set(held.ctHash, held.ctLen);
        release();
      },
    };
  }

  /** What comes again takes no place among what is kept, but it does while it comes. */
  #requireRoom({ kept, coming }: Usage, held: Stored): void {
    const { bytes, count } = this.#quota;
    const present = kept.has(held.ctHash) ? [] : [...kept.values()];
    const lengths = [...present, ...[...coming].map(({ ctLen }) => ctLen), held.ctLen];
    const total = lengths.reduce((sum, length) => sum + length, 0);
    if (lengths.length > count || total > bytes)
      throw new StoreRefused('STORE_QUOTA', { ...this.#quota });
  }

  #usageIn(file: string): Promise<Usage> {
    const known = this.#usages.get(file);
    if (known) return known;
    const read = readUsage(file);
    this.#usages.set(file, read);
    // What the disk has failed to tell is asked again the next time.
    read.catch(() => this.#usages.delete(file));
    return read;
  }
}

async function readUsage(file: string): Promise<Usage> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  });
  // A line that a crash has cut short stands for nothing that was signed.
  const lines = text.split('\n').flatMap((line) => {
    const [, ctHash, ctLen] = LINE.exec(line) ?? [];
    return ctHash === undefined ? [] : [[ctHash, Number(ctLen)] as const];
  });
  return { kept: new Map(lines), coming: new Set() };
}

async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a', 0o600);
  try {
    // After what a crash has left of a line, this one begins anew.
    await handle.writeFile(`\n${line}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
