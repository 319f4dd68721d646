import { createOrLoadCrypto } from '../embedded/src/config/crypto-store';
import { labelOf } from '../lifecycle/chaincode-package';
import type { ChaincodePackage } from '../lifecycle/chaincode-package';
import { deployChaincode } from '../lifecycle/deploy-chaincode';
import type { DeployedChaincode, DeployingOrganization } from '../lifecycle/deploy-chaincode';
import { connectPeer } from '../lifecycle/lifecycle-peer';
import type { ChaincodeDefinition } from '../topology';
import {
  keepService,
  packageOf,
  serviceDaemon,
  servicesOf,
  startService,
} from './chaincode-service';
import type { ChaincodeService } from './chaincode-service';
import { stopDaemon } from './daemon';
import { peersOf, plannedChannels } from './configtx';
import { NativeFolderError } from './native-folder';
import type { NativeFolder } from './native-folder';
import type { Progress } from './native-network';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A chaincode that a native network is to run. */
export interface NativeDeployment {
  readonly channel: string;
  /** Its `addresses` name the organizations that run it, and the port of each one's process. */
  readonly chaincode: Omit<ChaincodeDefinition, 'sequence'>;
  /** Default: the current one if the definition is the same, else the next. */
  readonly sequence?: number;
  /** The chaincode package: a folder with `package.json` and the module it names. */
  readonly packageFolder: string;
  /** Variables that the chaincode reads. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly progress?: Progress;
}

/** The process of a new version listens so far above that of the version before, and back. */
const alternateOffset = 300;

/**
 * Brings a chaincode onto a channel, or its next version while the network serves: starts the new
 * processes beside those of the version before, installs, approves for each organization, commits
 * with the consent of all, and only then ends the processes that no channel uses any more.
 * @throws LifecycleError, DaemonError, CryptoStoreError
 */
export async function deployNative(
  folder: NativeFolder,
  deployment: NativeDeployment,
): Promise<DeployedChaincode> {
  const { channel, chaincode, sequence, progress } = deployment;
  const before = await servicesOf(folder);
  const services = await startServices(folder, deployment, before);
  const peers = await deployingOrganizations(folder, channel, services);
  try {
    const deployed = await deployChaincode({
      channel,
      definition: chaincode,
      organizations: peers.organizations,
      ...(sequence !== undefined && { sequence }),
      ...(progress && { progress }),
    });
    for (const { service } of services) await keepService(folder, service);
    await stopUnused(folder, before);
    return deployed;
  } finally {
    peers.close();
  }
}

/** Starts the chaincode processes of the network that do not run. */
export async function startServicesOf(folder: NativeFolder): Promise<void> {
  await Promise.all((await servicesOf(folder)).map((one) => startService(folder, one)));
}

/** Ends all chaincode processes of the network. */
export async function stopServicesOf(folder: NativeFolder): Promise<void> {
  for (const service of await servicesOf(folder)) {
    await stopDaemon(serviceDaemon(folder, service).recordFile);
  }
}

interface StartedService {
  readonly service: ChaincodeService;
  readonly package: ChaincodePackage;
}

async function startServices(
  folder: NativeFolder,
  deployment: NativeDeployment,
  before: readonly ChaincodeService[],
): Promise<readonly StartedService[]> {
  const { channel, chaincode, environment = {}, packageFolder } = deployment;
  const { name } = chaincode;
  const label = labelOf(chaincode);
  return Promise.all(
    Object.entries(chaincode.addresses).map(async ([mspId, { port: usual }]) => {
      const port = portFor({ name, mspId, label, usual }, before);
      const request = { channel, name, mspId, label, port, packageFolder, environment };
      const packaged = await packageOf(folder, request);
      const service = { ...request, packageId: packaged.id };
      await startService(folder, service);
      deployment.progress?.(`the chaincode ${label} of ${mspId} listens at port ${String(port)}`);
      return { service, package: packaged };
    }),
  );
}

/** The port that the service has already; for another version, one that its predecessor has not. */
function portFor(
  wanted: { name: string; mspId: string; label: string; usual: number },
  before: readonly ChaincodeService[],
): number {
  const own = before.filter(({ name, mspId }) => name === wanted.name && mspId === wanted.mspId);
  const same = own.find(({ label }) => label === wanted.label);
  if (same) return same.port;
  const taken = own.map(({ port }) => port);
  return taken.includes(wanted.usual) ? wanted.usual + alternateOffset : wanted.usual;
}

async function stopUnused(
  folder: NativeFolder,
  before: readonly ChaincodeService[],
): Promise<void> {
  const used = await servicesOf(folder);
  const isUsed = (one: ChaincodeService): boolean =>
    used.some(({ label, mspId }) => label === one.label && mspId === one.mspId);
  for (const service of before.filter((one) => !isUsed(one))) {
    await stopDaemon(serviceDaemon(folder, service).recordFile);
  }
}

async function deployingOrganizations(
  folder: NativeFolder,
  channelName: string,
  services: readonly StartedService[],
): Promise<{ organizations: readonly DeployingOrganization[]; close: () => void }> {
  const { plan, path } = folder;
  const crypto = await createOrLoadCrypto({ topology: plan.topology, folder: path });
  const channel = plannedChannels(plan).find(({ name }) => name === channelName);
  if (!channel) throw new NativeFolderError(`${path} has no channel ${channelName}`);
  const connections = await Promise.all(
    peersOf(plan, channel).map(async (node) => {
      const root = join(folder.nodeFolders(node).tls, 'ca.crt');
      const peer = connectPeer({
        address: `127.0.0.1:${String(node.port)}`,
        hostName: node.host,
        tlsRootCertificatePem: await readFile(root, 'utf8'),
      });
      return { mspId: node.mspId, peer };
    }),
  );
  return {
    organizations: connections.map(({ mspId, peer }) => {
      const own = services.find(({ service }) => service.mspId === mspId)?.package;
      const { admin } = crypto.organization(mspId);
      return { admin, peers: [peer], ...(own && { package: own }) };
    }),
    close: () => {
      for (const { peer } of connections) peer.close();
    },
  };
}
