import type { Compat } from '../topology';
import type { PlannedNode } from './network-plan';

/** The folders of a node; absolute paths, or paths in a container. */
export interface NodeFolders {
  /** Its own MSP folder, with its signing key. */
  readonly msp: string;
  /** `server.crt`, `server.key` and `ca.crt`. */
  readonly tls: string;
  /** Where it keeps its ledgers. */
  readonly data: string;
}

/** What the configuration of a node is made from. */
export interface NodePlace {
  readonly node: PlannedNode;
  readonly folders: NodeFolders;
  /** Generation of Fabric that runs it. */
  readonly fabric: Compat;
  /** Address that its servers listen on. */
  readonly bindHost: string;
  /** Name by which other nodes and clients reach it. */
  readonly advertisedHost: string;
  /** Most that the time of a request may be off, as Go writes a duration. */
  readonly timeWindow: string;
  /** Whether the operations endpoint serves metrics in Prometheus' format. */
  readonly metrics: boolean;
}

/** Largest gRPC message that nodes take and send, in bytes: Fabric's own default. */
export const messageMaxBytes = 100 * 1024 * 1024;

/** Default of `NodePlace.timeWindow`: a replayed or postdated request is refused after a minute. */
export const defaultTimeWindow = '60s';
