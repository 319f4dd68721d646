/** Blocks as an ordering service would sign them: one node of it, or a quorum of consenters. */
import {
  Config,
  ConfigEnvelope,
  ConfigGroup,
  ConfigValue,
} from '@hyperledger/fabric-protos/lib/common/configtx_pb';
import {
  Consenter as ConsenterMessage,
  Orderers,
} from '@hyperledger/fabric-protos/lib/common/configuration_pb';
import {
  Block,
  BlockData,
  BlockHeader,
  BlockMetadata,
  ChannelHeader,
  Envelope,
  Header,
  HeaderType,
  IdentifierHeader,
  LastConfig,
  Metadata,
  MetadataSignature,
  OrdererBlockMetadata,
  Payload,
  SignatureHeader,
} from '@hyperledger/fabric-protos/lib/common/common_pb';
import { ConsensusType } from '@hyperledger/fabric-protos/lib/orderer/configuration_pb';
import { concatBytes, utf8 } from '@procurement/protocol';
import {
  blockDataHash,
  blockHeaderBytes,
  type BlockHeaderRead,
  creatorBytes,
} from '@procurement/protocol/fabric';
import type { Signer } from '../signing/signer';
import type { TestAuthority } from './test-authority';

const NONCE = new Uint8Array(24).fill(2);
const SLOTS = 5;

/** Signs blocks: serialised `common.Metadata` of the slot of signatures. */
export type Ordering = (header: BlockHeaderRead) => Promise<Uint8Array>;

/** A node of a Byzantine ordering service, with its key. */
export interface TestConsenter {
  readonly id: number;
  readonly signer: Signer;
}

/** Nodes of a Byzantine ordering service, numbered from 1, each of the organisation of a CA. */
export async function newTestConsenters(
  homes: readonly TestAuthority[],
): Promise<readonly TestConsenter[]> {
  const signers = await Promise.all(homes.map((home) => home.issue('orderer', 'orderer')));
  return signers.map((signer, index) => ({ id: index + 1, signer }));
}

/** An ordering service whose word is that of one node, given `count` times. */
export function orderedByOne(orderer: Signer, count = 1): Ordering {
  const header = new SignatureHeader();
  header.setCreator(creatorBytes(orderer));
  header.setNonce(NONCE);
  const bytes = header.serializeBinary();
  const signatures = Array.from({ length: count }, () => ({ signer: orderer, header: bytes }));
  return signedBy({ signatures, isNumbered: false });
}

/**
 * An ordering service whose consenters sign by their numbers.
 * @param options.configuration number of the block whose configuration is in force; that of the
 * block itself where it is left out
 */
export function orderedByConsenters(
  consenters: readonly TestConsenter[],
  options: { readonly configuration?: number } = {},
): Ordering {
  const signatures = consenters.map(({ id, signer }) => {
    const header = new IdentifierHeader();
    header.setIdentifier(id);
    header.setNonce(NONCE);
    return { signer, header: header.serializeBinary() };
  });
  return signedBy({ signatures, isNumbered: true, ...options });
}

function signedBy(by: {
  readonly signatures: readonly { readonly signer: Signer; readonly header: Uint8Array }[];
  readonly isNumbered: boolean;
  readonly configuration?: number;
}): Ordering {
  return async (header) => {
    const metadata = new Metadata();
    const lastConfig = new LastConfig();
    lastConfig.setIndex(by.configuration ?? (by.isNumbered ? header.number : 0));
    const ordered = new OrdererBlockMetadata();
    ordered.setLastConfig(lastConfig);
    const value = ordered.serializeBinary();
    metadata.setValue(value);
    for (const { signer, header: bytes } of by.signatures) {
      const signature = new MetadataSignature();
      if (by.isNumbered) signature.setIdentifierHeader(bytes);
      else signature.setSignatureHeader(bytes);
      const signed = concatBytes(value, bytes, blockHeaderBytes(header));
      signature.setSignature(await signer.sign(signed));
      metadata.addSignatures(signature);
    }
    return metadata.serializeBinary();
  };
}

/** A block, serialised, with its header. */
export interface TestBlock {
  readonly header: BlockHeaderRead;
  readonly bytes: Uint8Array;
}

/**
 * A block of these envelopes.
 * @param parts.ordering who signs it; nobody where it is left out, as with a channel's first one
 * @param parts.marks the peer's mark of each envelope; all valid where it is left out
 */
export async function newTestBlock(parts: {
  readonly number: number;
  readonly previousHash: Uint8Array;
  readonly data: readonly Uint8Array[];
  readonly ordering?: Ordering;
  readonly marks?: Uint8Array;
}): Promise<TestBlock> {
  const { number, previousHash, data, ordering, marks } = parts;
  const header = { number, previousHash, dataHash: await blockDataHash(data) };
  const written = new BlockHeader();
  written.setNumber(number);
  written.setPreviousHash(previousHash);
  written.setDataHash(header.dataHash);
  const content = new BlockData();
  content.setDataList([...data]);
  const slots = Array.from({ length: SLOTS }, (): Uint8Array => new Uint8Array());
  slots[0] = (await ordering?.(header)) ?? new Uint8Array();
  slots[2] = marks ?? new Uint8Array(data.length);
  const metadata = new BlockMetadata();
  metadata.setMetadataList(slots);
  const block = new Block();
  block.setHeader(written);
  block.setData(content);
  block.setMetadata(metadata);
  return { header, bytes: block.serializeBinary() };
}

/** An envelope with a channel's configuration, as far as it says who orders. */
export function configurationOf(options: {
  readonly channel: string;
  readonly sequence: number;
  /** Where there are none, one node's word is enough. */
  readonly consenters?: readonly TestConsenter[];
}): Uint8Array {
  const { channel, sequence, consenters } = options;
  const consensus = new ConsensusType();
  consensus.setType(consenters === undefined ? 'etcdraft' : 'BFT');
  const orderer = new ConfigGroup();
  orderer.getValuesMap().set('ConsensusType', valueOf(consensus.serializeBinary()));
  if (consenters !== undefined) {
    orderer.getValuesMap().set('Orderers', valueOf(mappingOf(consenters)));
  }
  const root = new ConfigGroup();
  root.getGroupsMap().set('Orderer', orderer);
  const config = new Config();
  config.setSequence(sequence);
  config.setChannelGroup(root);
  const envelope = new ConfigEnvelope();
  envelope.setConfig(config);
  return envelopeOf(channel, envelope.serializeBinary());
}

function mappingOf(consenters: readonly TestConsenter[]): Uint8Array {
  const mapping = new Orderers();
  for (const { id, signer } of consenters) {
    const consenter = new ConsenterMessage();
    consenter.setId(id);
    consenter.setMspId(signer.mspId);
    consenter.setIdentity(utf8(signer.certificate));
    mapping.addConsenterMapping(consenter);
  }
  return mapping.serializeBinary();
}

function valueOf(bytes: Uint8Array): ConfigValue {
  const value = new ConfigValue();
  value.setValue(bytes);
  return value;
}

function envelopeOf(channel: string, data: Uint8Array): Uint8Array {
  const channelHeader = new ChannelHeader();
  channelHeader.setType(HeaderType.CONFIG);
  channelHeader.setChannelId(channel);
  const header = new Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new Payload();
  payload.setHeader(header);
  payload.setData(data);
  const envelope = new Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}
