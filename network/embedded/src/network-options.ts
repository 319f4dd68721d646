import type { Topology } from '../../topology';
import type { ChaincodeAddresses } from '../../chaincode-service/chaincode-services';
import type { Clock, Log } from './seams';
import type { ConcurrencyLimits } from './wire/concurrency-limits';

/** What a network is started with. */
export interface NetworkOptions {
  readonly topology: Topology;
  /** Where everything is kept; made on the first start. One process at a time. */
  readonly folder: string;
  /** Where chaincode processes listen, when not where the topology says. */
  readonly chaincodeAddresses?: ChaincodeAddresses;
  /** What the user changes to get other ports, for error texts. */
  readonly portSetting?: string;
  /** Longest execution of one transaction (Fabric: `chaincode.executetimeout`); default 30 s. */
  readonly executeTimeoutMs?: number;
  /** Most calls under way at once; default: those of Fabric's sample configuration. */
  readonly concurrencyLimits?: Partial<ConcurrencyLimits>;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Told when the network can no longer work, such as on a full disk. */
  readonly onFailure?: (error: unknown) => void;
}
