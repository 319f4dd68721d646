/** What is kept outside the ledger, as whoever seals hands it over and asks for it again. */
import { type Stored, type StoreReceipt, STORES_OF_EACH } from '@procurement/protocol';
import { check } from './check';

/** The bid to which a store's receipt belongs. */
export interface KeptFor {
  readonly bidKey: string;
  readonly version: number;
}

/** A store of one organisation, however it is reached. */
export interface DocumentStore {
  /** The name under which it stands in the register. */
  readonly storeId: string;
  /** Keeps bytes under their SHA-256 and signs for them. */
  put(bytes: Uint8Array, about: KeptFor & Stored): Promise<StoreReceipt>;
}

/** A ciphertext with the hash and length by which stores know it. */
export interface Sealed extends Stored {
  readonly bytes: Uint8Array;
}

/**
 * Hands ciphertexts to two stores and gives the receipts of both for each, in this order. Whether
 * the signatures hold is for the ledger to check.
 * @throws {CheckFailed} where a store answers with a receipt for something else
 */
export async function keep(
  stores: readonly DocumentStore[],
  sealed: readonly Sealed[],
  bid: KeptFor,
): Promise<readonly StoreReceipt[]> {
  if (sealed.length > 0) requireTwo(stores);
  const receipts: StoreReceipt[] = [];
  for (const { bytes, ctHash, ctLen } of sealed) {
    for (const store of stores) {
      const receipt = await store.put(bytes, { ...bid, ctHash, ctLen });
      const isFor = receipt.ctHash === ctHash && receipt.ctLen === ctLen;
      check(isFor && receipt.store === store.storeId, `${store.storeId} signed for something else`);
      receipts.push(receipt);
    }
  }
  return receipts;
}

/** @throws {CheckFailed} unless there are two different stores */
export function requireTwo(stores: readonly DocumentStore[]): void {
  const names = new Set(stores.map(({ storeId }) => storeId));
  const isTwo = stores.length === STORES_OF_EACH && names.size === STORES_OF_EACH;
  check(isTwo, 'what is too long for the ledger needs two stores of different organisations');
}
