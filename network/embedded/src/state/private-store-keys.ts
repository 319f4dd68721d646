import {
  placeBytes,
  placeOfHistoryKey,
  tagged,
  uint64,
  type TransactionPlace,
} from './ledger-keys';
import type { CollectionAddress } from './private-rwset';

/** Where the private parts lie in a peer's database; the other tags are in `ledger-keys.ts`. */
const RECORD = 0x70; // p
const KEY_INDEX = 0x6b; // k
const EXPIRING = 0x65; // e
const MISSING = 0x75; // u
const PURGED = 0x67; // g

const PLACE_BYTES = 12;
const HASH_BYTES = 32;
/** After tag and block of an expiry key: what it is about. */
const KIND_AT = 1 + 8;
const KEY_KIND = 0x6b; // k
const RECORD_KIND = 0x72; // r

/** A range of keys. */
export interface KeyBounds {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

/** Private writes of one transaction in one collection. */
export interface RecordAddress extends CollectionAddress {
  readonly place: TransactionPlace;
}

/** The hash of a private key in its collection. */
export interface HashedKeyAddress extends CollectionAddress {
  /** SHA-256 of the key in lower-case hex. */
  readonly keyHash: string;
}

function collectionBytes({ namespace, collection }: CollectionAddress): Buffer {
  return Buffer.from(`${namespace}\0${collection}`, 'utf8');
}

function collectionOf(bytes: Buffer): CollectionAddress {
  const [namespace = '', collection = ''] = bytes.toString('utf8').split('\0');
  return { namespace, collection };
}

function recordBytes(address: RecordAddress): Buffer {
  return Buffer.concat([placeBytes(address.place), collectionBytes(address)]);
}

function recordOf(bytes: Buffer): RecordAddress {
  const place = placeOfHistoryKey(bytes.subarray(0, PLACE_BYTES));
  return { place, ...collectionOf(bytes.subarray(PLACE_BYTES)) };
}

function allOf(tag: number, start: Buffer): KeyBounds {
  const gte = tagged(tag, start);
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(HASH_BYTES + 2 * PLACE_BYTES, 0xff)]) };
}

/** Key of the private writes themselves. */
export function recordKey(address: RecordAddress): Buffer {
  return tagged(RECORD, recordBytes(address));
}

/** All private writes of a block, in the order of its transactions. */
export function recordsOfBlock(blockNumber: number): KeyBounds {
  return { gte: tagged(RECORD, uint64(blockNumber)), lt: tagged(RECORD, uint64(blockNumber + 1)) };
}

/** The address in a key that `recordKey`, `missingKey` made. */
export function addressOfRecordKey(key: Buffer): RecordAddress {
  return recordOf(key.subarray(1));
}

function hashedKeyBytes(address: HashedKeyAddress): Buffer {
  const hash = Buffer.from(address.keyHash, 'hex');
  return Buffer.concat([collectionBytes(address), Buffer.of(0), hash]);
}

/** Key of an entry that says where a private key was written. */
export function indexKey(address: HashedKeyAddress, place: TransactionPlace): Buffer {
  return tagged(KEY_INDEX, hashedKeyBytes(address), placeBytes(place));
}

/** All entries of one private key, oldest first. */
export function indexRange(address: HashedKeyAddress): KeyBounds {
  return allOf(KEY_INDEX, hashedKeyBytes(address));
}

/** Key that says a record leaves the store with a block. */
export function expiringRecordKey(expiryBlock: number, address: RecordAddress): Buffer {
  return tagged(EXPIRING, uint64(expiryBlock), Buffer.of(RECORD_KIND), recordBytes(address));
}

/** Key that says a private key leaves the state with a block, unless written since. */
export function expiringKey(
  expiryBlock: number,
  { address, writtenAt }: { address: HashedKeyAddress; writtenAt: number },
): Buffer {
  const hash = Buffer.from(address.keyHash, 'hex');
  const parts = [uint64(expiryBlock), Buffer.of(KEY_KIND), uint64(writtenAt), hash];
  return tagged(EXPIRING, ...parts, collectionBytes(address));
}

/** The record an expiry key is about, undefined when it is about a private key. */
export function expiringRecordOf(key: Buffer): RecordAddress | undefined {
  return key[KIND_AT] === RECORD_KIND ? recordOf(key.subarray(KIND_AT + 1)) : undefined;
}

/** The private key an expiry key is about, and the block that wrote the value. */
export function expiringKeyOf(
  key: Buffer,
): { address: HashedKeyAddress; writtenAt: number } | undefined {
  if (key[KIND_AT] !== KEY_KIND) return undefined;
  const hashAt = KIND_AT + 1 + 8;
  const keyHash = key.subarray(hashAt, hashAt + HASH_BYTES).toString('hex');
  return {
    address: { ...collectionOf(key.subarray(hashAt + HASH_BYTES)), keyHash },
    writtenAt: Number(key.readBigUInt64BE(KIND_AT + 1)),
  };
}

/** The block of an expiry key; undefined for another key. */
export function expiryBlockOf(key: Buffer): number | undefined {
  return key[0] === EXPIRING ? Number(key.readBigUInt64BE(1)) : undefined;
}

/** What leaves with a block and with all after it. */
export function expiringFrom(block: number): KeyBounds {
  return { gte: tagged(EXPIRING, uint64(block)), lt: Buffer.of(EXPIRING + 1) };
}

/** What leaves with one block. */
export function expiringAt(block: number): KeyBounds {
  return { gte: tagged(EXPIRING, uint64(block)), lt: tagged(EXPIRING, uint64(block + 1)) };
}

/** Key that says this peer should have private writes that nobody could give it. */
export function missingKey(address: RecordAddress): Buffer {
  return tagged(MISSING, recordBytes(address));
}

/** All private writes that are missing, oldest first. */
export const MISSING_RANGE: KeyBounds = { gte: Buffer.of(MISSING), lt: Buffer.of(MISSING + 1) };

/** Key of the place of the last purge of a private key. */
export function purgedKey(address: HashedKeyAddress): Buffer {
  return tagged(PURGED, hashedKeyBytes(address));
}
