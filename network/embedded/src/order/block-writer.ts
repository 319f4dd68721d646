import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity';
import { sha256 } from '../crypto/hashes';
import { dataHashOf, headerBytes } from './block-hash';
import type { Batch } from './block-cutter';

/** Length in bytes of the nonce of a block signature (protoutil.CreateNonce). */
const nonceBytes = 24;

/** What the next block follows on. */
export interface ChainTip {
  /** Number of the last block. */
  readonly number: number;
  /** Hash of the last block's header. */
  readonly headerHash: Uint8Array;
  /** Number of the last block that holds a channel configuration. */
  readonly lastConfigNumber: number;
}

/**
 * Makes the block that follows: chained, hashed and signed by the ordering node.
 * Source: orderer/common/multichannel/blockwriter.go:CreateNextBlock, addBlockSignature.
 */
export function writeNextBlock(parts: {
  readonly tip: ChainTip;
  readonly batch: Batch;
  readonly signer: SigningIdentity;
}): { block: common.Block; tip: ChainTip } {
  const data = parts.batch.map((envelope) => envelope.serializeBinary());
  const number = parts.tip.number + 1;
  const dataHash = dataHashOf(data);
  const signedHeader = headerBytes({ number, previousHash: parts.tip.headerHash, dataHash });
  const block = new common.Block();
  block.setHeader(newHeader({ number, previousHash: parts.tip.headerHash, dataHash }));
  const blockData = new common.BlockData();
  blockData.setDataList(data);
  block.setData(blockData);
  block.setMetadata(
    newMetadata({
      signatures: signBlock({ ...parts, signedHeader }),
      transactionCount: data.length,
    }),
  );
  return { block, tip: { ...parts.tip, number, headerHash: sha256(signedHeader) } };
}

/** Where a chain stands after this block. */
export function tipOf(block: common.Block): ChainTip {
  const header = block.getHeader() ?? new common.BlockHeader();
  const number = header.getNumber();
  const bytes = headerBytes({
    number,
    previousHash: header.getPreviousHash_asU8(),
    dataHash: header.getDataHash_asU8(),
  });
  return { number, headerHash: sha256(bytes), lastConfigNumber: lastConfigNumberOf(block) };
}

function lastConfigNumberOf(block: common.Block): number {
  const slot = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.SIGNATURES];
  const value = common.Metadata.deserializeBinary(slot ?? new Uint8Array()).getValue_asU8();
  return common.OrdererBlockMetadata.deserializeBinary(value).getLastConfig()?.getIndex() ?? 0;
}

function newHeader(parts: {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
}): common.BlockHeader {
  const header = new common.BlockHeader();
  header.setNumber(parts.number);
  header.setPreviousHash(parts.previousHash);
  header.setDataHash(parts.dataHash);
  return header;
}

function newMetadata(parts: {
  readonly signatures: Uint8Array;
  readonly transactionCount: number;
}): common.BlockMetadata {
  const empty = new Uint8Array();
  const metadata = new common.BlockMetadata();
  // Slot 2 is the peers' to fill; until then every transaction counts as not validated.
  const unvalidated = new Uint8Array(parts.transactionCount).fill(254);
  metadata.setMetadataList([parts.signatures, empty, unvalidated, empty, empty]);
  return metadata;
}

function signBlock(parts: {
  readonly tip: ChainTip;
  readonly signer: SigningIdentity;
  readonly signedHeader: Uint8Array;
}): Uint8Array {
  const lastConfig = new common.LastConfig();
  lastConfig.setIndex(parts.tip.lastConfigNumber);
  const ordererMetadata = new common.OrdererBlockMetadata();
  ordererMetadata.setLastConfig(lastConfig);
  const value = ordererMetadata.serializeBinary();
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(parts.signer.serialized);
  signatureHeader.setNonce(randomBytes(nonceBytes));
  const headerOfSignature = signatureHeader.serializeBinary();
  const signature = new common.MetadataSignature();
  signature.setSignatureHeader(headerOfSignature);
  signature.setSignature(
    parts.signer.sign(Buffer.concat([value, headerOfSignature, parts.signedHeader])),
  );
  const metadata = new common.Metadata();
  metadata.setValue(value);
  metadata.addSignatures(signature);
  return metadata.serializeBinary();
}
