import { chaincodeServices } from '../chaincode-service/chaincode-services';
import { createOrLoadCrypto } from '../certificates/crypto-store';
import type { CryptoStore } from '../certificates/crypto-store';
import { labelOf } from '../lifecycle/chaincode-package';
import type { ChaincodePackage } from '../lifecycle/chaincode-package';
import { deployChaincode } from '../lifecycle/deploy-chaincode';
import type { DeployedChaincode, DeployingOrganization } from '../lifecycle/deploy-chaincode';
import { connectPeer } from '../lifecycle/lifecycle-peer';
import type { ChaincodeDefinition } from '../topology';
import { keepService, serviceDaemon, servicesOf, startService } from './chaincode-service';
import type { NativeService } from './chaincode-service';
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
  const { plan, path } = folder;
  const crypto = await createOrLoadCrypto({ topology: plan.topology, folder: path });
  const services = await startServices(folder, { ...deployment, crypto, before });
  const peers = await deployingOrganizations(folder, { channel, crypto, services });
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
  readonly service: NativeService;
  readonly package: ChaincodePackage;
}

async function startServices(
  folder: NativeFolder,
  parts: NativeDeployment & { crypto: CryptoStore; before: readonly NativeService[] },
): Promise<readonly StartedService[]> {
  const { channel, chaincode, environment = {}, packageFolder, crypto, before } = parts;
  const { name } = chaincode;
  const label = labelOf(chaincode);
  const ports = Object.entries(chaincode.addresses).map(([mspId, { port: usual }]) => {
    return [mspId, { port: portFor({ name, mspId, label, usual }, before) }] as const;
  });
  const served = { ...chaincode, tls: 'mutual', addresses: Object.fromEntries(ports) } as const;
  return Promise.all(
    (await chaincodeServices(served, { crypto })).map(async ({ mspId, port, tls, ...one }) => {
      if (!tls) throw new TypeError(`the chaincode ${name} of ${mspId} has no TLS material`);
      const packageId = one.package.id;
      const place = { channel, name, mspId, label, packageId, port, tls };
      const service = { ...place, packageFolder, environment };
      await startService(folder, service);
      parts.progress?.(`the chaincode ${label} of ${mspId} listens at port ${String(port)}`);
      return { service, package: one.package };
    }),
  );
}

/** The port that the service has already; for another version, one that its predecessor has not. */
function portFor(
  wanted: { name: string; mspId: string; label: string; usual: number },
  before: readonly NativeService[],
): number {
  const own = before.filter(({ name, mspId }) => name === wanted.name && mspId === wanted.mspId);
  const same = own.find(({ label }) => label === wanted.label);
  if (same) return same.port;
  const taken = own.map(({ port }) => port);
  return taken.includes(wanted.usual) ? wanted.usual + alternateOffset : wanted.usual;
}

async function stopUnused(folder: NativeFolder, before: readonly NativeService[]): Promise<void> {
  const used = await servicesOf(folder);
  const isUsed = (one: NativeService): boolean =>
    used.some(({ label, mspId }) => label === one.label && mspId === one.mspId);
  for (const service of before.filter((one) => !isUsed(one))) {
    await stopDaemon(serviceDaemon(folder, service).recordFile);
  }
}

async function deployingOrganizations(
  folder: NativeFolder,
  parts: { channel: string; crypto: CryptoStore; services: readonly StartedService[] },
): Promise<{ organizations: readonly DeployingOrganization[]; close: () => void }> {
  const { plan, path } = folder;
  const { crypto, services } = parts;
  const channel = plannedChannels(plan).find(({ name }) => name === parts.channel);
  if (!channel) throw new NativeFolderError(`${path} has no channel ${parts.channel}`);
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
