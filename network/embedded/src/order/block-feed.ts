import { common } from '@hyperledger/fabric-protos';

/** Blocks kept decoded, since most readers follow the tip. */
const recentBlocks = 16;

/** The blocks of one ledger as its readers see them: by number, and as they come. */
export class BlockFeed {
  readonly #read: (number: number) => Uint8Array;
  readonly #recent = new Map<number, common.Block>();
  readonly #listeners = new Set<(block: common.Block) => void>();
  #height: number;

  /**
   * @param parts.height number of blocks stored already
   * @param parts.read gives the stored bytes of a block below the height
   */
  constructor(parts: { height: number; read: (number: number) => Uint8Array }) {
    this.#height = parts.height;
    this.#read = parts.read;
  }

  /** Number of blocks; the newest block has the number `height - 1`. */
  get height(): number {
    return this.#height;
  }

  /** A stored block, shared by all its readers: do not change it. */
  block(number: number): common.Block {
    const recent = this.#recent.get(number);
    if (recent) return recent;
    return common.Block.deserializeBinary(this.#read(number));
  }

  /** Tells the readers about the next block, which must be stored by now. */
  announce(block: common.Block): void {
    const number = this.#height;
    this.#height = number + 1;
    this.#recent.set(number, block);
    this.#recent.delete(number - recentBlocks);
    for (const listener of [...this.#listeners]) listener(block);
  }

  /** Calls the listener for every block to come. @returns a function that ends it */
  onBlock(listener: (block: common.Block) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Waits until the block exists.
   * @returns false when the signal was aborted first
   */
  waitFor(number: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (number < this.#height) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (found: boolean): void => {
        unsubscribe();
        signal.removeEventListener('abort', onAbort);
        resolve(found);
      };
      const onAbort = (): void => {
        finish(false);
      };
      const unsubscribe = this.onBlock(() => {
        if (number < this.#height) finish(true);
      });
      signal.addEventListener('abort', onAbort);
    });
  }
}
