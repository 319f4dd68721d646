import type { ClassicLevel } from 'classic-level';
import { common } from '@hyperledger/fabric-protos';
import { blockDataHash, blockHeaderHash, headerParts } from './block-hashes';
import {
  BLOCK_RANGE,
  FORMAT,
  FORMAT_KEY,
  HEIGHT_KEY,
  blockNumberOfKey,
  uint64,
} from './ledger-keys';

/** The database of a ledger. */
export type LedgerDatabase = ClassicLevel<Buffer, Buffer>;

/** One change of the database. */
export type Operation =
  | { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: Buffer };

/** A ledger that cannot be trusted any more; the message says what is wrong and where. */
export class LedgerCorruptError extends Error {
  override readonly name = 'LedgerCorruptError';
  /** Folder of the ledger. */
  readonly folder: string;

  constructor(folder: string, reason: string) {
    super(`The ledger in ${folder} is damaged: ${reason}.`);
    this.folder = folder;
  }
}

/** Where a ledger stands. */
export interface LedgerTip {
  readonly height: number;
  readonly lastBlockHash: Buffer;
  readonly commitHash: Buffer;
}

const HASH_BYTES = 32;
const NO_HASH = Buffer.alloc(0);

/** Bytes of the height record: height (8), header hash (32), commit hash (0 or 32). */
export function encodeTip({ height, lastBlockHash, commitHash }: LedgerTip): Buffer {
  return Buffer.concat([uint64(height), lastBlockHash, commitHash]);
}

function decodeTip(bytes: Buffer): LedgerTip | undefined {
  const commitHash = bytes.subarray(8 + HASH_BYTES);
  const sound = bytes.length >= 8 + HASH_BYTES && commitHash.length % HASH_BYTES === 0;
  if (!sound) return undefined;
  return {
    height: Number(bytes.readBigUInt64BE()),
    lastBlockHash: bytes.subarray(8, 8 + HASH_BYTES),
    commitHash,
  };
}

/** Where a transaction is and what became of it. */
export interface TransactionRecord {
  readonly blockNumber: number;
  readonly index: number;
  readonly validationCode: number;
}

/** Bytes of an entry of the transaction index: block (8), position (4), code (1). */
export function encodePlace({ blockNumber, index, validationCode }: TransactionRecord): Buffer {
  const rest = Buffer.alloc(5);
  rest.writeUInt32BE(index);
  rest.writeUInt8(validationCode, 4);
  return Buffer.concat([uint64(blockNumber), rest]);
}

/** The entry `encodePlace` wrote. */
export function decodePlace(bytes: Buffer): TransactionRecord {
  return {
    blockNumber: Number(bytes.readBigUInt64BE()),
    index: bytes.readUInt32BE(8),
    validationCode: bytes.readUInt8(12),
  };
}

function readBlock(bytes: Buffer): common.Block | undefined {
  try {
    const block = common.Block.deserializeBinary(bytes);
    return block.hasHeader() && block.hasData() ? block : undefined;
  } catch {
    return undefined;
  }
}

/** Header hash of a block whose content fits its header, or what is wrong with it. */
function checkBlock(
  bytes: Buffer,
  expected: { number: number; previousHash: Buffer },
): { hash: Buffer } | { fault: string } {
  const name = `block ${String(expected.number)}`;
  const block = readBlock(bytes);
  if (!block) return { fault: `${name} cannot be read` };
  const header = headerParts(block);
  if (header.number !== expected.number) {
    return { fault: `${name} carries the number ${String(header.number)}` };
  }
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  if (!blockDataHash(envelopes).equals(header.dataHash)) {
    return { fault: `the transactions of ${name} do not match its data hash` };
  }
  if (!expected.previousHash.equals(header.previousHash)) {
    return { fault: `${name} does not continue the chain of the blocks before it` };
  }
  return { hash: blockHeaderHash(header) };
}

async function walkBlocks(
  database: LedgerDatabase,
  folder: string,
): Promise<{ height: number; hash: Buffer }> {
  let height = 0;
  let hash: Buffer = NO_HASH;
  for await (const [key, bytes] of database.iterator(BLOCK_RANGE)) {
    if (blockNumberOfKey(key) !== height) {
      throw new LedgerCorruptError(folder, `block ${String(height)} is missing`);
    }
    const checked = checkBlock(bytes, { number: height, previousHash: hash });
    if ('fault' in checked) throw new LedgerCorruptError(folder, checked.fault);
    hash = checked.hash;
    height += 1;
  }
  return { height, hash };
}

async function isEmpty(database: LedgerDatabase): Promise<boolean> {
  const keys = await database.keys({ limit: 1 }).all();
  return keys.length === 0;
}

function checkFormat(database: LedgerDatabase, folder: string): void {
  const format = database.getSync(FORMAT_KEY)?.[0];
  if (format === FORMAT) return;
  const found = format === undefined ? 'no format version' : `format version ${String(format)}`;
  throw new LedgerCorruptError(folder, `it has ${found}, this program reads ${String(FORMAT)}`);
}

/**
 * Reads where a ledger stands and checks that every block up to there is present, readable and
 * chained to the one before.
 * @throws LedgerCorruptError naming the block or record at fault
 */
export async function inspectLedger(database: LedgerDatabase, folder: string): Promise<LedgerTip> {
  if (await isEmpty(database)) return { height: 0, lastBlockHash: NO_HASH, commitHash: NO_HASH };
  const record = database.getSync(HEIGHT_KEY);
  if (!record) throw new LedgerCorruptError(folder, 'the record of its height is missing');
  const tip = decodeTip(record);
  if (!tip) throw new LedgerCorruptError(folder, 'the record of its height cannot be read');
  checkFormat(database, folder);
  const { height, hash } = await walkBlocks(database, folder);
  if (height !== tip.height) {
    const blocks = `it holds ${String(height)} blocks`;
    throw new LedgerCorruptError(folder, `${blocks}, its height is ${String(tip.height)}`);
  }
  if (!hash.equals(tip.lastBlockHash)) {
    throw new LedgerCorruptError(folder, 'its newest block is not the one on record');
  }
  return tip;
}
