/** What is kept outside the ledger, and whether enough stores have signed for it. */
import {
  type CommandInput,
  Reject,
  type Stored,
  type StoreReceipt,
  type StoreRecord,
  STORES_OF_EACH,
} from '@procurement/protocol';

/** Everything that a submission keeps in stores, and what was signed for it. */
export interface Kept {
  /** The envelope as it came, before any of its checks. */
  readonly envelope: object;
  readonly documents: readonly Stored[];
  readonly receipts: readonly StoreReceipt[];
}

/** What a submission says of stores. */
export function keptOf(command: CommandInput<'bid:submit'>): Kept {
  const { envelope, documents = [], receipts = [] } = command;
  return { envelope: envelope as object, documents, receipts };
}

/**
 * Refuses a second store of an organisation, and one whose id or key another organisation's has.
 * The same store, by id and key, may come again with another address.
 * @throws {Reject} EXISTS
 */
export function requireFreeStore(stores: readonly StoreRecord[], made: StoreRecord): void {
  const { storeId, publicKey, mspId } = made;
  for (const store of stores) {
    const hasId = store.storeId === storeId;
    const hasKey = store.publicKey === publicKey;
    const isOwn = store.mspId === mspId;
    if (isOwn && hasId && hasKey) continue;
    if (isOwn) throw new Reject('EXISTS', { kind: 'store', id: mspId });
    if (hasId || hasKey) throw new Reject('EXISTS', { kind: 'store', id: storeId });
  }
}

/**
 * The store that is to have another key.
 * @throws {Reject} NOT_FOUND where there is no such store, EXISTS where one has the key already
 */
export function requireStoreWithout(
  stores: readonly StoreRecord[],
  { storeId, publicKey }: Pick<StoreRecord, 'storeId' | 'publicKey'>,
): StoreRecord {
  const store = stores.find((one) => one.storeId === storeId);
  if (store === undefined) throw new Reject('NOT_FOUND', { kind: 'store', id: storeId });
  const holder = stores.find((one) => one.publicKey === publicKey);
  if (holder !== undefined) throw new Reject('EXISTS', { kind: 'store', id: holder.storeId });
  return store;
}

/**
 * Refuses unless two stores of different organisations have signed for each ciphertext outside the
 * ledger, and those of the envelope are the ones that it names. A receipt too many is refused too.
 * @param isSigned whether the store's key has signed this receipt for this version of this bid
 * @throws {Reject} RECEIPT
 */
export function requireReceipts(
  kept: Kept,
  stores: readonly StoreRecord[],
  isSigned: (receipt: StoreReceipt, store: StoreRecord) => boolean,
): void {
  const { ctHash, ctLen, ref } = kept.envelope as Readonly<Record<string, unknown>>;
  const isByRef = Object.hasOwn(kept.envelope, 'ref');
  const due = [...kept.documents, ...(isByRef ? [{ ctHash, ctLen } as Stored] : [])];
  const hashes = due.map((one) => one.ctHash);
  requireThat(new Set(hashes).size === hashes.length, 'documents');
  requireThat(kept.receipts.length === due.length * STORES_OF_EACH, 'receipts');
  for (const receipt of kept.receipts) {
    const store = stores.find(({ storeId }) => storeId === receipt.store);
    requireThat(store !== undefined, receipt.store);
    requireThat(isSigned(receipt, store), receipt.store);
  }
  for (const stored of due) requireThat(isKeptTwice(stored, kept.receipts), 'receipts');
  if (isByRef)
    requireThat(isNamed(ref, receiptsOf({ ctHash, ctLen } as Stored, kept.receipts)), 'ref');
}

function receiptsOf(stored: Stored, receipts: readonly StoreReceipt[]): readonly StoreReceipt[] {
  return receipts.filter(({ ctHash, ctLen }) => ctHash === stored.ctHash && ctLen === stored.ctLen);
}

/** One store for each organisation, so different stores are different organisations. */
function isKeptTwice(stored: Stored, receipts: readonly StoreReceipt[]): boolean {
  const names = receiptsOf(stored, receipts).map(({ store }) => store);
  return names.length === STORES_OF_EACH && new Set(names).size === STORES_OF_EACH;
}

function isNamed(ref: unknown, receipts: readonly StoreReceipt[]): boolean {
  if (!Array.isArray(ref) || ref.length !== STORES_OF_EACH) return false;
  return receipts.every(({ store }) => ref.includes(store));
}

function requireThat(condition: boolean, item: string): asserts condition {
  if (!condition) throw new Reject('RECEIPT', { item });
}
