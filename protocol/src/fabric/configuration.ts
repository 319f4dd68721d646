/** A channel's configuration as its blocks hold it, as far as it says who orders. */
import { type Config, ConfigEnvelope } from '@hyperledger/fabric-protos/lib/common/configtx_pb';
import { Orderers } from '@hyperledger/fabric-protos/lib/common/configuration_pb';
import {
  ChannelHeader,
  Envelope,
  HeaderType,
  Payload,
} from '@hyperledger/fabric-protos/lib/common/common_pb';
import { ConsensusType } from '@hyperledger/fabric-protos/lib/orderer/configuration_pb';
import { fromUtf8 } from '../bytes';
import type { BlockRead } from './block';
import type { TransactionCreator } from './proposal';
import { requirePart } from './strict';

/** Names in a configuration (fabric `common/channelconfig/orderer.go`). */
const ORDERER_GROUP = 'Orderer';
const CONSENSUS_TYPE = 'ConsensusType';
const ORDERERS = 'Orderers';
/** Kind of ordering whose nodes agree although some of them lie (fabric `orderer/consensus`). */
const BYZANTINE = 'BFT';

/** A node of a Byzantine ordering service. */
export interface Consenter extends TransactionCreator {
  /** The number by which block signatures name it. */
  readonly id: number;
}

/** What a block of configuration says of the ordering service. */
export interface ConfigurationRead {
  readonly channel: string;
  /** How many configurations the channel had before this one. */
  readonly sequence: number;
  /** Nodes of a Byzantine ordering service; undefined where one node's word is enough. */
  readonly consenters: readonly Consenter[] | undefined;
}

/**
 * Reads the configuration that a block brings; undefined where it brings transactions. Its maps
 * have no order, so that a strict reading is not possible: that the bytes are those that were
 * ordered is for the block's hash to say.
 * @throws {FabricMessageError} where it is a configuration that cannot be read
 */
export function readConfiguration({ data }: BlockRead): ConfigurationRead | undefined {
  const [envelope, ...others] = data;
  const payload = envelope === undefined ? undefined : payloadOf(envelope);
  const header = payload === undefined ? undefined : channelHeaderOf(payload);
  const isOne = header?.getType() === HeaderType.CONFIG && others.length === 0;
  if (!isOne || payload === undefined) return undefined;
  const config = configOf(payload.getData_asU8());
  const channel = header.getChannelId();
  return { channel, sequence: config.getSequence(), consenters: consentersOf(config) };
}

/** How many consenters must sign (fabric `common/policies/bft.go`: ComputeBFTQuorum). */
export function quorumOf(consenterCount: number): number {
  const faulty = Math.floor((consenterCount - 1) / 3);
  return Math.ceil((consenterCount + faulty + 1) / 2);
}

function configOf(bytes: Uint8Array): Config {
  const config = attempt(() => ConfigEnvelope.deserializeBinary(bytes).getConfig());
  requirePart(config !== undefined, 'configuration');
  return config;
}

/** Undefined where the ordering service is no Byzantine one. */
function consentersOf(config: Config): Consenter[] | undefined {
  const kind = ordererValue(config, CONSENSUS_TYPE);
  requirePart(kind !== undefined, 'kind of ordering');
  const type = attempt(() => ConsensusType.deserializeBinary(kind).getType());
  if (type !== BYZANTINE) return undefined;
  const mapping = ordererValue(config, ORDERERS) ?? new Uint8Array();
  const listed = attempt(() => Orderers.deserializeBinary(mapping).getConsenterMappingList()) ?? [];
  const isDistinct = new Set(listed.map((one) => one.getId())).size === listed.length;
  requirePart(listed.length > 0, 'consenters');
  requirePart(isDistinct, 'numbers of consenters');
  return listed.map((one) => ({
    id: one.getId(),
    mspId: one.getMspId(),
    certificate: attempt(() => fromUtf8(one.getIdentity_asU8())) ?? '',
  }));
}

function ordererValue(config: Config, name: string): Uint8Array | undefined {
  const groups = config.getChannelGroup()?.getGroupsMap();
  return groups?.get(ORDERER_GROUP)?.getValuesMap().get(name)?.getValue_asU8();
}

function payloadOf(envelope: Uint8Array): Payload | undefined {
  return attempt(() =>
    Payload.deserializeBinary(Envelope.deserializeBinary(envelope).getPayload_asU8()),
  );
}

function channelHeaderOf(payload: Payload): ChannelHeader | undefined {
  const bytes = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
  return attempt(() => ChannelHeader.deserializeBinary(bytes));
}

/** Undefined where the bytes are no such message. */
function attempt<T>(reading: () => T): T | undefined {
  try {
    return reading();
  } catch {
    return undefined;
  }
}
