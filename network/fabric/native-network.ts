import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createOrLoadCrypto } from '../certificates/crypto-store';
import { firstOrderer, ordererHost } from '../topology';
import { checkBft } from './binaries';
import type { FabricBinaries } from './binaries';
import { ChannelCommands } from './channel-commands';
import { peersOf, plannedChannels } from './configtx';
import type { PlannedChannel } from './configtx';
import { daemonPid, startDaemon, stopDaemon } from './daemon';
import type { NativeFolder } from './native-folder';
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
 * @throws CryptoStoreError, FabricBinariesError, DaemonError, FabricCommandError,
 *   each with a sentence that says what is wrong
 */
export async function startNative(parts: {
  folder: NativeFolder;
  binaries: FabricBinaries;
  progress: Progress;
}): Promise<void> {
  const { folder, binaries, progress } = parts;
  if (folder.plan.consensus === 'bft') checkBft(binaries);
  await prepare(folder, binaries);
  await startNodes(folder, { binaries, progress });
  const commands = new ChannelCommands(folder, binaries);
  for (const channel of plannedChannels(folder.plan)) {
    await createChannel(folder, { channel, commands, progress });
  }
  for (const channel of plannedChannels(folder.plan)) await awaitNeighbours(folder, channel);
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
  parts: { channel: PlannedChannel; commands: ChannelCommands; progress: Progress },
): Promise<void> {
  const { commands, progress } = parts;
  const { name: channel } = parts.channel;
  const block = folder.genesisBlock(channel);
  if (!existsSync(block)) {
    const staging = `${block}.new`;
    await mkdir(dirname(block), { recursive: true });
    await commands.writeGenesisBlock(channel, staging);
    // In one step, so that a block that exists is whole.
    await rename(staging, block);
  }
  const joined = ({ host }: PlannedNode): void => {
    progress(`${host} has joined the channel ${channel}`);
  };
  await Promise.all(
    folder.plan.orderers.map(async (node) => {
      if (await commands.ordererChannel(node, channel)) return;
      await commands.joinOrderer(node, channel);
      joined(node);
    }),
  );
  await awaitLeader(folder, channel);
  await Promise.all(
    peersOf(folder.plan, parts.channel).map(async (node) => {
      if ((await commands.peerChannels(node)).includes(channel)) return;
      await commands.joinPeer(node, channel);
      joined(node);
    }),
  );
}

/** Until the ordering nodes have chosen who leads, none of them takes a transaction. */
async function awaitLeader(folder: NativeFolder, channel: string): Promise<void> {
  const { orderers, consensus } = folder.plan;
  const [first] = orderers;
  if (!first) return;
  const name = consensus === 'bft' ? 'consensus_BFT_is_leader' : 'consensus_etcdraft_is_leader';
  const isLeader = async ({ operationsPort }: PlannedNode): Promise<boolean> =>
    (await metricOf(operationsPort, { name, labels: { channel } })) === 1;
  await awaitDaemon(folder.daemon(first.host), 'the ordering nodes had a leader', async () =>
    (await Promise.all(orderers.map(isLeader))).includes(true),
  );
}

/** A peer's gateway finds the peers of other organizations only once gossip has met them. */
async function awaitNeighbours(folder: NativeFolder, channel: PlannedChannel): Promise<void> {
  const peers = peersOf(folder.plan, channel);
  const metric = {
    name: 'gossip_membership_total_peers_known',
    labels: { channel: channel.name },
  };
  await Promise.all(
    peers.map(({ host, operationsPort }) =>
      awaitDaemon(folder.daemon(host), 'it knew all peers', async () => {
        return (await metricOf(operationsPort, metric)) === peers.length - 1;
      }),
    ),
  );
}

async function heightsOf(
  folder: NativeFolder,
  node: PlannedNode,
  commands: ChannelCommands,
): Promise<ReadonlyMap<string, number>> {
  const heights = new Map<string, number>();
  for (const { name: channel } of plannedChannels(folder.plan)) {
    const height = await heightOf(node, channel, commands).catch(() => undefined);
    if (height !== undefined) heights.set(channel, height);
  }
  return heights;
}

async function heightOf(
  node: PlannedNode,
  channel: string,
  commands: ChannelCommands,
): Promise<number | undefined> {
  if (node.kind === 'peer') return commands.peerHeight(node, channel);
  return (await commands.ordererChannel(node, channel))?.height;
}
