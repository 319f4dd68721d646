import { common } from '@hyperledger/fabric-protos';
import { blockHeaderHash, headerParts } from '../state/block-hashes';
import { parseTransaction, type ParsedTransaction } from './parsed-transaction';

/** Everything about a block that every peer would work out alike. */
export interface ParsedBlock {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly headerHash: Buffer;
  readonly transactions: readonly ParsedTransaction[];
  /** Serialized fields 1 and 2 (header and data) of `common.Block`. */
  readonly headerAndData: Buffer;
}

function parse(block: common.Block): ParsedBlock {
  const parts = headerParts(block);
  const bare = new common.Block();
  bare.setHeader(block.getHeader());
  bare.setData(block.getData());
  return {
    number: parts.number,
    previousHash: parts.previousHash,
    headerHash: blockHeaderHash(parts),
    transactions: (block.getData()?.getDataList_asU8() ?? []).map(parseTransaction),
    headerAndData: Buffer.from(bare.serializeBinary()),
  };
}

const parsed = new WeakMap<common.Block, ParsedBlock>();

/** Reads a block once for all peers of the process that are given the same object. */
export function parseBlock(block: common.Block): ParsedBlock {
  const known = parsed.get(block);
  if (known) return known;
  const result = parse(block);
  parsed.set(block, result);
  return result;
}
