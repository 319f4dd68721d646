import { common } from '@hyperledger/fabric-protos';
import { blockDataHash, blockHeaderHash } from './block-hashes';
import type { CommitBatch, Ledger } from './ledger';

/** The next block of a ledger; it writes its own number to key `last` of namespace `cc`. */
export function nextBatch(ledger: Ledger, txIds: string[] = []): CommitBatch {
  const number = ledger.height;
  const envelopes = [Buffer.from(`content of block ${String(number)}`)];
  const parts = {
    number,
    previousHash: ledger.lastBlockHash,
    dataHash: blockDataHash(envelopes),
  };
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(parts.previousHash);
  header.setDataHash(parts.dataHash);
  const data = new common.BlockData();
  data.setDataList(envelopes);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  const version = { blockNumber: number, txNumber: 0 };
  const value = Buffer.from(String(number));
  return {
    block,
    bytes: Buffer.from(block.serializeBinary()),
    number,
    headerHash: blockHeaderHash(parts),
    commitHash: Buffer.alloc(32, number),
    txIds,
    codes: txIds.map((_, at) => at),
    updates: [{ namespace: 'cc', key: 'last', entry: { value, version, metadata: Buffer.of() } }],
    history: [{ namespace: 'cc', key: 'last', index: 0 }],
  };
}
