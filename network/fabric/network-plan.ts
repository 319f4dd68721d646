import {
  ordererHost,
  organizationOf,
  peerHost,
  peerOrganizations,
  TopologyError,
} from '../topology';
import type { BatchLimits, Organization, Topology } from '../topology';

/** How the ordering nodes agree: Raft (etcdraft), or SmartBFT, which Fabric has since 3.0. */
export type Consensus = 'raft' | 'bft';

/** A node that runs as a process of its own. */
export interface PlannedNode {
  readonly kind: 'peer' | 'orderer';
  /** Host name of its TLS certificate; also its name in logs and folders. */
  readonly host: string;
  readonly mspId: string;
  /** Domain of its organization. */
  readonly domain: string;
  /** Where clients and other nodes reach it. */
  readonly port: number;
  /** Health checks and metrics. */
  readonly operationsPort: number;
  /** A peer's listener for chaincodes that dial it; an ordering node's admin endpoint. */
  readonly secondPort: number;
}

/** What runs where, and how blocks are cut. */
export interface NetworkPlan {
  readonly topology: Topology;
  readonly consensus: Consensus;
  readonly batch: BatchLimits;
  /** Every ordering node. */
  readonly orderers: readonly PlannedNode[];
  readonly peers: readonly PlannedNode[];
}

/**
 * Batch limits for real ordering nodes, which write and replicate each block: more transactions in
 * fewer blocks than the embedded network cuts.
 */
export const realBatch: BatchLimits = {
  timeoutMs: 500,
  maxMessageCount: 200,
  preferredMaxBytes: 512 * 1024,
  absoluteMaxBytes: 1024 * 1024,
};

/** A node's operations endpoint is this far above its port. */
const operationsOffset = 100;
/** And its second endpoint this far. */
const secondOffset = 200;
/** SmartBFT needs 3f + 1 nodes to bear f faulty ones. */
const bftNodesMin = 4;

/**
 * The nodes of a topology as processes on one machine. Every port follows from the node's own:
 * operations at +100, a peer's chaincode listener and an ordering node's admin endpoint at +200.
 * @throws TopologyError where a port is not fixed, or SmartBFT has fewer than four ordering nodes
 */
export function planNetwork(parts: {
  topology: Topology;
  consensus: Consensus;
  /** Default: `realBatch`. */
  batch?: BatchLimits;
}): NetworkPlan {
  const { topology, consensus, batch = realBatch } = parts;
  const { bftOrderers = [] } = topology;
  const nodes = consensus === 'bft' ? [...topology.orderers, ...bftOrderers] : topology.orderers;
  if (consensus === 'bft' && nodes.length < bftNodesMin) {
    throw new TopologyError(
      `SmartBFT needs ${String(bftNodesMin)} ordering nodes, but orderers and bftOrderers of the ` +
        `topology are ${String(nodes.length)}`,
    );
  }
  return {
    topology,
    consensus,
    batch,
    orderers: nodes.map((node) => {
      const organization = organizationOf(topology, node.organization);
      const host = ordererHost(topology, node);
      return nodeAt({ kind: 'orderer', host, organization, port: node.port });
    }),
    peers: peerOrganizations(topology).map((organization) => {
      const { port } = organization.peer;
      return nodeAt({ kind: 'peer', host: peerHost(organization), organization, port });
    }),
  };
}

function nodeAt(parts: {
  kind: PlannedNode['kind'];
  host: string;
  organization: Organization;
  port: number;
}): PlannedNode {
  const { kind, host, organization, port } = parts;
  if (port === 0) {
    throw new TopologyError(
      `${host} has port 0, but the nodes of a native network must know each other's ports`,
    );
  }
  return {
    kind,
    host,
    mspId: organization.mspId,
    domain: organization.domain,
    port,
    operationsPort: port + operationsOffset,
    secondPort: port + secondOffset,
  };
}
