import { common, orderer } from '@hyperledger/fabric-protos';
import type { msp } from '@hyperledger/fabric-protos';
import { firstOrderer, ordererHost, peerOrganizations } from '../../../topology';
import type { PeerOrganization, Topology } from '../../../topology';
import { sha256 } from '../../../crypto/hashes';
import { systemClock } from '../seams';
import { configTransaction } from './config-transaction';
import { configGroup } from './config-tree';
import type { GroupPolicy } from './config-tree';
import * as values from './config-values';
import type { HostAndPort } from './config-values';

/** What a genesis block is made of besides the topology. */
export interface GenesisParts {
  readonly topology: Topology;
  /** MSP configuration of each organization, by MSP id. */
  readonly mspConfigs: ReadonlyMap<string, msp.MSPConfig>;
  /** TLS certificate (PEM) of the ordering node, for its consenter entry. */
  readonly ordererTlsCertificatePem: string;
  /** Host and port that clients reach the ordering node at. */
  readonly ordererEndpoint: HostAndPort;
}

const metaPolicies: Readonly<Record<string, GroupPolicy>> = {
  Readers: { rule: 'ANY', of: 'Readers' },
  Writers: { rule: 'ANY', of: 'Writers' },
  Admins: { rule: 'MAJORITY', of: 'Admins' },
};

/**
 * Block 0 of the channel: one CONFIG transaction (metadata slots 0..4 present, filter of one 0).
 * Its nonce is random and its time is now, so every call gives another block.
 * Source: internal/configtxgen/encoder/encoder.go:NewChannelGroup, common/genesis/genesis.go.
 * @throws Error when the MSP configuration of an organization is missing
 */
export function buildGenesisBlock(parts: GenesisParts): common.Block {
  const config = new common.Config();
  config.setChannelGroup(channelGroup(parts));
  const envelope = new common.ConfigEnvelope();
  envelope.setConfig(config);
  const { channel: channelId } = parts.topology;
  return blockOf(configTransaction({ channelId, content: envelope, clock: systemClock }));
}

function channelGroup(parts: GenesisParts): common.ConfigGroup {
  return configGroup({
    values: {
      BlockDataHashingStructure: values.blockDataHashing(),
      Capabilities: values.capabilities('V2_0'),
      HashingAlgorithm: values.hashingAlgorithm(),
      OrdererAddresses: values.ordererAddresses(parts.ordererEndpoint),
    },
    modPolicies: { OrdererAddresses: '/Channel/Orderer/Admins' },
    policies: metaPolicies,
    groups: { Application: applicationGroup(parts), Orderer: ordererGroup(parts) },
  });
}

function applicationGroup(parts: GenesisParts): common.ConfigGroup {
  return configGroup({
    values: { Capabilities: values.capabilities('V2_5') },
    policies: {
      ...metaPolicies,
      Endorsement: { rule: 'MAJORITY', of: 'Endorsement' },
      LifecycleEndorsement: { rule: 'MAJORITY', of: 'Endorsement' },
    },
    groups: Object.fromEntries(
      peerOrganizations(parts.topology).map((one) => [one.mspId, memberGroup(parts, one)]),
    ),
  });
}

function memberGroup(parts: GenesisParts, organization: PeerOrganization): common.ConfigGroup {
  const { mspId, policies, peer } = organization;
  return configGroup({
    values: {
      MSP: mspConfigOf(parts, mspId),
      // A port that is chosen only when the peer starts cannot be written into block 0.
      ...(peer.port > 0 && { AnchorPeers: values.anchorPeers({ ...peer, host: 'localhost' }) }),
    },
    policies: {
      Readers: policies?.readers ?? `OR('${mspId}.admin', '${mspId}.peer', '${mspId}.client')`,
      Writers: policies?.writers ?? `OR('${mspId}.admin', '${mspId}.client')`,
      Admins: policies?.admins ?? `OR('${mspId}.admin')`,
      Endorsement: policies?.endorsement ?? `OR('${mspId}.peer')`,
    },
  });
}

function ordererGroup(parts: GenesisParts): common.ConfigGroup {
  const { topology } = parts;
  const node = firstOrderer(topology);
  const mspId = node.organization;
  return configGroup({
    values: {
      BatchSize: values.batchSize(topology.batch),
      BatchTimeout: values.batchTimeout(topology.batch),
      Capabilities: values.capabilities('V2_0'),
      ChannelRestrictions: new orderer.ChannelRestrictions(),
      ConsensusType: values.consensusType({
        endpoint: { ...parts.ordererEndpoint, host: ordererHost(topology, node) },
        tlsCertificatePem: parts.ordererTlsCertificatePem,
      }),
    },
    policies: { ...metaPolicies, BlockValidation: { rule: 'ANY', of: 'Writers' } },
    groups: {
      [mspId]: configGroup({
        values: {
          Endpoints: values.ordererAddresses(parts.ordererEndpoint),
          MSP: mspConfigOf(parts, mspId),
        },
        // Narrower than `member` of the Fabric samples: /Channel/Writers takes any sub-group, so
        // a peer of an organization that also orders could otherwise submit transactions.
        policies: {
          Readers: `OR('${mspId}.orderer', '${mspId}.admin')`,
          Writers: `OR('${mspId}.orderer', '${mspId}.admin')`,
          Admins: `OR('${mspId}.admin')`,
        },
      }),
    },
  });
}

function mspConfigOf(parts: GenesisParts, mspId: string): msp.MSPConfig {
  const config = parts.mspConfigs.get(mspId);
  if (!config) throw new Error(`no MSP configuration was given for ${mspId}`);
  return config;
}

function blockOf(envelope: common.Envelope): common.Block {
  const bytes = envelope.serializeBinary();
  const header = new common.BlockHeader();
  header.setNumber(0);
  header.setDataHash(sha256(bytes));
  const data = new common.BlockData();
  data.setDataList([bytes]);
  const metadata = new common.BlockMetadata();
  const valid = Uint8Array.of(0);
  const empty = new Uint8Array();
  metadata.setMetadataList([lastConfigMetadata(), empty, valid, empty, empty]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

function lastConfigMetadata(): Uint8Array {
  const value = new common.OrdererBlockMetadata();
  value.setLastConfig(new common.LastConfig());
  const metadata = new common.Metadata();
  metadata.setValue(value.serializeBinary());
  return metadata.serializeBinary();
}
