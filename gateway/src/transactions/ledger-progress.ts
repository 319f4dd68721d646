import { Injectable } from '@nestjs/common';

/** The highest block that this gateway has been told of, so that readers can wait for it. */
@Injectable()
export class LedgerProgress {
  #highest = -1n;

  /** Number of that block; -1 while there is none. */
  get highest(): bigint {
    return this.#highest;
  }

  /** Notes that a block with this number is committed. */
  seen(blockNumber: bigint): void {
    if (blockNumber > this.#highest) {
      this.#highest = blockNumber;
    }
  }
}
