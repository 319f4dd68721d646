import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { sha256 } from '../../../crypto/hashes';
import {
  blockDataHash,
  blockHeaderBytes,
  blockHeaderHash,
  headerParts,
} from '../state/block-hashes';
import type { HeaderParts } from '../state/block-hashes';
import { encodeShared } from '../wire/protobuf';
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
  /** Whether the batch is a new configuration; default: no. */
  readonly isConfig?: boolean;
  readonly signer: SigningIdentity;
}): { block: common.Block; tip: ChainTip } {
  const data = parts.batch.map((envelope) => encodeShared(common.Envelope, envelope));
  const header: HeaderParts = {
    number: parts.tip.number + 1,
    previousHash: parts.tip.headerHash,
    dataHash: blockDataHash(data),
  };
  const signedHeader = blockHeaderBytes(header);
  const block = new common.Block();
  block.setHeader(newHeader(header));
  const blockData = new common.BlockData();
  blockData.setDataList(data);
  block.setData(blockData);
  const lastConfigNumber = parts.isConfig === true ? header.number : parts.tip.lastConfigNumber;
  const { signer } = parts;
  block.setMetadata(newMetadata(signBlock({ lastConfigNumber, signer, signedHeader })));
  const tip = { number: header.number, headerHash: sha256(signedHeader), lastConfigNumber };
  return { block, tip };
}

/** Where a chain stands after this block. */
export function tipOf(block: common.Block): ChainTip {
  const header = headerParts(block);
  return {
    number: header.number,
    headerHash: blockHeaderHash(header),
    lastConfigNumber: lastConfigNumberOf(block),
  };
}

/** Number of the block with the configuration that held when this block was written. */
export function lastConfigNumberOf(block: common.Block): number {
  const slot = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.SIGNATURES];
  const value = common.Metadata.deserializeBinary(slot ?? new Uint8Array()).getValue_asU8();
  return common.OrdererBlockMetadata.deserializeBinary(value).getLastConfig()?.getIndex() ?? 0;
}

function newHeader(parts: HeaderParts): common.BlockHeader {
  const header = new common.BlockHeader();
  header.setNumber(parts.number);
  header.setPreviousHash(parts.previousHash);
  header.setDataHash(parts.dataHash);
  return header;
}

/** Five slots, of which the ordering node fills the first; the others are the peers'. */
function newMetadata(signatures: Uint8Array): common.BlockMetadata {
  const empty = new Uint8Array();
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([signatures, empty, empty, empty, empty]);
  return metadata;
}

function signBlock(parts: {
  readonly lastConfigNumber: number;
  readonly signer: SigningIdentity;
  readonly signedHeader: Uint8Array;
}): Uint8Array {
  const lastConfig = new common.LastConfig();
  lastConfig.setIndex(parts.lastConfigNumber);
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
