import { common } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import { sha256 } from '@procurement/network/messages/signer';

/** Where a transaction stands and what the peer decided about it. */
export interface Placed {
  readonly code: number;
  readonly block: number;
}

/** Everything that one peer has committed, as its stream of blocks tells. */
export class LedgerWatch {
  readonly blocks: common.Block[] = [];
  readonly #placed = new Map<string, Placed[]>();
  #waiting: (() => void)[] = [];
  #failure: Error | undefined;

  /** @param messages a peer's stream of whole blocks from block 0 on, without an end */
  constructor(messages: AsyncIterable<peer.DeliverResponse>) {
    void this.#read(messages);
  }

  /** How often these bytes are on the ledger so far. */
  countOf(envelope: Uint8Array): number {
    return this.#placed.get(keyOf(envelope))?.length ?? 0;
  }

  /** Waits until an envelope is on the ledger for the `nth` time (from 1). */
  async placed(envelope: Uint8Array, nth: number): Promise<Placed> {
    const key = keyOf(envelope);
    return this.#until(() => this.#placed.get(key)?.[nth - 1]);
  }

  /** Waits for a block. */
  async block(number: number): Promise<common.Block> {
    return this.#until(() => this.blocks[number]);
  }

  async #until<Value>(find: () => Value | undefined): Promise<Value> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #read(messages: AsyncIterable<peer.DeliverResponse>): Promise<void> {
    try {
      for await (const message of messages) {
        const block = message.getBlock();
        if (!block) throw new Error(`the stream of blocks ended with ${message.getStatus()}`);
        this.#take(block);
      }
      throw new Error('the stream of blocks ended');
    } catch (error) {
      this.#failure = error as Error;
      this.#wake();
    }
  }

  #take(block: common.Block): void {
    const number = block.getHeader()?.getNumber() ?? 0;
    const flags = block.getMetadata()?.getMetadataList_asU8()[2] ?? Buffer.of();
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    for (const [index, envelope] of envelopes.entries()) {
      const key = keyOf(envelope);
      const places = this.#placed.get(key) ?? [];
      places.push({ code: flags[index] ?? -1, block: number });
      this.#placed.set(key, places);
    }
    this.blocks[number] = block;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function keyOf(envelope: Uint8Array): string {
  return sha256(envelope).toString('hex');
}
