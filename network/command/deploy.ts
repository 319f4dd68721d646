import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { packageService } from '../lifecycle/chaincode-package';
import type { ChaincodePackage } from '../lifecycle/chaincode-package';
import type { Definition } from '../lifecycle/definition';
import { deployChaincode } from '../lifecycle/deploy-chaincode';
import type { DeployedChaincode } from '../lifecycle/deploy-chaincode';
import { freePort } from '../machine/free-port';
import { ChaincodeProcesses } from './chaincode-processes';
import { readCollections } from './collections-file';
import { channelOf, findNetwork, heightsOf } from './running-network';
import type { RunningNetwork } from './running-network';
import { UsageError } from './command-line';
import type { DeploySettings } from './settings';
import { table } from './texts';
import type { Print } from './texts';

/** Where the chaincode of each organization listens, by MSP id. */
type Addresses = ReadonlyMap<string, string>;

/** A chaincode that is on the channel. */
export interface Deployed {
  /** What was started for it; empty for `--address`. */
  readonly processes: ChaincodeProcesses;
  /** What has been done, and what to do next. */
  readonly description: readonly string[];
}

/**
 * Installs, approves and commits a chaincode on a running network for all its organizations; with a
 * folder it starts it.
 * @throws UsageError, NotRunningError, LifecycleError, ChaincodeStartError
 */
export async function deploy(settings: DeploySettings, print: Print): Promise<Deployed> {
  const network = await findNetwork(resolve(settings.folder));
  const processes = new ChaincodeProcesses(print);
  try {
    await heightsOf(network, channelOf(network, settings.channel));
    const addresses = await addressesOf(network, settings);
    const packages = await packagesOf(addresses, settings);
    if ('path' in settings.source) {
      await processes.start({ folder: resolve(settings.source.path), packages, addresses });
    }
    const deployed = await bringOn(network, { settings, packages, print });
    const description = report({ network, settings, deployed, packages, addresses });
    return { processes, description };
  } catch (error) {
    await processes.stop();
    throw error;
  } finally {
    network.close();
  }
}

async function addressesOf(network: RunningNetwork, settings: DeploySettings): Promise<Addresses> {
  const { source, name } = settings;
  const mspIds = network.organizations.map((one) => one.mspId);
  if ('path' in source) return rememberedAddresses(network.folder, name, mspIds);
  if ('address' in source) return new Map(mspIds.map((id) => [id, source.address]));
  const unknown = [...source.byMspId.keys()].find((id) => !mspIds.includes(id));
  if (unknown === undefined) return source.byMspId;
  throw new UsageError(
    `The network has no organization ${unknown} with a peer, only ${mspIds.join(' and ')}.`,
  );
}

/**
 * The ports of a chaincode that this command starts itself, chosen once: the address is part of the
 * package, and another package would be a new version to the channel.
 */
async function rememberedAddresses(
  folder: string,
  chaincode: string,
  mspIds: readonly string[],
): Promise<Addresses> {
  const path = join(folder, 'chaincodes', `${chaincode}.json`);
  const text = await readFile(path, 'utf8').catch(() => '{}');
  const known = JSON.parse(text) as Partial<Record<string, string>>;
  const addresses = new Map<string, string>();
  for (const mspId of mspIds) {
    addresses.set(mspId, known[mspId] ?? `127.0.0.1:${String(await freePort())}`);
  }
  await mkdir(join(folder, 'chaincodes'), { recursive: true });
  const content = { ...known, ...Object.fromEntries(addresses) };
  await writeFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
  return addresses;
}

async function packagesOf(
  addresses: Addresses,
  settings: DeploySettings,
): Promise<ReadonlyMap<string, ChaincodePackage>> {
  const label = settings.label ?? `${settings.name}_${settings.version}`;
  const packages = new Map<string, ChaincodePackage>();
  for (const [mspId, address] of addresses) {
    packages.set(mspId, await packageService({ label, connection: { address } }));
  }
  return packages;
}

async function bringOn(
  network: RunningNetwork,
  parts: {
    settings: DeploySettings;
    packages: ReadonlyMap<string, ChaincodePackage>;
    print: Print;
  },
): Promise<DeployedChaincode> {
  const { settings, packages, print } = parts;
  return deployChaincode({
    channel: channelOf(network, settings.channel),
    definition: await definitionOf(settings),
    ...(settings.sequence !== undefined && { sequence: settings.sequence }),
    organizations: network.organizations.map(({ mspId, admin, peer }) => {
      const own = packages.get(mspId);
      return { admin, peers: [peer], ...(own && { package: own }) };
    }),
    progress: print,
  });
}

async function definitionOf(settings: DeploySettings): Promise<Definition> {
  const { name, version, policy, collections, initRequired } = settings;
  return {
    name,
    version,
    initRequired,
    ...(policy !== undefined && { endorsementPolicy: policy }),
    ...(collections !== undefined && { collections: await readCollections(resolve(collections)) }),
  };
}

function report(parts: {
  network: RunningNetwork;
  settings: DeploySettings;
  deployed: DeployedChaincode;
  packages: ReadonlyMap<string, ChaincodePackage>;
  addresses: Addresses;
}): string[] {
  const { settings, deployed, packages, addresses } = parts;
  const { name, version, source } = settings;
  const channel = channelOf(parts.network, settings.channel);
  const sequence = `sequence ${String(deployed.sequence)}`;
  const rows = [...packages].map(([mspId, { id }]) => [mspId, addresses.get(mspId) ?? '', id]);
  const next =
    'path' in source
      ? ['It runs until Ctrl-C. Your application finds it on the channel by its name.']
      : howToStart(packages, addresses);
  return [
    '',
    deployed.isNew
      ? `Chaincode ${name} ${version} is on the channel ${channel} (${sequence}).`
      : `The channel ${channel} had chaincode ${name} ${version} already (${sequence}).`,
    '',
    ...table(rows),
    '',
    ...next,
  ];
}

/** The command lines that start each distinct process, once. */
function howToStart(
  packages: ReadonlyMap<string, ChaincodePackage>,
  addresses: Addresses,
): string[] {
  const distinct = new Map<string, string>();
  for (const [mspId, { id }] of packages) distinct.set(id, addresses.get(mspId) ?? '');
  const lines = [...distinct].flatMap(([id, address]) => [
    `  npx fabric-chaincode-node server --chaincode-address=${address} --chaincode-id=${id}`,
    '',
  ]);
  const [[id, address] = ['', '']] = distinct;
  return [
    "Start it now, in the chaincode's folder:",
    '',
    ...lines,
    "Fabric's samples have a script for it:",
    '',
    `  CHAINCODE_SERVER_ADDRESS=${address} CHAINCODE_ID=${id} npm run start:server-nontls`,
    '',
    'Your application then finds it on the channel by its name.',
  ];
}
