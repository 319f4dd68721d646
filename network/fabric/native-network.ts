import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createOrLoadCrypto } from '../embedded/src/config/crypto-store';
import { firstOrderer, ordererHost } from '../topology';
import type { Topology } from '../topology';
import { checkBft } from './binaries';
import type { FabricBinaries } from './binaries';
import { ChannelCommands } from './channel-commands';
import { daemonPid, startDaemon, stopDaemon } from './daemon';
import { NativeFolder } from './native-folder';
import type { NetworkRecord } from './native-folder';
import type { PlannedNode } from './network-plan';
import { accepts, awaitDaemon, isHealthy, metricOf } from './readiness';
import { writeConfiguration } from './write-configuration';

/** Hears, in sentences, what is being done. */
export type Progress = (sentence: string) => void;

/** How a node is. */
export interface NodeStatus {
  readonly node: PlannedNode;
  /** Absent where it does not run. */
  readonly pid?: number;
  readonly isHealthy: boolean;
  /** Blocks of each channel that it has; empty where it does not run. */
  readonly heights: ReadonlyMap<string, number>;
}

/**
 * Starts a native network, or what of it does not run, and waits until it serves: certificates and
 * configuration are made, nodes started, channels created and joined.
 * @returns the folder of the network
 * @throws NativeFolderError, TopologyError, FabricBinariesError, DaemonError, FabricCommandError,
 *   each with a sentence that says what is wrong
 */
export async function startNative(parts: {
  folder: string;
  network: NetworkRecord;
  binaries: FabricBinaries;
  progress: Progress;
}): Promise<NativeFolder> {
  const { network, binaries, progress } = parts;
  if (network.consensus === 'bft') checkBft(binaries);
  const folder = await NativeFolder.create(parts.folder, network);
  await prepare(folder, binaries);
  await startNodes(folder, { binaries, progress });
  const commands = new ChannelCommands(folder, binaries);
  for (const channel of channelsOf(folder.plan.topology)) {
    await createChannel(folder, { channel, commands, progress });
  }
  await Promise.all(folder.plan.peers.map((peer) => awaitNeighbours(folder, peer)));
  return folder;
}

/** Names of all channels of a topology. */
export function channelsOf(topology: Topology): readonly string[] {
  return [topology.channel];
}

/** How each node is. */
export async function nodeStatuses(
  folder: NativeFolder,
  binaries: FabricBinaries,
): Promise<readonly NodeStatus[]> {
  const commands = new ChannelCommands(folder, binaries);
  return Promise.all(
    folder.nodes.map(async (node) => {
      const pid = await daemonPid(folder.daemon(node.host).recordFile);
      if (pid === undefined) return { node, isHealthy: false, heights: new Map() };
      const healthy = await isHealthy(node.operationsPort).catch(() => false);
      return { node, pid, isHealthy: healthy, heights: await heightsOf(folder, node, commands) };
    }),
  );
}

/** Ends every node, peers first. @returns the host names of those that ran */
export async function stopNodes(folder: NativeFolder): Promise<readonly string[]> {
  const stopped: string[] = [];
  for (const nodes of [folder.plan.peers, folder.plan.orderers]) {
    await Promise.all(
      nodes.map(async ({ host }) => {
        if (await stopDaemon(folder.daemon(host).recordFile)) stopped.push(host);
      }),
    );
  }
  return stopped;
}

/** Starts the nodes that do not run, and waits until each is healthy. */
export async function startNodes(
  folder: NativeFolder,
  parts: { binaries: FabricBinaries; progress: Progress },
): Promise<void> {
  await Promise.all(
    folder.nodes.map(async (node) => {
      const daemon = folder.daemon(node.host);
      if ((await daemonPid(daemon.recordFile)) === undefined) {
        await startNode(folder, node, parts.binaries);
      }
      await awaitDaemon(daemon, 'it was healthy', () => isHealthy(node.operationsPort));
      await awaitDaemon(daemon, 'it listened', () => accepts(node.port));
      parts.progress(`${node.host} runs at port ${String(node.port)}`);
    }),
  );
}

async function startNode(
  folder: NativeFolder,
  node: PlannedNode,
  binaries: FabricBinaries,
): Promise<void> {
  const isPeer = node.kind === 'peer';
  await mkdir(folder.nodeFolders(node).data, { recursive: true, mode: 0o700 });
  await startDaemon({
    ...folder.daemon(node.host),
    command: isPeer ? binaries.peer : binaries.orderer,
    args: isPeer ? ['node', 'start'] : [],
    // Nothing of our own: a variable CORE_… or ORDERER_… would override the configuration.
    environment: {
      PATH: process.env['PATH'] ?? '',
      FABRIC_CFG_PATH: folder.configurationFolder(node),
      FABRIC_LOGGING_SPEC: process.env['FABRIC_LOGGING_SPEC'] ?? 'info',
    },
    workingFolder: folder.configurationFolder(node),
  });
}

async function prepare(folder: NativeFolder, binaries: FabricBinaries): Promise<void> {
  const { plan, path, choices } = folder;
  const { topology } = plan;
  const crypto = await createOrLoadCrypto({ topology, folder: path });
  const orderer = ordererHost(topology, firstOrderer(topology));
  await crypto.writeProfiles({
    orderer: { port: plan.orderers.find(({ host }) => host === orderer)?.port ?? 0 },
    peers: new Map(plan.peers.map(({ mspId, port }) => [mspId, { port }])),
  });
  const { fabric, ccaasFolder: builderFolder } = binaries;
  await writeConfiguration({ plan, paths: folder, fabric, builderFolder, choices });
}

async function createChannel(
  folder: NativeFolder,
  parts: { channel: string; commands: ChannelCommands; progress: Progress },
): Promise<void> {
  const { channel, commands, progress } = parts;
  const block = folder.genesisBlock(channel);
  if (!existsSync(block)) {
    await mkdir(dirname(block), { recursive: true });
    await commands.writeGenesisBlock(channel);
  }
  for (const node of folder.plan.orderers) {
    if (await commands.ordererChannel(node, channel)) continue;
    await commands.joinOrderer(node, channel);
    progress(`${node.host} has joined the channel ${channel}`);
  }
  await awaitLeader(folder, channel);
  for (const node of folder.plan.peers) {
    if ((await commands.peerChannels(node)).includes(channel)) continue;
    await commands.joinPeer(node, channel);
    progress(`${node.host} has joined the channel ${channel}`);
  }
}
