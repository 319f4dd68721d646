/** `npm run fabric`: the procurement network on real Fabric, as processes of this machine. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withPorts, type ChaincodeDefinition } from '@procurement/network/topology';
import { endWith } from '@procurement/network/command/command-line';
import { findBinaries } from '@procurement/network/fabric/binaries';
import { ChannelCommands } from '@procurement/network/fabric/channel-commands';
import { serviceDaemon, servicesOf } from '@procurement/network/fabric/chaincode-service';
import { daemonPid } from '@procurement/network/fabric/daemon';
import {
  deployNative,
  startServicesOf,
  stopServicesOf,
} from '@procurement/network/fabric/native-chaincode';
import { NativeFolder } from '@procurement/network/fabric/native-folder';
import { nodeStatuses, startNative, stopNodes } from '@procurement/network/fabric/native-network';
import { topology } from '@procurement/network/topologies/procurement';
import { withoutPeople } from '../demonstration/cast';
import { projectRoot } from '../start/project-root';
import { readPeriods } from '../start/settings';
import { readArguments, type FabricArguments } from './arguments';

/** People make their keys themselves; the network makes those of nodes and gateways. */
const services = withoutPeople(topology);
const packageFolder = join(projectRoot, 'chaincode', 'dist', 'package');

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  const run = { up, deploy, upgrade: deploy, status, down }[args.command];
  await run(args);
}

async function up(args: FabricArguments): Promise<void> {
  const binaries = findBinaries(process.env);
  const folder = await folderFor(args);
  const { peers, orderers, consensus } = folder.plan;
  say(`Fabric ${binaries.version}; everything is kept in ${folder.path}`);
  await startNative({ folder, binaries, progress: say });
  await startServicesOf(folder);
  const kind = consensus === 'bft' ? 'SmartBFT' : 'Raft';
  say(`\n${peers.length} peers and ${orderers.length} ordering nodes (${kind}) serve.`);
  if ((await servicesOf(folder)).length > 0) sayProfile(folder);
  else say('Next: npm run fabric -- deploy');
}

/** A network that is there already is started as it is, unless something else is asked for. */
async function folderFor(args: FabricArguments): Promise<NativeFolder> {
  const { folder, consensus, port } = args;
  const isPlain = consensus === undefined && port === undefined;
  if (isPlain && NativeFolder.exists(folder)) return NativeFolder.open(folder);
  return NativeFolder.create(folder, {
    consensus: consensus ?? 'raft',
    topology: port === undefined ? services : withPorts(services, port),
    choices: {},
  });
}

async function deploy(args: FabricArguments): Promise<void> {
  const folder = await NativeFolder.open(args.folder);
  const { channel, chaincodes } = folder.plan.topology;
  for (const chaincode of chaincodes) {
    const version = args.version ?? (await versionInUse(folder, chaincode));
    const deployed = await deployNative(folder, {
      ...{ channel, packageFolder, environment: readPeriods(process.env), progress: say },
      chaincode: { ...chaincode, version },
    });
    const what = `${chaincode.name} ${version} (sequence ${deployed.sequence})`;
    say(deployed.isNew ? `\n${what} is on ${channel}` : `\n${channel} had ${what} already`);
  }
  sayProfile(folder);
}

/** A second deployment keeps what an upgrade brought. */
async function versionInUse(
  folder: NativeFolder,
  { name, version }: Pick<ChaincodeDefinition, 'name' | 'version'>,
): Promise<string> {
  const service = (await servicesOf(folder)).find((one) => one.name === name);
  return service?.label.slice(`${name}_`.length) ?? version;
}

async function status(args: FabricArguments): Promise<void> {
  const folder = await NativeFolder.open(args.folder);
  const binaries = findBinaries(process.env);
  for (const { node, pid, isHealthy, heights } of await nodeStatuses(folder, binaries)) {
    const state = pid === undefined ? 'stopped' : isHealthy ? 'healthy' : 'not healthy';
    const blocks = [...heights].map(([channel, height]) => `${channel}: ${height} blocks`);
    say([node.host.padEnd(28), processText(pid), state, ...blocks].join('  '));
  }
  for (const service of await servicesOf(folder)) {
    const pid = await daemonPid(serviceDaemon(folder, service).recordFile);
    const state = pid === undefined ? 'stopped' : 'runs';
    const name = `${service.label} of ${service.mspId}`;
    say([name.padEnd(28), processText(pid), state, service.packageId].join('  '));
  }
  const [peer] = folder.plan.peers;
  const { channel } = folder.plan.topology;
  if (!peer) return;
  const commands = new ChannelCommands(folder, binaries);
  const definitions = await commands.chaincodes(peer, channel).catch(() => ['no answer']);
  say(`Chaincode of ${channel}: ${definitions.join(', ') || 'none'}`);
}

async function down(args: FabricArguments): Promise<void> {
  const folder = await NativeFolder.open(args.folder);
  await stopServicesOf(folder);
  const stopped = await stopNodes(folder);
  say(stopped.length > 0 ? `Stopped: ${stopped.join(', ')}` : 'Nothing was running.');
  if (!args.purge) return;
  await rm(folder.path, { recursive: true, force: true });
  say(`Removed ${folder.path}`);
}

function sayProfile({ profilesFolder, plan }: NativeFolder): void {
  say(`Connection profiles: ${profilesFolder}`);
  for (const { mspId } of plan.peers) say(`  ${join(profilesFolder, `${mspId}.json`)}`);
  say(`The gateway on this network: PROCUREMENT_PROFILE=${profilesFolder} npm start`);
}

function processText(pid: number | undefined): string {
  return (pid === undefined ? '-' : `process ${pid}`).padEnd(15);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  endWith(error, [Error]);
});
