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
}

/** One enrolled user of an organization. */
export interface User {
  /** Enrolment id; also the name of the wallet file, so unique over all organizations. */
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

/** A member of the channel with one peer. */
export interface Organization {
  readonly name: string;
  readonly mspId: string;
  /** DNS domain, also the name of its folder. */
  readonly domain: string;
  /** `name` is a single label (`peer0`); port 0 means any free port. */
  readonly peer: { readonly name: string; readonly port: number };
  readonly users: readonly User[];
  readonly policies?: OrganizationPolicies;
}

/** A chaincode as the channel defines it, with one process for each organization in `addresses`. */
export interface ChaincodeDefinition {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** Signature policy in the DSL, or the path of a channel policy such as
   * `/Channel/Application/Endorsement`. */
  readonly endorsementPolicy: string;
  /** Where the chaincode process of an organization listens, by MSP id. */
  readonly addresses: Readonly<Record<string, { readonly port: number }>>;
}

/** The single ordering node; `organization` is the MSP id of the organization that runs it. */
export interface OrdererNode {
  readonly organization: string;
  /** A single label (`orderer`); its host name is `<name>.<domain of the organization>`. */
  readonly name: string;
  readonly port: number;
}

/** A whole network with one channel. */
export interface Topology {
  readonly channel: string;
  readonly batch: BatchLimits;
  readonly organizations: readonly Organization[];
  readonly orderer: OrdererNode;
  readonly chaincodes: readonly ChaincodeDefinition[];
}

/** A topology that cannot be run; the message names the place and what is wrong there. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

/** Host name of an organization's peer, as in its certificates: `peer0.ministry.example`. */
export function peerHost(organization: Organization): string {
  return `${organization.peer.name}.${organization.domain}`;
}

/** Host name of the ordering node. @throws TopologyError when its organization is unknown */
export function ordererHost(topology: Topology): string {
  const { name, organization } = topology.orderer;
  return `${name}.${organizationOf(topology, organization).domain}`;
}

/** The organization with this MSP id. @throws TopologyError when there is none */
export function organizationOf(topology: Topology, mspId: string): Organization {
  const found = topology.organizations.find((one) => one.mspId === mspId);
  if (!found) throw new TopologyError(`no organization of the topology has the MSP id ${mspId}`);
  return found;
}

/**
 * The same network at other ports: the orderer at `basePort`, the peers from `basePort` + 1, the
 * chaincode processes from `basePort` + 11, in the order of the topology.
 * @param basePort 0 asks for any free port everywhere
 */
export function withPorts(topology: Topology, basePort: number): Topology {
  let nextChaincode = 11;
  const at = (offset: number): number => (basePort === 0 ? 0 : basePort + offset);
  return {
    ...topology,
    orderer: { ...topology.orderer, port: at(0) },
    organizations: topology.organizations.map((one, index) => ({
      ...one,
      peer: { ...one.peer, port: at(1 + index) },
    })),
    chaincodes: topology.chaincodes.map((one) => ({
      ...one,
      addresses: Object.fromEntries(
        Object.keys(one.addresses).map((mspId) => [mspId, { port: at(nextChaincode++) }]),
      ),
    })),
  };
}
