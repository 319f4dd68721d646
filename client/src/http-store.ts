/** The store of an organisation's gateway, as it stands in the ledger's register. */
import {
  type Stored,
  type StoreReceipt,
  storeReceiptMessage,
  type StoreRecord,
} from '@procurement/protocol';
import { check } from './check';
import type { DocumentStore, KeptFor } from './document-store';
import type { SignedApi } from './signed-api';
import { isSignedWith } from './signing/signer';

/** {@link DocumentStore} over HTTP, for a person who signs in with the own key. */
export class HttpStore implements DocumentStore {
  readonly #record: StoreRecord;
  readonly #api: SignedApi;

  /**
   * @param record the store's entry in the register
   * @param api a connection to the address in it
   */
  constructor(record: StoreRecord, api: SignedApi) {
    this.#record = record;
    this.#api = api;
  }

  get storeId(): string {
    return this.#record.storeId;
  }

  /**
   * Keeps bytes and checks what was signed for them, as the ledger will.
   * @throws {CheckFailed} where the receipt is not signed by the store's registered key
   * @throws {ApiProblem | ApiUnreachable}
   */
  async put(bytes: Uint8Array, about: KeptFor & Stored): Promise<StoreReceipt> {
    const receipt = await this.#api.keepStored(bytes, about);
    const { bidKey, version, ctHash, ctLen } = about;
    const isSigned = await isSignedWith({
      publicKey: this.#record.publicKey,
      message: storeReceiptMessage({ ...this.#api.ledger, bidKey, version, ctHash, ctLen }),
      signature: receipt.signature,
    });
    check(isSigned, `${this.storeId} did not sign with the key that it has registered`);
    return receipt;
  }

  /** @throws {ApiProblem | ApiUnreachable} */
  async get(stored: Stored): Promise<Uint8Array> {
    return this.#api.stored(stored);
  }
}
