import { decodeBlock } from './block-decoder';
import type { LedgerBlock } from '../ledger/ledger.port';
import { tendersOf } from './trail-index';
import type { TrailEntry, TrailIndex } from './trail-index';

interface Waiter {
  readonly blockNumber: bigint;
  settle(reached: boolean): void;
}

/** The trail of every tender, kept in memory and filled from block 0 at each start. */
export class MemoryTrail implements TrailIndex {
  readonly #byTender = new Map<string, TrailEntry[]>();
  readonly #waiters = new Set<Waiter>();
  readonly #listeners: ((entry: TrailEntry) => void)[] = [];
  #next = 0n;

  /** Number of the first block that is not in the index yet. */
  get next(): bigint {
    return this.#next;
  }

  entries(tenderId: string): Promise<readonly TrailEntry[]> {
    return Promise.resolve([...(this.#byTender.get(tenderId) ?? [])]);
  }

  reached(blockNumber: bigint, timeoutMs: number): Promise<boolean> {
    if (blockNumber < this.#next) {
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const waiter: Waiter = {
        blockNumber,
        settle: (reached) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(reached);
        },
      };
      const timer = setTimeout(() => {
        waiter.settle(false);
      }, timeoutMs);
      timer.unref();
      this.#waiters.add(waiter);
    });
  }

  /** Has a listener hear every transaction as it comes into the index. */
  onEntry(listener: (entry: TrailEntry) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Takes the next block in.
   * @throws RangeError on a gap, after which the index would tell less than the truth
   */
  apply(block: LedgerBlock): void {
    if (block.number < this.#next) {
      return;
    }
    if (block.number > this.#next) {
      throw new RangeError(
        `block ${String(block.number)} came where ${String(this.#next)} was due`,
      );
    }
    for (const entry of decodeBlock(block.bytes)) {
      this.#add(entry);
      for (const listener of this.#listeners) listener(entry);
    }
    this.#next += 1n;
    for (const waiter of this.#waiters) {
      if (waiter.blockNumber < this.#next) {
        waiter.settle(true);
      }
    }
  }

  #add(entry: TrailEntry): void {
    for (const tenderId of tendersOf(entry)) {
      const entries = this.#byTender.get(tenderId) ?? [];
      entries.push(entry);
      this.#byTender.set(tenderId, entries);
    }
  }
}
