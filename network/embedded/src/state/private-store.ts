import type { LedgerDatabase, Operation } from './ledger-check';
import { placeBytes, placeOfHistoryKey, type TransactionPlace } from './ledger-keys';
import { decodePrivateWrites, encodePrivateWrites, type PrivateWrites } from './private-rwset';
import {
  MISSING_RANGE,
  addressOfRecordKey,
  expiringAt,
  expiringFrom,
  expiringKey,
  expiringKeyOf,
  expiringRecordKey,
  expiringRecordOf,
  expiryBlockOf,
  indexKey,
  indexRange,
  missingKey,
  purgedKey,
  recordKey,
  recordsOfBlock,
  type HashedKeyAddress,
  type RecordAddress,
} from './private-store-keys';
import { hashedKey } from './rwset-builder';

/** Private writes of one transaction in one collection, as this peer keeps them. */
export interface PrivateRecord extends RecordAddress {
  /** Serialized `kvrwset.KVRWSet`, without what was purged since. */
  readonly rwset: Buffer;
}

/** A private key whose time is over, unless it was written since. */
export interface ExpiringKey {
  readonly address: HashedKeyAddress;
  /** Block that wrote the value. */
  readonly writtenAt: number;
  /** The key itself, '' where this peer knows only its hash. */
  readonly key: string;
}

/** Everything that leaves with a block. */
export interface Expiring {
  readonly keys: readonly ExpiringKey[];
  /** Remove the records that leave, and the notes about what leaves. */
  readonly operations: readonly Operation[];
}

const EMPTY = Buffer.alloc(0);

function put(key: Buffer, value: Buffer): Operation {
  return { type: 'put', key, value };
}

function keyIndex(
  { place, namespace, collection }: RecordAddress,
  { writes }: PrivateWrites,
): Operation[] {
  return writes.map(({ key }) => {
    const address = { namespace, collection, keyHash: hashedKey(key) };
    return put(indexKey(address, place), Buffer.from(key, 'utf8'));
  });
}

/**
 * The private write sets of one peer by block and transaction, of valid and invalid ones
 * (Fabric: `core/ledger/pvtdatastorage`). Changes are made as operations for the batch of a block.
 */
export class PrivateStore {
  readonly #database: LedgerDatabase;
  /** The first block with which something leaves; undefined = not looked for yet. */
  #firstExpiry: number | undefined;

  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  /** What is kept of a block, by the position of the transaction. */
  async recordsOf(blockNumber: number): Promise<PrivateRecord[]> {
    const entries = await this.#database.iterator(recordsOfBlock(blockNumber)).all();
    return entries.map(([key, rwset]) => ({ ...addressOfRecordKey(key), rwset }));
  }

  /** The private writes at one place, undefined when they are not (or no longer) kept. */
  record(address: RecordAddress): Buffer | undefined {
    return this.#database.getSync(recordKey(address));
  }

  /** Where a private key was written, oldest first, and the key itself. */
  async placesOf(address: HashedKeyAddress): Promise<{ place: TransactionPlace; key: string }[]> {
    const entries = await this.#database.iterator(indexRange(address)).all();
    return entries.map(([key, plain]) => ({
      place: placeOfHistoryKey(key),
      key: plain.toString('utf8'),
    }));
  }

  /** Where a private key was purged last. */
  purgedAt(address: HashedKeyAddress): TransactionPlace | undefined {
    const bytes = this.#database.getSync(purgedKey(address));
    return bytes && placeOfHistoryKey(bytes);
  }

  /** Addresses of private writes that this peer should have and has not, oldest first. */
  async missing(): Promise<RecordAddress[]> {
    return (await this.#database.keys(MISSING_RANGE).all()).map(addressOfRecordKey);
  }

  /** Hears what is written; an expiry that comes earlier than those before is noted. */
  note(operations: readonly Operation[]): void {
    if (this.#firstExpiry === undefined) return;
    for (const { type, key } of operations) {
      const expiry = type === 'put' ? expiryBlockOf(key) : undefined;
      if (expiry !== undefined) this.#firstExpiry = Math.min(this.#firstExpiry, expiry);
    }
  }

  /** What leaves with a block. */
  async expiring(block: number): Promise<Expiring> {
    // Most blocks have nothing that leaves, and to ask the database costs more than the rest.
    this.#firstExpiry ??= await this.#lookForExpiry(block);
    if (block < this.#firstExpiry) return { keys: [], operations: [] };
    this.#firstExpiry = undefined;
    const entries = await this.#database.iterator(expiringAt(block)).all();
    const operations = entries.map(([key]): Operation => ({ type: 'del', key }));
    const keys: ExpiringKey[] = [];
    for (const [note, plain] of entries) {
      const record = expiringRecordOf(note);
      if (record) operations.push(...this.#remove(record));
      const key = expiringKeyOf(note);
      if (key) keys.push({ ...key, key: plain.toString('utf8') });
    }
    return { keys, operations };
  }

  async #lookForExpiry(from: number): Promise<number> {
    const [first] = await this.#database.keys({ ...expiringFrom(from), limit: 1 }).all();
    return (first && expiryBlockOf(first)) ?? Number.MAX_SAFE_INTEGER;
  }

  #remove(address: RecordAddress): Operation[] {
    const rwset = this.record(address);
    if (!rwset) return [{ type: 'del', key: missingKey(address) }];
    const index = keyIndex(address, decodePrivateWrites(rwset));
    return [recordKey(address), ...index.map(({ key }) => key)].map((key) => ({
      type: 'del',
      key,
    }));
  }
}

/**
 * Keeps private writes.
 * @param expiryBlock block that removes them again, undefined = none
 */
export function keepRecord(
  address: RecordAddress,
  writes: PrivateWrites,
  expiryBlock: number | undefined,
): Operation[] {
  const operations = [
    put(recordKey(address), Buffer.from(encodePrivateWrites(writes))),
    ...keyIndex(address, writes),
  ];
  if (expiryBlock !== undefined) {
    operations.push(put(expiringRecordKey(expiryBlock, address), EMPTY));
  }
  return operations;
}

/** Replaces kept private writes by what a purge leaves of them. */
export function trimRecord(address: RecordAddress, writes: PrivateWrites): Operation {
  return put(recordKey(address), Buffer.from(encodePrivateWrites(writes)));
}

/** Notes that private writes are missing. */
export function noteMissing(address: RecordAddress, expiryBlock: number | undefined): Operation[] {
  const operations = [put(missingKey(address), EMPTY)];
  if (expiryBlock !== undefined) {
    operations.push(put(expiringRecordKey(expiryBlock, address), EMPTY));
  }
  return operations;
}

/** Notes that private writes are missing no more. */
export function forgetMissing(address: RecordAddress): Operation {
  return { type: 'del', key: missingKey(address) };
}

/** Notes when a private key leaves the state. */
export function scheduleKey(expiryBlock: number, { key, ...what }: ExpiringKey): Operation {
  return put(expiringKey(expiryBlock, what), Buffer.from(key, 'utf8'));
}

/** Forgets where a private key was written. */
export function forgetPlace(address: HashedKeyAddress, place: TransactionPlace): Operation {
  return { type: 'del', key: indexKey(address, place) };
}

/** Notes the last purge of a private key, for private writes that come later than they should. */
export function notePurge(address: HashedKeyAddress, place: TransactionPlace): Operation {
  return put(purgedKey(address), placeBytes(place));
}
