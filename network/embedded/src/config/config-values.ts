import { common, orderer, peer } from '@hyperledger/fabric-protos';
import type { BatchLimits } from '../../../topology';

/** A host name or address and a port. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Capabilities with one name, such as `V2_0`. */
export function capabilities(name: string): common.Capabilities {
  const message = new common.Capabilities();
  message.getCapabilitiesMap().set(name, new common.Capability());
  return message;
}

/** SHA-256, the only hash of a channel. */
export function hashingAlgorithm(): common.HashingAlgorithm {
  const message = new common.HashingAlgorithm();
  message.setName('SHA256');
  return message;
}

/** The width that makes the data hash one hash over all envelopes (math.MaxUint32). */
export function blockDataHashing(): common.BlockDataHashingStructure {
  const message = new common.BlockDataHashingStructure();
  message.setWidth(0xffffffff);
  return message;
}

/** Addresses of the ordering service as `host:port`. */
export function ordererAddresses(endpoint: HostAndPort): common.OrdererAddresses {
  const message = new common.OrdererAddresses();
  message.setAddressesList([`${endpoint.host}:${String(endpoint.port)}`]);
  return message;
}

/** The peer by which other organizations find this one. */
export function anchorPeers(endpoint: HostAndPort): peer.AnchorPeers {
  const anchor = new peer.AnchorPeer();
  anchor.setHost(endpoint.host);
  anchor.setPort(endpoint.port);
  const message = new peer.AnchorPeers();
  message.setAnchorPeersList([anchor]);
  return message;
}

/** Limits of a block. */
export function batchSize(batch: BatchLimits): orderer.BatchSize {
  const message = new orderer.BatchSize();
  message.setMaxMessageCount(batch.maxMessageCount);
  message.setAbsoluteMaxBytes(batch.absoluteMaxBytes);
  message.setPreferredMaxBytes(batch.preferredMaxBytes);
  return message;
}

/** Longest wait before a block is cut, written as Go writes a duration. */
export function batchTimeout(batch: BatchLimits): orderer.BatchTimeout {
  const message = new orderer.BatchTimeout();
  message.setTimeout(`${String(batch.timeoutMs)}ms`);
  return message;
}

/** One Raft consenter, so that tools which read the channel configuration find a known type. */
export function consensusType(parts: {
  endpoint: HostAndPort;
  tlsCertificatePem: string;
}): orderer.ConsensusType {
  const certificate = Buffer.from(parts.tlsCertificatePem, 'utf8');
  const consenter = new orderer.etcdraft.Consenter();
  consenter.setHost(parts.endpoint.host);
  consenter.setPort(parts.endpoint.port);
  consenter.setClientTlsCert(certificate);
  consenter.setServerTlsCert(certificate);
  const metadata = new orderer.etcdraft.ConfigMetadata();
  metadata.setConsentersList([consenter]);
  metadata.setOptions(raftOptions());
  const message = new orderer.ConsensusType();
  message.setType('etcdraft');
  message.setMetadata(metadata.serializeBinary());
  return message;
}

/** The defaults of configtxgen (internal/configtxgen/genesisconfig/config.go). */
function raftOptions(): orderer.etcdraft.Options {
  const options = new orderer.etcdraft.Options();
  options.setTickInterval('500ms');
  options.setElectionTick(10);
  options.setHeartbeatTick(1);
  options.setMaxInflightBlocks(5);
  options.setSnapshotIntervalSize(16 * 1024 * 1024);
  return options;
}
