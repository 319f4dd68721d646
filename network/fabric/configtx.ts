import { channelViews, peerOrganizations } from '../topology';
import type { Organization, PeerOrganization } from '../topology';
import type { NetworkPlan, PlannedNode } from './network-plan';

/** Where the material of a network lies; absolute paths. */
export interface MaterialPaths {
  /** MSP folder of an organization (certificates only), by its MSP id. */
  organizationMsp(mspId: string): string;
  /** Signing certificate of a node. */
  signingCertificate(node: PlannedNode): string;
  /** TLS certificate of a node, which it shows as a server and as a client. */
  tlsCertificate(node: PlannedNode): string;
}

/** A channel that a profile of configtx.yaml describes. */
export interface PlannedChannel {
  readonly name: string;
  readonly organizations: readonly PeerOrganization[];
}

/** A `configtx.yaml` as data: what configtxgen reads. */
export interface ConfigtxDocument {
  /** Members of the first channel, for `configtxgen -printOrg`. */
  readonly Organizations: readonly OrganizationSection[];
  readonly Profiles: Readonly<Record<string, ConfigtxProfile>>;
}

/** A channel's first configuration. */
export interface ConfigtxProfile {
  readonly Policies: Policies;
  readonly Capabilities: Capabilities;
  readonly Orderer: OrdererSection;
  readonly Application: {
    readonly Organizations: readonly OrganizationSection[];
    readonly Policies: Policies;
    readonly Capabilities: Capabilities;
  };
}

interface OrdererSection {
  readonly OrdererType: 'etcdraft' | 'BFT';
  readonly BatchTimeout: string;
  readonly BatchSize: Readonly<
    Record<'MaxMessageCount' | 'AbsoluteMaxBytes' | 'PreferredMaxBytes', number>
  >;
  readonly Organizations: readonly OrganizationSection[];
  readonly Policies: Policies;
  readonly Capabilities: Capabilities;
  readonly EtcdRaft?: object;
  readonly ConsenterMapping?: readonly object[];
  readonly SmartBFT?: object;
}

interface OrganizationSection {
  readonly Name: string;
  readonly ID: string;
  readonly MSPDir: string;
  readonly Policies: Policies;
  readonly AnchorPeers?: readonly HostAndPort[];
  readonly OrdererEndpoints?: readonly string[];
}

interface HostAndPort {
  readonly Host: string;
  readonly Port: number;
}

type Policies = Readonly<Record<string, { readonly Type: string; readonly Rule: string }>>;
type Capabilities = Readonly<Record<string, true>>;

/** Every certificate of the project also holds for it, and it needs no entry in a hosts file. */
const localHost = 'localhost';

/**
 * The configuration of a network's channels: one profile each, named like the channel. Policies are
 * those of `embedded/src/config/genesis.ts`; what differs is the ordering service, which has all
 * its nodes here, and the batch.
 * Source: internal/configtxgen/genesisconfig/config.go, encoder/encoder.go.
 */
export function configtxDocument(parts: {
  plan: NetworkPlan;
  channels: readonly PlannedChannel[];
  paths: MaterialPaths;
  /** Name by which nodes reach each other; default `localhost`. */
  advertisedHost?: (node: PlannedNode) => string;
}): ConfigtxDocument {
  const rendering: Rendering = { advertisedHost: () => localHost, ...parts };
  const members = parts.channels[0]?.organizations ?? [];
  return {
    Organizations: members.map((one) => memberSection(rendering, one)),
    Profiles: Object.fromEntries(
      parts.channels.map((channel) => [channel.name, profileOf(rendering, channel)]),
    ),
  };
}

/** The channels of a plan. */
export function plannedChannels({ topology }: NetworkPlan): readonly PlannedChannel[] {
  return channelViews(topology).map((view) => {
    return { name: view.channel, organizations: peerOrganizations(view) };
  });
}

/** The peers of a channel's members. */
export function peersOf(plan: NetworkPlan, channel: PlannedChannel): readonly PlannedNode[] {
  const members = channel.organizations.map(({ mspId }) => mspId);
  return plan.peers.filter(({ mspId }) => members.includes(mspId));
}

interface Rendering {
  readonly plan: NetworkPlan;
  readonly paths: MaterialPaths;
  readonly advertisedHost: (node: PlannedNode) => string;
}

function profileOf(rendering: Rendering, channel: PlannedChannel): ConfigtxProfile {
  return {
    Policies: metaPolicies,
    // Only this one tells the nodes of a channel to agree by SmartBFT.
    Capabilities: { [rendering.plan.consensus === 'bft' ? 'V3_0' : 'V2_0']: true },
    Orderer: ordererSection(rendering),
    Application: {
      Organizations: channel.organizations.map((one) => memberSection(rendering, one)),
      Policies: {
        ...metaPolicies,
        Endorsement: implicitMeta('MAJORITY Endorsement'),
        LifecycleEndorsement: implicitMeta('MAJORITY Endorsement'),
      },
      Capabilities: { V2_5: true },
    },
  };
}

function memberSection(rendering: Rendering, organization: PeerOrganization): OrganizationSection {
  const { mspId, policies } = organization;
  return {
    ...organizationHead(rendering, mspId),
    Policies: {
      Readers: signature(
        policies?.readers ?? `OR('${mspId}.admin', '${mspId}.peer', '${mspId}.client')`,
      ),
      Writers: signature(policies?.writers ?? `OR('${mspId}.admin', '${mspId}.client')`),
      Admins: signature(policies?.admins ?? `OR('${mspId}.admin')`),
      Endorsement: signature(policies?.endorsement ?? `OR('${mspId}.peer')`),
    },
    AnchorPeers: rendering.plan.peers
      .filter((peer) => peer.mspId === mspId)
      .map((peer) => ({ Host: rendering.advertisedHost(peer), Port: peer.port })),
  };
}

function ordererSection(rendering: Rendering): OrdererSection {
  const { batch, consensus, topology } = rendering.plan;
  const ordering = topology.organizations.filter(({ mspId }) => nodesOf(rendering, mspId).length);
  return {
    OrdererType: consensus === 'bft' ? 'BFT' : 'etcdraft',
    BatchTimeout: `${String(batch.timeoutMs)}ms`,
    BatchSize: {
      MaxMessageCount: batch.maxMessageCount,
      AbsoluteMaxBytes: batch.absoluteMaxBytes,
      PreferredMaxBytes: batch.preferredMaxBytes,
    },
    Organizations: ordering.map((one) => orderingMemberSection(rendering, one)),
    // With SmartBFT configtxgen puts a quorum of the consenters in the place of BlockValidation.
    Policies: { ...metaPolicies, BlockValidation: implicitMeta('ANY Writers') },
    Capabilities: { V2_0: true },
    ...(consensus === 'bft' ? bftSection(rendering) : raftSection(rendering)),
  };
}

/**
 * Narrower than `member` of the Fabric samples: /Channel/Writers takes any sub-group, so a peer of
 * an organization that also orders could otherwise submit transactions.
 */
function orderingMemberSection(rendering: Rendering, { mspId }: Organization): OrganizationSection {
  return {
    ...organizationHead(rendering, mspId),
    Policies: {
      Readers: signature(`OR('${mspId}.orderer', '${mspId}.admin')`),
      Writers: signature(`OR('${mspId}.orderer', '${mspId}.admin')`),
      Admins: signature(`OR('${mspId}.admin')`),
    },
    OrdererEndpoints: nodesOf(rendering, mspId).map((node) => {
      return `${rendering.advertisedHost(node)}:${String(node.port)}`;
    }),
  };
}

function raftSection({ plan, paths, advertisedHost }: Rendering): object {
  return {
    EtcdRaft: {
      Consenters: plan.orderers.map((node) => ({
        Host: advertisedHost(node),
        Port: node.port,
        ClientTLSCert: paths.tlsCertificate(node),
        ServerTLSCert: paths.tlsCertificate(node),
      })),
      Options: {
        TickInterval: '500ms',
        ElectionTick: 10,
        HeartbeatTick: 1,
        MaxInflightBlocks: 5,
        SnapshotIntervalSize: '16 MB',
      },
    },
  };
}

function bftSection({ plan, paths, advertisedHost }: Rendering): object {
  return {
    ConsenterMapping: plan.orderers.map((node, index) => ({
      ID: index + 1,
      Host: advertisedHost(node),
      Port: node.port,
      MSPID: node.mspId,
      Identity: paths.signingCertificate(node),
      ClientTLSCert: paths.tlsCertificate(node),
      ServerTLSCert: paths.tlsCertificate(node),
    })),
    // All of them, since a section that is there gets no defaults. The nodes take the number and
    // the size of a batch from BatchSize, but its longest wait from here.
    SmartBFT: {
      RequestBatchMaxCount: plan.batch.maxMessageCount,
      RequestBatchMaxBytes: plan.batch.absoluteMaxBytes,
      RequestBatchMaxInterval: `${String(plan.batch.timeoutMs)}ms`,
      IncomingMessageBufferSize: 200,
      RequestPoolSize: 400,
      RequestForwardTimeout: '2s',
      RequestComplainTimeout: '20s',
      RequestAutoRemoveTimeout: '3m0s',
      ViewChangeResendInterval: '5s',
      ViewChangeTimeout: '20s',
      LeaderHeartbeatTimeout: '1m0s',
      LeaderHeartbeatCount: 10,
      CollectTimeout: '1s',
      SyncOnStart: false,
      SpeedUpViewChange: false,
    },
  };
}

const metaPolicies: Policies = {
  Readers: implicitMeta('ANY Readers'),
  Writers: implicitMeta('ANY Writers'),
  Admins: implicitMeta('MAJORITY Admins'),
};

function organizationHead(
  { paths }: Rendering,
  mspId: string,
): Pick<OrganizationSection, 'Name' | 'ID' | 'MSPDir'> {
  return { Name: mspId, ID: mspId, MSPDir: paths.organizationMsp(mspId) };
}

function nodesOf({ plan }: Rendering, mspId: string): readonly PlannedNode[] {
  return plan.orderers.filter((node) => node.mspId === mspId);
}

function signature(rule: string): { Type: string; Rule: string } {
  return { Type: 'Signature', Rule: rule };
}

function implicitMeta(rule: string): { Type: string; Rule: string } {
  return { Type: 'ImplicitMeta', Rule: rule };
}
