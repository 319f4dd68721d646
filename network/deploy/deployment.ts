import { join } from 'node:path/posix';
import { stringify } from 'yaml';
import { homeFolder, nodeFolder } from '../certificates/crypto-layout';
import { configtxDocument, plannedChannels } from '../fabric/configtx';
import { coreDocument, defaultExecuteTimeout } from '../fabric/core-yaml';
import { planNetwork } from '../fabric/network-plan';
import type { Consensus, NetworkPlan, PlannedNode } from '../fabric/network-plan';
import { defaultTimeWindow } from '../fabric/node-place';
import type { NodePlace } from '../fabric/node-place';
import { ordererDocument } from '../fabric/orderer-yaml';
import { organizationOf, peerOrganizations, TopologyError } from '../topology';
import type {
  ChaincodeDefinition,
  Compat,
  Organization,
  PeerOrganization,
  Topology,
} from '../topology';

/** A file or folder of key material that a container sees, read-only. */
export interface MaterialMount {
  /** Path under the folder `organizations`. */
  readonly source: string;
  readonly target: string;
}

/** A text that is rendered, and that a container sees, read-only. */
export interface ConfigurationFile {
  /** Path under the folder that is rendered into. */
  readonly path: string;
  readonly text: string;
  readonly target: string;
}

/** How to find out whether a container works. */
export type HealthProbe =
  | { readonly kind: 'http'; readonly port: number; readonly path: string }
  | { readonly kind: 'tcp'; readonly port: number };

/** A container of a network, whatever runs it. */
export interface DeployedService {
  readonly kind: 'peer' | 'orderer' | 'chaincode' | 'gateway';
  /** Host name, as in its TLS certificate: `peer0.ministry.example`. */
  readonly host: string;
  /** A single label, unique in its organization: `peer0`. */
  readonly label: string;
  /** Name of its organization in the topology. */
  readonly organization: string;
  readonly mspId: string;
  /** Ports by what they are for; the first is the one that the service is there for. */
  readonly ports: Readonly<Record<string, number>>;
  readonly health: HealthProbe;
  readonly material: readonly MaterialMount[];
  readonly configuration: readonly ConfigurationFile[];
  readonly environment: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** Folder that must outlive the container. */
  readonly dataFolder?: string;
}

/** A whole network as containers. */
export interface Deployment {
  readonly plan: NetworkPlan;
  /** Exact version of the official images, such as 3.1.5. */
  readonly fabricVersion: string;
  readonly services: readonly DeployedService[];
  /** Text of `configtx.yaml`, whose paths are relative to the folder it is rendered into. */
  readonly configtx: string;
}

/** Mount points in the containers. */
const inside = {
  configuration: '/etc/hyperledger/configuration',
  material: '/etc/hyperledger/material',
  roots: '/etc/hyperledger/roots',
  peerData: '/var/hyperledger/production',
  ordererData: '/var/hyperledger/production/orderer',
  chaincodeTls: '/etc/procurement/tls',
  gateway: '/etc/procurement',
  gatewayData: '/var/lib/procurement',
} as const;

/** Where the official peer image has the builder for chaincode as a service. */
const builderFolder = '/opt/hyperledger/ccaas_builder';
const allAddresses = '0.0.0.0';
const gatewayPort = 8080;

/**
 * What runs where when a topology is deployed as containers.
 * @param parts.fabricVersion exact version of the official images, such as 2.5.16 or 3.1.5
 * @throws TopologyError where a port is not fixed, the version is none of 2.5 or 3.1, or SmartBFT
 *   is asked of 2.5
 */
export function planDeployment(parts: {
  topology: Topology;
  fabricVersion: string;
  consensus: Consensus;
}): Deployment {
  const { topology, fabricVersion, consensus } = parts;
  const fabric = generationOf(fabricVersion);
  if (consensus === 'bft' && fabric === '2.5') {
    throw new TopologyError('SmartBFT needs Fabric 3.1; with 2.5 the ordering nodes use Raft');
  }
  const plan = planNetwork({ topology, consensus });
  const place = placeOf(plan, fabric);
  return {
    plan,
    fabricVersion,
    services: [
      ...plan.orderers.map((node) => ordererService(plan, place(node))),
      ...plan.peers.map((node) => peerService(topology, place(node))),
      ...topology.chaincodes.flatMap((chaincode) => chaincodeServices(topology, chaincode)),
      ...plan.peers.map((node) => gatewayService(plan, node)),
    ],
    configtx: stringify(
      configtxDocument({
        plan,
        channels: plannedChannels(plan),
        paths: materialPaths(topology),
        advertisedHost: (node) => node.host,
      }),
      { aliasDuplicateObjects: false },
    ),
  };
}

/** Path of a chaincode's TLS material under the folder `organizations`. */
function chaincodeFolder(organization: PeerOrganization, chaincode: string): string {
  return join(homeFolder('', organization), 'chaincodes', chaincode);
}

/** Host name of an organization's chaincode, as in its TLS certificate. */
export function chaincodeHost(chaincode: string, { domain }: Pick<Organization, 'domain'>): string {
  return `${chaincode}.${domain}`;
}

/** Variable that names the package id of an organization's chaincode. */
export function packageIdVariable(chaincode: string, mspId: string): string {
  return `PACKAGE_ID_${chaincode}_${mspId}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

function generationOf(version: string): Compat {
  const found = /^(2\.5|3\.1)\.\d+$/.exec(version);
  if (found) return found[1] === '2.5' ? '2.5' : '3.1';
  throw new TopologyError(
    `the version of Fabric must be exact and of 2.5 or 3.1, such as 3.1.5, not "${version}"`,
  );
}

function placeOf(plan: NetworkPlan, fabric: Compat): (node: PlannedNode) => NodePlace {
  return (node) => ({
    node,
    folders: {
      msp: join(inside.material, 'msp'),
      tls: join(inside.material, 'tls'),
      data: node.kind === 'peer' ? inside.peerData : inside.ordererData,
    },
    fabric,
    bindHost: allAddresses,
    advertisedHost: node.host,
    timeWindow: defaultTimeWindow,
    metrics: true,
  });
}

function peerService(topology: Topology, place: NodePlace): DeployedService {
  const { node } = place;
  const document = coreDocument({ ...place, builderFolder, executeTimeout: defaultExecuteTimeout });
  return {
    ...nodeService(topology, node),
    ports: { grpc: node.port, operations: node.operationsPort },
    configuration: [nodeConfiguration(node, 'core.yaml', document)],
    dataFolder: inside.peerData,
  };
}

function ordererService(plan: NetworkPlan, place: NodePlace): DeployedService {
  const { node } = place;
  // Its own root for clients, and those of the other ordering nodes for the cluster.
  const roots = [...new Set(plan.orderers.map(({ mspId }) => mspId))].map((mspId) => {
    const { domain } = organizationOf(plan.topology, mspId);
    return {
      source: tlsRootOf(plan.topology, mspId),
      target: join(inside.roots, `${domain}.pem`),
    };
  });
  const clusterRootCas = roots.map(({ target }) => target);
  const service = nodeService(plan.topology, node);
  return {
    ...service,
    ports: { grpc: node.port, admin: node.secondPort, operations: node.operationsPort },
    material: [...service.material, ...roots],
    configuration: [
      nodeConfiguration(node, 'orderer.yaml', ordererDocument({ ...place, clusterRootCas })),
    ],
    dataFolder: inside.ordererData,
  };
}

function nodeService(
  topology: Topology,
  node: PlannedNode,
): Omit<DeployedService, 'ports' | 'configuration'> {
  const organization = organizationOf(topology, node.mspId);
  const kind = node.kind === 'peer' ? 'peers' : 'orderers';
  return {
    kind: node.kind,
    host: node.host,
    label: node.host.slice(0, node.host.indexOf('.')),
    organization: organization.name,
    mspId: node.mspId,
    health: { kind: 'http', port: node.operationsPort, path: '/healthz' },
    material: [
      { source: nodeFolder('', { organization, kind, host: node.host }), target: inside.material },
    ],
    environment: {
      FABRIC_CFG_PATH: inside.configuration,
      FABRIC_LOGGING_SPEC: 'info',
      FABRIC_LOGGING_FORMAT: 'json',
    },
  };
}

function nodeConfiguration(
  node: PlannedNode,
  name: 'core.yaml' | 'orderer.yaml',
  document: object,
): ConfigurationFile {
  return {
    path: join('nodes', node.host, name),
    text: stringify(document, { aliasDuplicateObjects: false }),
    target: join(inside.configuration, name),
  };
}

function chaincodeServices(topology: Topology, chaincode: ChaincodeDefinition): DeployedService[] {
  return Object.entries(chaincode.addresses).map(([mspId, { port }]) => {
    const organization = peerOrganizations(topology).find((one) => one.mspId === mspId);
    if (!organization) {
      throw new TopologyError(`${chaincode.name} has an address of ${mspId}, which has no peer`);
    }
    const tls = (file: string): string => join(inside.chaincodeTls, file);
    return {
      kind: 'chaincode',
      host: chaincodeHost(chaincode.name, organization),
      label: chaincode.name,
      organization: organization.name,
      mspId,
      ports: { grpc: port },
      health: { kind: 'tcp', port },
      material: ['server.crt', 'server.key', 'ca.crt'].map((file) => ({
        source: join(chaincodeFolder(organization, chaincode.name), file),
        target: tls(file),
      })),
      configuration: [],
      environment: { CORE_PEER_LOCALMSPID: mspId, CORE_CHAINCODE_LOGGING_LEVEL: 'INFO' },
      command: [
        ...['fabric-chaincode-node', 'server'],
        ...['--chaincode-address', `${allAddresses}:${String(port)}`],
        ...['--chaincode-id', `\${${packageIdVariable(chaincode.name, mspId)}}`],
        ...['--chaincode-tls-cert-file', tls('server.crt')],
        ...['--chaincode-tls-key-file', tls('server.key')],
        // A process that shows no certificate of the organization's own TLS CA is refused.
        ...['--chaincode-tls-client-cacert-file', tls('ca.crt')],
      ],
    };
  });
}

/**
 * A gateway serves its own organization, whose identities alone are in its wallet. It knows a peer
 * of every organization, because a receipt says what peers of two of them found.
 */
function gatewayService(plan: NetworkPlan, own: PlannedNode): DeployedService {
  const { topology } = plan;
  const organization = organizationOf(topology, own.mspId);
  const wallet = join(homeFolder('', organization), 'gateway', 'wallet');
  const another = plan.peers.find(({ mspId }) => mspId !== own.mspId);
  const host = `gateway.${organization.domain}`;
  return {
    kind: 'gateway',
    host,
    label: 'gateway',
    organization: organization.name,
    mspId: own.mspId,
    ports: { http: gatewayPort },
    health: { kind: 'http', port: gatewayPort, path: '/health/ready' },
    material: [
      { source: wallet, target: join(inside.gateway, 'wallet') },
      ...plan.peers.map(({ mspId, domain }) => ({
        source: tlsRootOf(topology, mspId),
        target: gatewayRoot(domain),
      })),
    ],
    configuration: plan.peers.map((peer) => ({
      path: join('gateways', organization.name, `${peer.mspId}.json`),
      text: `${JSON.stringify(gatewayProfile(topology, peer), undefined, 2)}\n`,
      target: join(inside.gateway, 'profiles', `${peer.mspId}.json`),
    })),
    environment: {
      PROCUREMENT_HTTP_HOST: allAddresses,
      PROCUREMENT_HTTP_PORT: String(gatewayPort),
      // People sign in to this address, and the store is registered under it.
      PROCUREMENT_PUBLIC_URL: `http://${host}:${String(gatewayPort)}`,
      PROCUREMENT_DATA: inside.gatewayData,
      PROCUREMENT_PROFILE: join(inside.gateway, 'profiles'),
      PROCUREMENT_CHANNEL: topology.channel,
      PROCUREMENT_LEDGER_ADAPTER: 'fabric-gateway',
      ...(another && { PROCUREMENT_RECEIPT_ORGANIZATIONS: `${own.mspId},${another.mspId}` }),
    },
    dataFolder: inside.gatewayData,
  };
}

function gatewayProfile(topology: Topology, { mspId, host, port, domain }: PlannedNode): object {
  const { name } = organizationOf(topology, mspId);
  return {
    name: `${topology.channel}-${name}`,
    version: '1.0.0',
    client: { organization: name },
    organizations: { [name]: { mspid: mspId, peers: [host] } },
    peers: {
      [host]: {
        url: `grpcs://${host}:${String(port)}`,
        tlsCACerts: { path: gatewayRoot(domain) },
      },
    },
  };
}

function gatewayRoot(domain: string): string {
  return join(inside.gateway, 'tls', `${domain}.pem`);
}

/** The certificate of an organization's TLS CA, under the folder `organizations`. */
function tlsRootOf(topology: Topology, mspId: string): string {
  const organization = organizationOf(topology, mspId);
  return join(homeFolder('', organization), 'tlsca', `tlsca.${organization.domain}-cert.pem`);
}

function materialPaths(topology: Topology): Parameters<typeof configtxDocument>[0]['paths'] {
  const nodeOf = (node: PlannedNode): string =>
    nodeFolder('organizations', {
      organization: organizationOf(topology, node.mspId),
      kind: node.kind === 'peer' ? 'peers' : 'orderers',
      host: node.host,
    });
  return {
    organizationMsp: (mspId) =>
      join(homeFolder('organizations', organizationOf(topology, mspId)), 'msp'),
    signingCertificate: (node) => join(nodeOf(node), 'msp', 'signcerts', `${node.host}-cert.pem`),
    tlsCertificate: (node) => join(nodeOf(node), 'tls', 'server.crt'),
  };
}
