/**
 * Where things are in a peer's database. One LevelDB holds everything so that one batch can write
 * a block with all its effects; the first byte of a key says which part it belongs to.
 */

const BLOCK = 0x62; // b
const HASH = 0x68; // h
const TRANSACTION = 0x74; // t
const STATE = 0x73; // s
const HISTORY = 0x79; // y
const META = 0x6d; // m
const TRANSIENT = 0x78; // x

/** The record with height, last block hash and commit hash. */
export const HEIGHT_KEY = Buffer.from([META, 0x68]);
/** The record with the version of this layout. */
export const FORMAT_KEY = Buffer.from([META, 0x66]);
/** Version of this layout; a ledger of another one is refused. */
export const FORMAT = 1;

/** A key in the part of the database that the tag names. */
export function tagged(tag: number, ...parts: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(tag), ...parts]);
}

/** Eight bytes, highest first. */
export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Key of a block; blocks lie in the order of their numbers. */
export function blockKey(number: number): Buffer {
  return tagged(BLOCK, uint64(number));
}

/** Number of the block a key belongs to. */
export function blockNumberOfKey(key: Uint8Array): number {
  return Number(Buffer.from(key).readBigUInt64BE(1));
}

/** From the first block key up to, not including, the end. */
export const BLOCK_RANGE = { gte: Buffer.of(BLOCK), lt: Buffer.of(BLOCK + 1) } as const;

/** Key of the block number of a header hash. */
export function hashKey(hash: Uint8Array): Buffer {
  return tagged(HASH, hash);
}

/** Key of the place of a transaction. */
export function transactionKey(transactionId: string): Buffer {
  return tagged(TRANSACTION, Buffer.from(transactionId, 'utf8'));
}

/** Key of a value; a namespace holds no U+0000, so it ends the namespace. */
export function stateKey(namespace: string, key: string): Buffer {
  const name = Buffer.byteLength(namespace, 'utf8');
  const bytes = Buffer.allocUnsafe(2 + name + Buffer.byteLength(key, 'utf8'));
  bytes[0] = STATE;
  bytes.write(namespace, 1, 'utf8');
  bytes[1 + name] = 0;
  bytes.write(key, 2 + name, 'utf8');
  return bytes;
}

/** Just after the last key of a namespace. */
export function stateEnd(namespace: string): Buffer {
  return tagged(STATE, Buffer.from(namespace, 'utf8'), Buffer.of(1));
}

/** The key a state key was made of. */
export function keyOfStateKey(namespace: string, bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    2 + Buffer.byteLength(namespace, 'utf8'),
  );
}

/** All values. */
export const STATE_RANGE = { gte: Buffer.of(STATE), lt: Buffer.of(STATE + 1) } as const;

/** Namespace and key that a state key was made of. */
export function addressOfStateKey(bytes: Buffer): { namespace: string; key: string } {
  const end = bytes.indexOf(0);
  return { namespace: bytes.toString('utf8', 1, end), key: bytes.toString('utf8', end + 1) };
}

/** Common start of the history entries of one key. */
function historyPrefix(namespace: string, key: string): Buffer {
  const keyBytes = Buffer.from(key, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(keyBytes.length);
  return tagged(HISTORY, Buffer.from(namespace, 'utf8'), Buffer.of(0), length, keyBytes);
}

/** Place of a transaction in the ledger. */
export interface TransactionPlace {
  readonly blockNumber: number;
  readonly index: number;
}

/** Key that says a transaction wrote a key. */
export function historyKey(
  { namespace, key }: { namespace: string; key: string },
  place: TransactionPlace,
): Buffer {
  const index = Buffer.alloc(4);
  index.writeUInt32BE(place.index);
  return Buffer.concat([historyPrefix(namespace, key), uint64(place.blockNumber), index]);
}

/** All history entries of one key. */
export function historyRange(namespace: string, key: string): { gte: Buffer; lt: Buffer } {
  const gte = historyPrefix(namespace, key);
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(13, 0xff)]) };
}

/** The place in the last twelve bytes of a history key. */
export function placeOfHistoryKey(key: Uint8Array): TransactionPlace {
  const bytes = Buffer.from(key);
  return {
    blockNumber: Number(bytes.readBigUInt64BE(bytes.length - 12)),
    index: bytes.readUInt32BE(bytes.length - 4),
  };
}

/** Twelve bytes of a place, in the order of the ledger. */
export function placeBytes({ blockNumber, index }: TransactionPlace): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(blockNumber));
  bytes.writeUInt32BE(index, 8);
  return bytes;
}

/** Everything that waits for the commit of one transaction. */
export function transientRange(transactionId: string): { gte: Buffer; lt: Buffer } {
  const gte = tagged(TRANSIENT, Buffer.from(transactionId, 'utf8'), Buffer.of(0));
  return { gte, lt: Buffer.concat([gte.subarray(0, -1), Buffer.of(1)]) };
}

/** Everything that waits for a commit. */
export const TRANSIENT_RANGE = { gte: Buffer.of(TRANSIENT), lt: Buffer.of(TRANSIENT + 1) } as const;
