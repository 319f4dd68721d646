import { join } from 'node:path';
import {
  prepareChaincodes,
  withPorts,
  type ChaincodeService,
  type Topology,
} from '@procurement/network';
import { topology as procurementTopology } from '@procurement/network/topologies/procurement';
import { superviseChaincode, type SupervisedChaincode } from './chaincode-supervisor';
import { ChildFailed, startChild, type Child } from './child';
import { logFolderOf, openLog, type LogFile } from './log-file';
import { networkFolderOf, startNetwork } from './network-process';
import type { Part } from './part';
import { freePorts, isPortFree } from './ports';
import { projectRoot } from './project-root';
import { readPeriods } from './settings';

/** What a whole running system is started with. */
export interface StackOptions {
  /** Folder of everything it keeps. */
  readonly folder: string;
  /** Port of the gateway; 0 for any free one. */
  readonly httpPort: number;
  /** First port of the network; 0 for free ones. */
  readonly networkPort: number;
  /**
   * Connection profile, or folder of them, of a network that runs already, chaincode included: only
   * the gateway is started then. Its wallet lies beside the folder of profiles.
   */
  readonly profile?: string;
  /** Added to the environment of the gateway and the chaincode processes. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
  /** Hears in a sentence what a person should know. Default: nobody. */
  readonly notice?: (sentence: string) => void;
}

/** A running system: network, one chaincode process for each organisation, gateway. */
export interface Stack {
  /** Address of the gateway, without a trailing slash. */
  readonly url: string;
  /** Where the processes' logs are. */
  readonly logFolder: string;
  /** Ids of the processes that run now, by name. */
  processIds(): ReadonlyMap<string, number>;
  /**
   * Resolves with a sentence when the network or the gateway ended without being asked to. Neither
   * is started again: whoever runs the system decides.
   */
  readonly broken: Promise<string>;
  /** Stops everything, last started first. */
  stop(): Promise<void>;
}

/** Everything that was started so far. */
interface Started {
  readonly parts: Part[];
  readonly logs: LogFile[];
}

const chaincodeFolder = join(projectRoot, 'chaincode', 'dist', 'package');
const gatewayProgram = join(projectRoot, 'gateway', 'dist', 'main.js');

/** What to do about a fault in the network's folder that the network itself cannot advise on. */
const remedies: Readonly<Record<string, string>> = {
  CryptoStoreError: 'Restore the whole folder from a copy, or begin anew with --fresh.',
};

/**
 * Starts everything and waits until it serves. Network, chaincodes and gateway load side by side;
 * the gateway begins when the network has written its profiles.
 * @throws ChildFailed with one sentence where a part cannot start; what ran by then is stopped
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const started: Started = { parts: [], logs: [] };
  try {
    return await Promise.race([startParts(options, started), abortOf(options.signal)]);
  } catch (error) {
    await stopAll(started);
    throw withRemedy(error);
  }
}

type Environment = Readonly<Record<string, string>>;

async function startParts(options: StackOptions, started: Started): Promise<Stack> {
  const given = { ...definedOnly(process.env), ...options.environment };
  const environment = { ...given, ...readPeriods(given) };
  return options.profile === undefined
    ? startWhole(options, { environment, started })
    : startOnProfile(options, { environment, started });
}

async function startOnProfile(
  options: StackOptions,
  { environment, started }: { readonly environment: Environment; readonly started: Started },
): Promise<Stack> {
  const log = openLog(options.folder, 'gateway');
  started.logs.push(log);
  const gateway = startGateway(options, { environment, log });
  started.parts.push(gateway);
  gateway.tell({ type: 'begin' });
  const { url } = await gateway.ready;
  return stackOf(options, { url, started, vital: [gateway] });
}

async function startWhole(
  options: StackOptions,
  { environment, started }: { readonly environment: Environment; readonly started: Started },
): Promise<Stack> {
  const topology = await topologyFor(options.networkPort);
  const busyPort = await findBusyPort(options, topology);
  const log = (name: string): LogFile => {
    const file = openLog(options.folder, name);
    started.logs.push(file);
    return file;
  };
  // This tells first when the folder is in use by the system that holds the ports.
  const services = await prepare(topology, options.folder);
  if (busyPort !== undefined) throw new ChildFailed(busyPort, 'PORT_IN_USE');
  const network = await startNetwork({ ...options, topology, log: log('network') });
  started.parts.push(network);
  options.signal?.throwIfAborted();
  const chaincodes = startChaincodes(services, { environment, log, notice: options.notice });
  started.parts.push(...chaincodes);
  const gateway = startGateway(options, { environment, log: log('gateway') });
  started.parts.push(gateway);
  await network.ready;
  gateway.tell({ type: 'begin' });
  const [{ url }] = await Promise.all([
    gateway.ready,
    ...chaincodes.map(({ listening }) => listening),
  ]);
  return stackOf(options, { url, started, vital: [network, gateway] });
}

function stackOf(
  options: StackOptions,
  parts: { readonly url: unknown; readonly started: Started; readonly vital: readonly Child[] },
): Stack {
  const { started, vital } = parts;
  return {
    url: String(parts.url),
    logFolder: logFolderOf(options.folder),
    processIds: () => new Map(started.parts.map(({ name, pid }) => [name, pid])),
    broken: Promise.race(vital.map(endOf)),
    stop: () => stopAll(started),
  };
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

/** A sentence about the first port in use of those whose processes would tell it in a log only. */
async function findBusyPort(
  { httpPort }: StackOptions,
  { chaincodes }: Topology,
): Promise<string | undefined> {
  const wanted = [
    { port: httpPort, who: 'the gateway', setting: 'PROCUREMENT_HTTP_PORT' },
    ...chaincodes.flatMap(({ addresses }) =>
      Object.entries(addresses).map(([mspId, { port }]) => {
        return { port, who: `the chaincode of ${mspId}`, setting: 'PROCUREMENT_NETWORK_PORT' };
      }),
    ),
  ];
  for (const { port, who, setting } of wanted) {
    if (port === 0 || (await isPortFree(port))) continue;
    return (
      `Port ${port} is in use, so ${who} cannot listen on it. ` +
      `Stop the program that uses it, or set ${setting} to another.`
    );
  }
  return undefined;
}

/** @throws ChildFailed as the network process does: the folder is its own */
async function prepare(topology: Topology, folder: string): Promise<readonly ChaincodeService[]> {
  try {
    return await prepareChaincodes({ topology, folder: networkFolderOf(folder) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = (error as { code?: unknown }).code;
    throw new ChildFailed(error.message, typeof code === 'string' ? code : error.name);
  }
}

function startChaincodes(
  services: readonly ChaincodeService[],
  parts: {
    readonly environment: Environment;
    readonly log: (name: string) => LogFile;
    readonly notice: StackOptions['notice'];
  },
): SupervisedChaincode[] {
  return services.map(({ mspId, port, tls, package: { id } }) =>
    superviseChaincode({
      process: {
        folder: chaincodeFolder,
        packageId: id,
        mspId,
        port,
        ...(tls && { tls }),
        env: parts.environment,
      },
      log: parts.log(`chaincode-${mspId}`),
      notice: parts.notice ?? (() => undefined),
    }),
  );
}

function startGateway(
  options: StackOptions,
  parts: { readonly environment: Environment; readonly log: LogFile },
): Child {
  return startChild({
    name: 'gateway',
    file: gatewayProgram,
    args: ['--await-begin'],
    environment: {
      ...parts.environment,
      PROCUREMENT_DATA: options.folder,
      PROCUREMENT_HTTP_PORT: String(options.httpPort),
      ...(options.profile !== undefined && { PROCUREMENT_PROFILE: options.profile }),
    },
    log: parts.log,
  });
}

async function endOf({ name, ended }: Child): Promise<string> {
  return `The ${name} process ended unexpectedly (${await ended})`;
}

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}

function withRemedy(error: unknown): unknown {
  if (!(error instanceof ChildFailed)) return error;
  const remedy = remedies[error.code];
  if (remedy === undefined) return error;
  const sentence = error.message.charAt(0).toUpperCase() + error.message.slice(1);
  return new ChildFailed(`${sentence.replace(/\.?$/, '.')} ${remedy}`, error.code);
}

async function stopAll({ parts, logs }: Started): Promise<void> {
  for (const part of parts) part.expectEnd?.();
  for (const part of [...parts].reverse()) await part.stop();
  for (const log of logs) log.close();
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
