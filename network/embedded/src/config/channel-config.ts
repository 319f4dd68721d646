import { common, msp, orderer } from '@hyperledger/fabric-protos';
import type { BatchLimits } from '../../../topology';
import { MspRegistry } from '../identity/msp';
import { ChannelPolicies } from '../policy/channel-policies';
import type { HostAndPort } from './config-values';

/** A block that is no channel configuration; the message says why. */
export class ChannelConfigError extends Error {
  override readonly name = 'ChannelConfigError';
}

/** The configuration of a channel, decoded from its CONFIG block. */
export class ChannelConfig {
  readonly channelId: string;
  readonly sequence: number;
  readonly batch: BatchLimits;
  /** Such as `etcdraft`. */
  readonly consensusType: string;
  readonly msps: MspRegistry;
  readonly policies: ChannelPolicies;
  /** MSP ids of the application organizations, sorted. */
  readonly organizations: readonly string[];
  /** The decoded common.Config (for cscc and discovery). Treat as read-only. */
  readonly config: common.Config;
  /** MSP configuration messages by MSP id, of application and orderer organizations. */
  readonly mspConfigs: ReadonlyMap<string, msp.FabricMSPConfig>;
  /** Endpoints of the ordering service by MSP id. */
  readonly ordererEndpoints: ReadonlyMap<string, readonly HostAndPort[]>;

  /**
   * @param block one whose only transaction is of type CONFIG; treated as read-only
   * @throws ChannelConfigError
   */
  static fromBlock(block: common.Block): ChannelConfig {
    return decoded(() => {
      const { channelId, config } = unpack(block);
      return new ChannelConfig(channelId, config);
    });
  }

  /** The configuration of a channel out of the decoded message. @throws ChannelConfigError */
  static fromConfig(channelId: string, config: common.Config): ChannelConfig {
    return decoded(() => new ChannelConfig(channelId, config));
  }

  private constructor(channelId: string, config: common.Config) {
    const root = needed(config.getChannelGroup(), 'channel group');
    const application = groupOf(root, 'Application');
    const ordering = groupOf(root, 'Orderer');
    const mspValues = collectMsps([application, ordering]);
    this.channelId = channelId;
    this.sequence = config.getSequence();
    this.config = config;
    this.batch = readBatch(ordering);
    this.consensusType = orderer.ConsensusType.deserializeBinary(
      valueOf(ordering, 'ConsensusType'),
    ).getType();
    this.msps = new MspRegistry([...mspValues.values()]);
    this.policies = new ChannelPolicies(root, this.msps);
    this.organizations = [...application.getGroupsMap().keys()].sort();
    this.mspConfigs = new Map(
      [...mspValues].map(([mspId, one]) => [
        mspId,
        msp.FabricMSPConfig.deserializeBinary(one.getConfig_asU8()),
      ]),
    );
    this.ordererEndpoints = readEndpoints(ordering);
  }
}

function decoded(read: () => ChannelConfig): ChannelConfig {
  try {
    return read();
  } catch (error) {
    if (error instanceof ChannelConfigError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw new ChannelConfigError(`the configuration does not decode: ${cause}`, { cause: error });
  }
}

function unpack(block: common.Block): { channelId: string; config: common.Config } {
  const [bytes] = block.getData()?.getDataList_asU8() ?? [];
  const envelope = common.Envelope.deserializeBinary(needed(bytes, 'transaction'));
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = common.ChannelHeader.deserializeBinary(
    needed(payload.getHeader(), 'header').getChannelHeader_asU8(),
  );
  if (header.getType() !== common.HeaderType.CONFIG) {
    throw new ChannelConfigError(`the transaction is of type ${String(header.getType())}`);
  }
  const content = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
  return { channelId: header.getChannelId(), config: needed(content.getConfig(), 'configuration') };
}

function needed<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ChannelConfigError(`the block has no ${what}`);
  return value;
}

function groupOf(parent: common.ConfigGroup, name: string): common.ConfigGroup {
  return needed(parent.getGroupsMap().get(name), `${name} group`);
}

function valueOf(group: common.ConfigGroup, name: string): Uint8Array {
  return needed(group.getValuesMap().get(name), `value ${name}`).getValue_asU8();
}

/** An organization may stand in several groups, but only with the same MSP (msp/mspmgr). */
function collectMsps(groups: readonly common.ConfigGroup[]): Map<string, msp.MSPConfig> {
  const found = new Map<string, msp.MSPConfig>();
  for (const organization of groups.flatMap(childrenOf)) {
    const config = msp.MSPConfig.deserializeBinary(valueOf(organization, 'MSP'));
    const bytes = config.getConfig_asU8();
    const name = msp.FabricMSPConfig.deserializeBinary(bytes).getName();
    const earlier = found.get(name)?.getConfig_asU8();
    if (earlier && !Buffer.from(earlier).equals(bytes)) {
      throw new ChannelConfigError(`MSP ${name} is defined twice, differently`);
    }
    found.set(name, config);
  }
  return found;
}

function childrenOf(group: common.ConfigGroup): common.ConfigGroup[] {
  return [...group.getGroupsMap().keys()].map((name) => groupOf(group, name));
}

function readBatch(ordering: common.ConfigGroup): BatchLimits {
  const size = orderer.BatchSize.deserializeBinary(valueOf(ordering, 'BatchSize'));
  const timeout = orderer.BatchTimeout.deserializeBinary(valueOf(ordering, 'BatchTimeout'));
  return {
    timeoutMs: parseDuration(timeout.getTimeout()),
    maxMessageCount: size.getMaxMessageCount(),
    preferredMaxBytes: size.getPreferredMaxBytes(),
    absoluteMaxBytes: size.getAbsoluteMaxBytes(),
  };
}

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration such as `1m30s` or `200ms`. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new ChannelConfigError(`the batch timeout "${text}" is no duration`);
  }
  return parts.reduce((sum, [, value, unit = '']) => sum + Number(value) * (unitMs[unit] ?? 0), 0);
}

function readEndpoints(ordering: common.ConfigGroup): Map<string, readonly HostAndPort[]> {
  const groups = ordering.getGroupsMap();
  return new Map([...groups.keys()].map((mspId) => [mspId, endpointsOf(groupOf(ordering, mspId))]));
}

function endpointsOf(organization: common.ConfigGroup): HostAndPort[] {
  const value = organization.getValuesMap().get('Endpoints');
  if (!value) return [];
  return common.OrdererAddresses.deserializeBinary(value.getValue_asU8())
    .getAddressesList()
    .map((address) => {
      const colon = address.lastIndexOf(':');
      return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    });
}
