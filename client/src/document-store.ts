/** What is kept outside the ledger, as whoever seals hands it over and asks for it again. */
import {
  type CommandInput,
  type Stored,
  type StoreReceipt,
  STORES_OF_EACH,
  toBase64url,
} from '@procurement/protocol';
import { sha256Of } from '@procurement/protocol/fabric';
import type { Envelope } from '@procurement/sealed';
import { check, CheckFailed } from './check';

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
  /** What is kept under a hash; whether it is what was asked for is for {@link fetchStored}. */
  get(stored: Stored): Promise<Uint8Array>;
}

/** A ciphertext with the hash and length by which stores know it. */
export interface Ciphertext extends Stored {
  readonly bytes: Uint8Array;
}

/**
 * Hands ciphertexts to two stores and gives the receipts of both for each, in this order.
 * @throws {CheckFailed} where a store answers with a receipt for something else
 */
export async function keep(
  stores: readonly DocumentStore[],
  ciphertexts: readonly Ciphertext[],
  bid: KeptFor,
): Promise<readonly StoreReceipt[]> {
  if (ciphertexts.length > 0) requireTwo(stores.map(({ storeId }) => storeId));
  const receipts: StoreReceipt[] = [];
  for (const { bytes, ctHash, ctLen } of ciphertexts) {
    for (const store of stores) {
      const receipt = await store.put(bytes, { ...bid, ctHash, ctLen });
      const isFor = receipt.ctHash === ctHash && receipt.ctLen === ctLen;
      check(isFor && receipt.store === store.storeId, `${store.storeId} signed for something else`);
      receipts.push(receipt);
    }
  }
  return receipts;
}

/** @throws {CheckFailed} unless these are two different names */
export function requireTwo(storeIds: readonly string[]): void {
  const isTwo = storeIds.length === STORES_OF_EACH && new Set(storeIds).size === STORES_OF_EACH;
  check(isTwo, 'what is too long for the ledger needs two stores of different organisations');
}

/**
 * A ciphertext out of the first of these stores that has it, held against its hash and length.
 * @throws what the last store threw, or {CheckFailed} where it gave something else
 */
export async function fetchStored(
  stores: readonly DocumentStore[],
  stored: Stored,
): Promise<Uint8Array> {
  let failure: unknown = new CheckFailed('no store has signed for it');
  for (const store of stores) {
    try {
      const bytes = await store.get(stored);
      check(await isStored(bytes, stored), `${store.storeId} gave something else than asked for`);
      return bytes;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** What a submission keeps in stores: its documents, and the bid itself where the envelope says so. */
export function storedOf(
  submission: Pick<CommandInput<'bid:submit'>, 'documents' | 'envelope'>,
): readonly Stored[] {
  const { documents = [], envelope } = submission;
  const { ref, ctHash, ctLen } = envelope as Envelope;
  return [...documents, ...(ref === undefined ? [] : [{ ctHash, ctLen }])];
}

/** Whether bytes have this length and hash. */
export async function isStored(bytes: Uint8Array, { ctHash, ctLen }: Stored): Promise<boolean> {
  if (bytes.length !== ctLen) return false;
  return toBase64url(await sha256Of(bytes)) === ctHash;
}
