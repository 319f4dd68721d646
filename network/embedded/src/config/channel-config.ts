import type { common } from '@hyperledger/fabric-protos';
import type { BatchLimits } from '../../../topology';
import type { MspRegistry } from '../identity/msp';
import type { ChannelPolicies } from '../policy/channel-policies';

/** A block that is no channel configuration; the message says why. */
export class ChannelConfigError extends Error {
  override readonly name = 'ChannelConfigError';
}

/** The configuration of a channel, decoded from its CONFIG block. */
export declare class ChannelConfig {
  /** @throws ChannelConfigError */
  static fromBlock(block: common.Block): ChannelConfig;
  readonly channelId: string;
  readonly sequence: number;
  readonly batch: BatchLimits;
  readonly msps: MspRegistry;
  readonly policies: ChannelPolicies;
  /** MSP ids of the application organizations, sorted. */
  readonly organizations: readonly string[];
  /** The decoded common.Config (for cscc and discovery). Treat as read-only. */
  readonly config: common.Config;
  /** MSP configuration messages by MSP id (for discovery). */
  readonly mspConfigs: ReadonlyMap<string, import('@hyperledger/fabric-protos').msp.FabricMSPConfig>;
  /** Endpoints of the ordering service by MSP id. */
  readonly ordererEndpoints: ReadonlyMap<string, readonly { host: string; port: number }[]>;
}
