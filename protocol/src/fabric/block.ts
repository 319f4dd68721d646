/** Headers of blocks, and who of the ordering service has signed them. */
import {
  Block,
  Envelope,
  IdentifierHeader,
  Metadata,
  type MetadataSignature,
  OrdererBlockMetadata,
  SignatureHeader,
} from '@hyperledger/fabric-protos/lib/common/common_pb';
import { concatBytes, fromHex } from '../bytes';
import { readCreator, type TransactionCreator } from './proposal';
import { readStrict, requirePart, sha256Of } from './strict';

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const SIGN_BIT = 0x80;

/** Slots of a block's metadata (fabric-protos `common.proto`: BlockMetadataIndex). */
export const METADATA_SLOTS = { signatures: 0, transactionsFilter: 2 } as const;

/** Code of a transaction that counts (fabric-protos `transaction.proto`: TxValidationCode). */
export const VALID = 0;

/** What a block's header says. */
export interface BlockHeaderRead {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly dataHash: Uint8Array;
}

/** What nodes of the ordering service have signed a block with. */
export interface BlockSignaturesRead {
  /** Number of the block whose configuration was in force. */
  readonly lastConfiguration: number;
  readonly signatures: readonly BlockSignatureRead[];
}

/** An ordering node's word for a block. */
export interface BlockSignatureRead {
  /** Its certificate; or its number among the consenters that the configuration lists. */
  readonly signer: TransactionCreator | number;
  readonly signature: Uint8Array;
  /** What the signature is over. */
  readonly signed: Uint8Array;
}

/** A block as peers keep it. */
export interface BlockRead {
  readonly header: BlockHeaderRead;
  /** Every envelope, serialised. */
  readonly data: readonly Uint8Array[];
  /** By slot; only the signatures are signed by anybody (fabric `protoutil/blockutils.go`). */
  readonly metadata: readonly Uint8Array[];
}

/** A signed envelope as it stands in a block. */
export interface EnvelopeRead {
  /** Serialised `common.Payload`. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Reads a block.
 * @param bytes serialised `common.Block`
 * @throws {FabricMessageError}
 */
export function readBlock(bytes: Uint8Array): BlockRead {
  const block = readStrict(Block, bytes, 'block');
  const header = block.getHeader();
  requirePart(header !== undefined, 'header of the block');
  return {
    header: {
      number: header.getNumber(),
      previousHash: header.getPreviousHash_asU8(),
      dataHash: header.getDataHash_asU8(),
    },
    data: block.getData()?.getDataList_asU8() ?? [],
    metadata: block.getMetadata()?.getMetadataList_asU8() ?? [],
  };
}

/** A header as it is hashed and signed (fabric `protoutil/blockutils.go`: BlockHeaderBytes). */
export function blockHeaderBytes(header: BlockHeaderRead): Uint8Array {
  return der(
    SEQUENCE,
    derNumber(header.number),
    der(OCTET_STRING, header.previousHash),
    der(OCTET_STRING, header.dataHash),
  );
}

/** Hash that the next block repeats (fabric `protoutil/blockutils.go`: BlockHeaderHash). */
export function blockHeaderHash(header: BlockHeaderRead): Promise<Uint8Array> {
  return sha256Of(blockHeaderBytes(header));
}

/** Hash of a block's envelopes (fabric `protoutil/blockutils.go`: ComputeBlockDataHash). */
export function blockDataHash(data: readonly Uint8Array[]): Promise<Uint8Array> {
  return sha256Of(...data);
}

/**
 * Reads who has signed a block (fabric `protoutil/blockutils.go`: BlockSignatureVerifier).
 * @param slot serialised `common.Metadata` of the slot SIGNATURES
 * @throws {FabricMessageError}
 */
export function readBlockSignatures(
  slot: Uint8Array,
  header: BlockHeaderRead,
): BlockSignaturesRead {
  const metadata = readStrict(Metadata, slot, 'signatures of the block');
  const value = metadata.getValue_asU8();
  const ordered = readStrict(OrdererBlockMetadata, value, 'metadata of the ordering service');
  const headerBytes = blockHeaderBytes(header);
  return {
    lastConfiguration: ordered.getLastConfig()?.getIndex() ?? 0,
    signatures: metadata.getSignaturesList().map((one) => {
      const { signer, bytes } = signerOf(one);
      const signed = concatBytes(value, bytes, headerBytes);
      return { signer, signature: one.getSignature_asU8(), signed };
    }),
  };
}

/** @throws {FabricMessageError} */
export function readEnvelope(bytes: Uint8Array): EnvelopeRead {
  const envelope = readStrict(Envelope, bytes, 'envelope');
  return { payload: envelope.getPayload_asU8(), signature: envelope.getSignature_asU8() };
}

/** Who signs: by a certificate, or, where there is none, by a number. */
function signerOf(signature: MetadataSignature): {
  readonly signer: BlockSignatureRead['signer'];
  readonly bytes: Uint8Array;
} {
  const header = signature.getSignatureHeader_asU8();
  if (header.length > 0) {
    const fields = readStrict(SignatureHeader, header, 'signature header');
    return { signer: readCreator(fields.getCreator_asU8()), bytes: header };
  }
  const bytes = signature.getIdentifierHeader_asU8();
  requirePart(bytes.length > 0, 'signer of the block');
  return { signer: readStrict(IdentifierHeader, bytes, 'identifier').getIdentifier(), bytes };
}

/** DER of a value below 128 bytes, which all of a header's are (X.690 section 8.1.3). */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concatBytes(...parts);
  return concatBytes(Uint8Array.of(tag, value.length), value);
}

function derNumber(value: number): Uint8Array {
  const digits = value.toString(16);
  const bytes = fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
  const padding = ((bytes[0] ?? 0) & SIGN_BIT) === 0 ? [] : [0];
  return der(INTEGER, Uint8Array.from(padding), bytes);
}
