import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';

/** A transaction where it stands in a block. */
export interface PlacedTransaction {
  readonly transactionId: string;
  readonly blockNumber: number;
  /** Fabric's number of the validation result; 0 is VALID. */
  readonly validationCode: number;
}

/** Index of the transactions filter in a block's metadata (fabric-protos: BlockMetadataIndex). */
const transactionsFilter = 2;

/** What is wrong with a chain of blocks: previous hashes and data hashes computed anew. */
export function chainFaults(blocks: readonly common.Block[]): string[] {
  let previousHash: Uint8Array = new Uint8Array();
  return blocks.flatMap((block, number) => {
    const header = block.getHeader();
    if (header === undefined) return [`block ${number} has no header`];
    const faults = [
      header.getNumber() === number ? '' : `block ${number} has the number ${header.getNumber()}`,
      isEqual(header.getPreviousHash_asU8(), previousHash) ? '' : `block ${number} is not chained`,
      isEqual(header.getDataHash_asU8(), dataHash(block)) ? '' : `block ${number} has other data`,
    ];
    previousHash = headerHash(header);
    return faults.filter((fault) => fault !== '');
  });
}

/** Fabric's numbers of the validation results of a block's transactions. */
export function validationCodesOf(block: common.Block): Uint8Array {
  return block.getMetadata()?.getMetadataList_asU8()[transactionsFilter] ?? new Uint8Array();
}

/** Every transaction of a chain that has an id, in order. */
export function transactionsOf(blocks: readonly common.Block[]): PlacedTransaction[] {
  return blocks.flatMap((block, blockNumber) => {
    const codes = validationCodesOf(block);
    return (block.getData()?.getDataList_asU8() ?? []).flatMap((bytes, index) => {
      const transactionId = transactionIdOf(bytes);
      const validationCode = codes[index] ?? -1;
      return transactionId === '' ? [] : [{ transactionId, blockNumber, validationCode }];
    });
  });
}

/** Header and data of every block and the validation codes: what all peers must have alike. */
export function sharedContent(blocks: readonly common.Block[]): string[] {
  return blocks.map((block) => {
    const codes = validationCodesOf(block);
    const header = block.getHeader()?.serializeBinary() ?? new Uint8Array();
    const data = block.getData()?.serializeBinary() ?? new Uint8Array();
    return Buffer.from(sha256(header, data, codes)).toString('hex');
  });
}

function transactionIdOf(envelopeBytes: Uint8Array): string {
  const envelope = common.Envelope.deserializeBinary(envelopeBytes);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const bytes = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
  return common.ChannelHeader.deserializeBinary(bytes).getTxId();
}

/** SHA-256 over the envelopes one after the other (Fabric: protoutil.BlockDataHash). */
function dataHash(block: common.Block): Uint8Array {
  return sha256(...(block.getData()?.getDataList_asU8() ?? []));
}

/** SHA-256 of the DER of number, previous hash and data hash (protoutil.BlockHeaderHash). */
function headerHash(header: common.BlockHeader): Uint8Array {
  const number = header.getNumber().toString(16);
  const even = number.length % 2 === 0 ? number : `0${number}`;
  const magnitude = Buffer.from(
    Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even,
    'hex',
  );
  const parts = Buffer.concat([
    tagged(0x02, magnitude),
    tagged(0x04, header.getPreviousHash_asU8()),
    tagged(0x04, header.getDataHash_asU8()),
  ]);
  return sha256(tagged(0x30, parts));
}

/** DER of a value below 128 bytes, which all of these are. */
function tagged(tag: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag, value.length), value]);
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
