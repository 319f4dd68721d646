import { join } from 'node:path';
import {
  isPortFree,
  prepareChaincodes,
  withPorts,
  type ChaincodeService,
  type Topology,
} from '@procurement/network';
import { topology as procurementTopology } from '@procurement/network/topologies/procurement';
import { withoutPeople } from '../demonstration/cast';
import { superviseChaincode, type SupervisedChaincode } from './chaincode-supervisor';
import { ChildFailed, startChild, type Child } from './child';
import { gatewayStoreOf, gatewayWalletOf, prepareGatewayWallet } from './gateway-wallet';
import { logFolderOf, openLog, type LogFile } from './log-file';
import { networkFolderOf, startNetwork } from './network-process';
import type { Part } from './part';
import { onFreePorts } from './ports';
import { projectRoot } from './project-root';
import { readPeriods } from './settings';

/** What a whole running system is started with. */
export interface StackOptions {
  /** Folder of everything it keeps. */
  readonly folder: string;
  /** Port of the gateway, the second one's is the next; 0 for any free ones. */
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
  /** Added to the second gateway's environment, which has an address of its own. */
  readonly secondEnvironment?: Readonly<Record<string, string>>;
  /** Called when the network serves, before the gateway's wallet is made. */
  readonly onNetwork?: () => Promise<void>;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
  /** Hears in a sentence what a person should know. Default: nobody. */
  readonly notice?: (sentence: string) => void;
}

/** Organisations whose gateways run: the first one's, and the second one's as a witness. */
export const GATEWAYS = { first: 'AuditorMSP', second: 'MinistryMSP' } as const;

/** A running system: network, one chaincode process for each organisation, gateway. */
export interface Stack {
  /** Address of the gateway, without a trailing slash. */
  readonly url: string;
  /** Where the processes' logs are. */
  readonly logFolder: string;
  /**
   * Starts the gateway of a second organisation, once, and answers its address: what one gateway
   * shows can be held against the other, and either closes tenders when the other is gone. On a
   * network with a profile there is none.
   */
  startSecond(): Promise<string | undefined>;
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
const gatewayProgram = join(projectRoot, 'gateway', 'dist', 'program', 'gateway.js');

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
  const gateway = startGateway({ ...options, environment, started });
  gateway.tell({ type: 'begin' });
  const { url } = await gateway.ready;
  const startSecond = (): Promise<undefined> => Promise.resolve(undefined);
  return stackOf(options, { url, started, vital: [gateway], startSecond });
}

async function startWhole(
  options: StackOptions,
  { environment, started }: { readonly environment: Environment; readonly started: Started },
): Promise<Stack> {
  const topology = await topologyFor(options.networkPort);
  const busyPort = await findBusyPort(options, topology);
  const log = (name: string): LogFile => openLogOf(options, started, name);
  // This tells first when the folder is in use by the system that holds the ports.
  const services = await prepare(topology, options.folder);
  if (busyPort !== undefined) throw new ChildFailed(busyPort, 'PORT_IN_USE');
  const network = await startNetwork({ ...options, topology, log: log('network') });
  started.parts.push(network);
  options.signal?.throwIfAborted();
  const chaincodes = startChaincodes(services, { environment, log, notice: options.notice });
  started.parts.push(...chaincodes);
  const gateway = startGateway({ ...options, environment, started, mspId: GATEWAYS.first });
  await network.ready;
  await options.onNetwork?.();
  await prepareWallets({ ...options, topology, environment });
  gateway.tell({ type: 'begin' });
  const [{ url }] = await Promise.all([
    gateway.ready,
    ...chaincodes.map(({ listening }) => listening),
  ]);
  const second = secondGateway({ ...options, environment, started });
  return stackOf(options, { url, started, vital: [network, gateway], ...second });
}

function openLogOf({ folder }: StackOptions, { logs }: Started, name: string): LogFile {
  const file = openLog(folder, name);
  logs.push(file);
  return file;
}

/** The first gateway signs for the service accounts, if there are any; the second for nobody. */
async function prepareWallets(
  options: StackOptions & { readonly topology: Topology; readonly environment: Environment },
): Promise<void> {
  const { folder, topology, environment } = options;
  const networkWallet = join(networkFolderOf(folder), 'wallet');
  const named = environment['PROCUREMENT_SERVICE_ACCOUNTS'] ?? '';
  const accounts = named.split(',').filter((name) => name !== '');
  const shared = { folder, topology, networkWallet };
  await prepareGatewayWallet({ ...shared, mspId: GATEWAYS.first, accounts });
  await prepareGatewayWallet({ ...shared, mspId: GATEWAYS.second, accounts: [] });
}

/** The second gateway, which is started when it is asked for, and its end. */
function secondGateway(options: GatewayOptions): Pick<Stack, 'startSecond' | 'broken'> {
  let started: Promise<string> | undefined;
  let tellEnd: (sentence: string) => void = () => undefined;
  const broken = new Promise<string>((resolve) => {
    tellEnd = resolve;
  });
  const start = async (): Promise<string> => {
    const gateway = startSecondGateway(options);
    const { url } = await gateway.ready;
    void endOf(gateway).then(tellEnd);
    return String(url);
  };
  return { broken, startSecond: () => (started ??= start()) };
}

function startSecondGateway(options: GatewayOptions): Child {
  const { httpPort, secondEnvironment } = options;
  const gateway = startGateway({
    ...options,
    name: 'second gateway',
    httpPort: httpPort === 0 ? 0 : httpPort + 1,
    environment: {
      ...options.environment,
      // What is told of the first gateway alone.
      PROCUREMENT_SERVICE_ACCOUNTS: '',
      PROCUREMENT_PUBLIC_URL: '',
      ...secondEnvironment,
    },
    mspId: GATEWAYS.second,
  });
  gateway.tell({ type: 'begin' });
  return gateway;
}

function stackOf(
  options: StackOptions,
  parts: {
    readonly url: unknown;
    readonly started: Started;
    readonly vital: readonly Child[];
    readonly startSecond: Stack['startSecond'];
    readonly broken?: Promise<string>;
  },
): Stack {
  const { started, vital, startSecond, broken } = parts;
  return {
    url: String(parts.url),
    logFolder: logFolderOf(options.folder),
    startSecond,
    processIds: () => new Map(started.parts.map(({ name, pid }) => [name, pid])),
    broken: Promise.race([...vital.map(endOf), ...(broken === undefined ? [] : [broken])]),
    stop: () => stopAll(started),
  };
}

async function topologyFor(networkPort: number): Promise<Topology> {
  const topology = withPorts(withoutPeople(procurementTopology), networkPort);
  if (networkPort !== 0) return topology;
  const chaincodes = await Promise.all(topology.chaincodes.map(onFreePorts));
  return { ...topology, chaincodes };
}

/** A sentence about the first port in use of those whose processes would tell it in a log only. */
async function findBusyPort(
  { httpPort }: StackOptions,
  { chaincodes }: Topology,
): Promise<string | undefined> {
  const wanted = [
    { port: httpPort, who: 'the gateway', setting: 'PROCUREMENT_HTTP_PORT' },
    {
      port: httpPort === 0 ? 0 : httpPort + 1,
      who: 'the second gateway',
      setting: 'PROCUREMENT_HTTP_PORT',
    },
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

interface GatewayOptions extends StackOptions {
  readonly environment: Environment;
  readonly started: Started;
}

/** @param options.mspId organisation whose wallet it has; absent = the wallet beside the profile */
function startGateway(
  options: GatewayOptions & { readonly name?: string; readonly mspId?: string },
): Child {
  const { folder, profile, mspId, started, name = 'gateway' } = options;
  const gateway = startChild({
    name,
    file: gatewayProgram,
    args: ['--await-begin'],
    environment: {
      ...options.environment,
      PROCUREMENT_DATA: folder,
      PROCUREMENT_HTTP_PORT: String(options.httpPort),
      ...(mspId !== undefined && {
        PROCUREMENT_WALLET: gatewayWalletOf(folder, mspId),
        PROCUREMENT_STORE_FOLDER: gatewayStoreOf(folder, mspId),
      }),
      ...(profile !== undefined && { PROCUREMENT_PROFILE: profile }),
    },
    log: openLogOf(options, started, name.replace(' ', '-')),
  });
  started.parts.push(gateway);
  return gateway;
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
