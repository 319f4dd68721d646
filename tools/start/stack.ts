import { join } from 'node:path';
import { packageIdOf, withPorts, type Topology } from '@procurement/network';
import { topology as procurementTopology } from '@procurement/network/topologies/procurement';
import { superviseChaincode } from './chaincode-supervisor';
import { startChild, type Child } from './child';
import { startNetwork } from './network-process';
import type { Part } from './part';
import { freePorts } from './ports';
import { projectRoot } from './project-root';

/** What a whole running system is started with. */
export interface StackOptions {
  /** Folder of everything it keeps. */
  readonly folder: string;
  /** Port of the gateway; 0 for any free one. */
  readonly httpPort: number;
  /** First port of the network; 0 for free ones. */
  readonly networkPort: number;
  /** Added to the environment of the gateway and the chaincode processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A running system: network, one chaincode process for each organisation, gateway. */
export interface Stack {
  /** Address of the gateway, without a trailing slash. */
  readonly url: string;
  /** Ids of the processes that run now, by name. */
  processIds(): ReadonlyMap<string, number>;
  /** Resolves with the name of the network or gateway process that ended without being asked to. */
  readonly broken: Promise<string>;
  /** Stops everything, last started first. */
  stop(): Promise<void>;
}

const chaincodeFolder = join(projectRoot, 'chaincode', 'dist', 'package');
const gatewayProgram = join(projectRoot, 'gateway', 'dist', 'main.js');

/** Periods short enough to watch; without these settings the chaincode asks for days. */
const watchablePeriods = { PROCUREMENT_MIN_BIDDING_MS: '1000', PROCUREMENT_MIN_GRACE_MS: '500' };

/**
 * Starts everything and waits until it serves.
 * @throws ChildFailed with one sentence where a part cannot start; what ran by then is stopped
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const parts: Part[] = [];
  try {
    const environment = {
      ...watchablePeriods,
      ...definedOnly(process.env),
      ...options.environment,
    };
    const topology = await topologyFor(options.networkPort);
    const network = await startNetwork(options.folder, topology);
    parts.push(network);
    parts.push(...startChaincodes(topology, environment));
    const gateway = await startGateway(options, environment);
    parts.push(gateway);
    return {
      url: String(gateway.announced['url']),
      processIds: () => new Map(parts.map(({ name, pid }) => [name, pid])),
      broken: Promise.race([network, gateway].map(({ name, ended }) => ended.then(() => name))),
      stop: () => stopAll(parts),
    };
  } catch (error) {
    await stopAll(parts);
    throw error;
  }
}

async function topologyFor(networkPort: number): Promise<Topology> {
  const topology = withPorts(procurementTopology, networkPort);
  if (networkPort !== 0) return topology;
  const chaincodes = await Promise.all(
    topology.chaincodes.map(async (chaincode) => {
      const mspIds = Object.keys(chaincode.addresses);
      const ports = await freePorts(mspIds.length);
      const addresses = mspIds.map((mspId, index) => [mspId, { port: ports[index] ?? 0 }] as const);
      return { ...chaincode, addresses: Object.fromEntries(addresses) };
    }),
  );
  return { ...topology, chaincodes };
}

function startChaincodes(
  topology: Topology,
  environment: Readonly<Record<string, string>>,
): Part[] {
  return topology.chaincodes.flatMap((chaincode) =>
    Object.entries(chaincode.addresses).map(([mspId, { port }]) =>
      superviseChaincode({
        folder: chaincodeFolder,
        packageId: packageIdOf(chaincode),
        mspId,
        port,
        env: environment,
      }),
    ),
  );
}

function startGateway(
  options: StackOptions,
  environment: Readonly<Record<string, string>>,
): Promise<Child> {
  return startChild({
    name: 'gateway',
    file: gatewayProgram,
    args: [],
    environment: {
      ...environment,
      PROCUREMENT_DATA: options.folder,
      PROCUREMENT_HTTP_PORT: String(options.httpPort),
    },
  });
}

async function stopAll(parts: readonly Part[]): Promise<void> {
  for (const part of [...parts].reverse()) await part.stop();
}

function definedOnly(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
