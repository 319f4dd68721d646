/** Opened bids: the sealed text as raw bytes, exactly as it came out of its envelope. */
import { fromUtf8 } from '@procurement/protocol';
import type { KeyPart } from './keys';
import type { State } from './state';

/** Texts of opened bids by tender, lot and vendor. */
export class BidDocuments {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** The text under a key; undefined where the bid did not open. */
  async find(...parts: readonly KeyPart[]): Promise<string | undefined> {
    const bytes = await this.#state.get({ kind: 'bidDocument', parts });
    return bytes === undefined ? undefined : fromUtf8(bytes);
  }

  /** Keeps the bytes of an opened bid; a bid opens once. */
  async put(bytes: Uint8Array, ...parts: readonly KeyPart[]): Promise<void> {
    await this.find(...parts);
    await this.#state.put({ kind: 'bidDocument', parts }, bytes);
  }
}
