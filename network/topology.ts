/**
 * The type of a network. A topology is plain data: who takes part, where each process listens, and
 * which chaincodes the channel runs. Data from outside is checked by
 * `embedded/src/config/check-topology.ts`.
 */

/** When the ordering service closes a block (Fabric's BatchTimeout and BatchSize). */
export interface BatchLimits {
  /** Longest wait after the first transaction of a block, in milliseconds. */
  readonly timeoutMs: number;
  /** Most transactions in one block. */
  readonly maxMessageCount: number;
  /** Size in bytes above which a block is closed early. */
  readonly preferredMaxBytes: number;
  /** Largest transaction that the ordering service accepts, in bytes. */
  readonly absoluteMaxBytes: number;
  /**
   * Whether the embedded network closes a block at once while nothing else is under way; the
   * timeout is an upper bound in Fabric too. Default: no.
   */
  readonly cutWhenIdle?: boolean;
}

/** One enrolled user of an organization. */
export interface User {
  /** Enrolment id, unique within the organization; see `walletLabel` for its wallet file. */
  readonly name: string;
  /** Role OU of the certificate. */
  readonly type: 'client' | 'admin';
  /** Attributes put into the certificate besides `hf.*`, as Fabric CA does. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Signature policies of an organization in the DSL; each absent one is as in test-network. */
export interface OrganizationPolicies {
  readonly readers?: string;
  readonly writers?: string;
  readonly admins?: string;
  readonly endorsement?: string;
}

/** A peer; `name` is a single label (`peer0`), port 0 means any free port. */
export interface PeerNode {
  readonly name: string;
  readonly port: number;
}

/** An organization's CA as a server, with Fabric CA's REST interface. */
export interface AuthorityServer {
  readonly port: number;
  /** Who may register others, with the secret to enrol with. */
  readonly registrar: { readonly name: string; readonly secret: string };
}

/** A member of the channel. */
export interface Organization {
  readonly name: string;
  readonly mspId: string;
  /** DNS domain, also the name of its folder. */
  readonly domain: string;
  /** Absent where an organization only runs ordering nodes: it is no member of the application. */
  readonly peer?: PeerNode;
  readonly users: readonly User[];
  readonly policies?: OrganizationPolicies;
  /** Absent: the CA works from files only. */
  readonly certificateAuthority?: AuthorityServer;
}

/** An organization with a peer: a member of the application. */
export type PeerOrganization = Organization & { readonly peer: PeerNode };

/** A private data collection; the fields are those of Fabric's collection configuration files. */
export interface Collection {
  readonly name: string;
  /** Who keeps the data, in the DSL: `OR` of members. */
  readonly policy: string;
  readonly requiredPeerCount: number;
  readonly maxPeerCount: number;
  /** Blocks after which the data leave the state; 0 = never. */
  readonly blockToLive: number;
  readonly memberOnlyRead: boolean;
  readonly memberOnlyWrite: boolean;
  /** Signature policy in the DSL or the path of a channel policy; absent = the chaincode's. */
  readonly endorsementPolicy?: string;
}

/** A chaincode as the channel defines it, with one process for each organization in `addresses`. */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** Signature policy in the DSL, or the path of a channel policy such as
   * `/Channel/Application/Endorsement`. */
  readonly endorsementPolicy: string;
  readonly collections?: readonly Collection[];
  /** Whether each version must be initialized (`--isInit`) before anything else. Default: no. */
  readonly initRequired?: boolean;
  /**
   * How peers connect to the processes: `mutual` = TLS with certificates of the organization's TLS
   * CA on both ends, which the network makes. Default: `none`.
   */
  readonly tls?: 'none' | 'mutual';
  /** Where the chaincode process of an organization listens, by MSP id. */
  readonly addresses: Readonly<Record<string, { readonly port: number }>>;
}

/** An ordering node; `organization` is the MSP id of the organization that runs it. */
export interface OrdererNode {
  readonly organization: string;
  /** A single label (`orderer`); its host name is `<name>.<domain of the organization>`. */
  readonly name: string;
  readonly port: number;
}

/** The generation of Fabric whose answers are given where 2.5 and 3.1 differ. */
export type Compat = '2.5' | '3.1';

/** A chaincode as a further channel defines it; the processes of the network's chaincode of that
 * name and version run it there too. */
export type FurtherDefinition = Omit<ChaincodeDefinition, 'addresses' | 'tls'>;

/** A channel besides the first. */
export interface FurtherChannel {
  readonly name: string;
  /** MSP ids of its members, all with a peer; absent = every organization with a peer. */
  readonly organizations?: readonly string[];
  /** Policies in place of those of the organization, by MSP id. */
  readonly policies?: Readonly<Record<string, OrganizationPolicies>>;
  readonly chaincodes: readonly FurtherDefinition[];
}

/** A whole network. */
export interface Topology {
  /** The first channel: all organizations with a peer, and all of `chaincodes`. */
  readonly channel: string;
  readonly furtherChannels?: readonly FurtherChannel[];
  /** Default: 3.1. */
  readonly compat?: Compat;
  readonly batch: BatchLimits;
  readonly organizations: readonly Organization[];
  /** The ordering nodes, at least one; the embedded network runs the first. */
  readonly orderers: readonly OrdererNode[];
  /** The nodes that join `orderers` where the ordering service is SmartBFT (3f + 1 in all). */
  readonly bftOrderers?: readonly OrdererNode[];
  readonly chaincodes: readonly ChaincodeDefinition[];
}

/** A topology that cannot be run; the message names the place and what is wrong there. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

/** The generation of Fabric that a network answers as. */
export function compatOf({ compat }: Topology): Compat {
  return compat ?? '3.1';
}

/** Host name of an organization's peer, as in its certificates: `peer0.ministry.example`. */
export function peerHost(organization: PeerOrganization): string {
  return `${organization.peer.name}.${organization.domain}`;
}

/** Host name of an ordering node. @throws TopologyError when its organization is unknown */
export function ordererHost(topology: Topology, orderer: OrdererNode): string {
  return `${orderer.name}.${organizationOf(topology, orderer.organization).domain}`;
}

/** The ordering node that the embedded network runs. @throws TopologyError when there is none */
export function firstOrderer(topology: Topology): OrdererNode {
  const [first] = topology.orderers;
  if (!first) throw new TopologyError('the topology has no ordering node');
  return first;
}

/** The organizations with a peer, in their order. */
export function peerOrganizations(topology: Topology): readonly PeerOrganization[] {
  return topology.organizations.filter((one): one is PeerOrganization => one.peer !== undefined);
}

/**
 * The network as each of its channels sees it, the first channel first: name, members with the
 * policies they have there, and chaincodes. Organizations that only order stay, without a peer.
 */
export function channelViews(topology: Topology): readonly Topology[] {
  const { furtherChannels = [], ...first } = topology;
  return [first, ...furtherChannels.map((channel) => viewOf(first, channel))];
}

function viewOf(topology: Topology, channel: FurtherChannel): Topology {
  const { name, organizations: members, policies } = channel;
  return {
    ...topology,
    channel: name,
    organizations: topology.organizations.map(({ peer, ...one }) => ({
      ...one,
      ...(peer && (members?.includes(one.mspId) ?? true) && { peer }),
      policies: { ...one.policies, ...policies?.[one.mspId] },
    })),
    chaincodes: channel.chaincodes.map((one) => ({ ...one, addresses: {} })),
  };
}

/** The organization with this MSP id. @throws TopologyError when there is none */
export function organizationOf(topology: Topology, mspId: string): Organization {
  const found = topology.organizations.find((one) => one.mspId === mspId);
  if (!found) throw new TopologyError(`no organization of the topology has the MSP id ${mspId}`);
  return found;
}

/**
 * The name of a user's wallet file: the user's name, or `<name>@<domain>` where several
 * organizations of the topology have a user of that name.
 * @throws TopologyError when the organization is unknown
 */
export function walletLabel(topology: Topology, user: { mspId: string; name: string }): string {
  const { mspId, name } = user;
  const namesakes = topology.organizations.filter(({ users }) =>
    users.some((one) => one.name === name),
  );
  if (namesakes.length < 2) return name;
  return `${name}@${organizationOf(topology, mspId).domain}`;
}

/**
 * The same network at other ports: the ordering node at `basePort`, the peers from `basePort` + 1,
 * further ordering nodes from `basePort` + 7, the chaincode processes from `basePort` + 11, CA
 * servers from `basePort` + 91, in the order of the topology.
 * @param basePort 0 asks for any free port everywhere
 */
export function withPorts(topology: Topology, basePort: number): Topology {
  let nextChaincode = 11;
  const at = (offset: number): number => (basePort === 0 ? 0 : basePort + offset);
  const ordererAt = (index: number): number => at(index === 0 ? 0 : 6 + index);
  let nextPeer = 1;
  const { orderers, bftOrderers } = topology;
  return {
    ...topology,
    orderers: orderers.map((one, index) => ({ ...one, port: ordererAt(index) })),
    ...(bftOrderers && {
      bftOrderers: bftOrderers.map((one, index) => ({
        ...one,
        port: ordererAt(orderers.length + index),
      })),
    }),
    organizations: topology.organizations.map(({ peer, certificateAuthority, ...one }, index) => ({
      ...one,
      ...(peer && { peer: { ...peer, port: at(nextPeer++) } }),
      ...(certificateAuthority && {
        certificateAuthority: { ...certificateAuthority, port: at(91 + index) },
      }),
    })),
    chaincodes: topology.chaincodes.map((one) => ({
      ...one,
      addresses: Object.fromEntries(
        Object.keys(one.addresses).map((mspId) => [mspId, { port: at(nextChaincode++) }]),
      ),
    })),
  };
}
