import { join } from 'node:path';
import type { FabricBinaries } from './binaries';
import { FabricCommandError, runCommand } from './commands';
import type { NativeFolder } from './native-folder';
import type { PlannedNode } from './network-plan';

/** What an ordering node says of a channel. */
export interface OrdererChannel {
  readonly height: number;
  /** `active`, or `onboarding` while it fetches blocks. */
  readonly status: string;
}

/** The commands by which channels are made and looked at, run as the organizations' admins. */
export class ChannelCommands {
  readonly #folder: NativeFolder;
  readonly #binaries: FabricBinaries;

  constructor(folder: NativeFolder, binaries: FabricBinaries) {
    this.#folder = folder;
    this.#binaries = binaries;
  }

  /** Writes the first block of a channel, from the profile of its name, into a file. */
  async writeGenesisBlock(channel: string, file: string): Promise<void> {
    await runCommand({
      file: this.#binaries.configtxgen,
      args: [
        ...['-configPath', this.#folder.configtxFolder, '-profile', channel],
        ...['-channelID', channel, '-outputBlock', file],
      ],
    });
  }

  /** @returns undefined where the ordering node has not joined the channel */
  async ordererChannel(node: PlannedNode, channel: string): Promise<OrdererChannel | undefined> {
    const { status, body } = await this.#osnadmin(node, ['list', '--channelID', channel]);
    if (status === 404) return undefined;
    if (status !== 200) throw new FabricCommandError(`${node.host} answered ${body}`);
    return JSON.parse(body) as OrdererChannel;
  }

  /** @throws FabricCommandError where the ordering node refuses */
  async joinOrderer(node: PlannedNode, channel: string): Promise<void> {
    const block = this.#folder.genesisBlock(channel);
    const args = ['join', '--channelID', channel, '--config-block', block];
    const { status, body } = await this.#osnadmin(node, args);
    if (status !== 201)
      throw new FabricCommandError(`${node.host} cannot join ${channel}: ${body}`);
  }

  /** Names of the channels that a peer has joined. */
  async peerChannels(node: PlannedNode): Promise<readonly string[]> {
    const output = await this.#peer(node, ['channel', 'list']);
    const [, names = ''] = output.split('Channels peers has joined:');
    return names
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.trim());
  }

  /** @throws FabricCommandError where the peer refuses */
  async joinPeer(node: PlannedNode, channel: string): Promise<void> {
    await this.#peer(node, ['channel', 'join', '-b', this.#folder.genesisBlock(channel)]);
  }

  /** Number of blocks of a peer's ledger. */
  async peerHeight(node: PlannedNode, channel: string): Promise<number> {
    const output = await this.#peer(node, ['channel', 'getinfo', '-c', channel]);
    const json = output.slice(output.indexOf('{'));
    return (JSON.parse(json) as { height: number }).height;
  }

  /** The chaincodes that a channel has, as a peer tells them: `name version (sequence n)`. */
  async chaincodes(node: PlannedNode, channel: string): Promise<readonly string[]> {
    const args = ['lifecycle', 'chaincode', 'querycommitted', '-C', channel, '-O', 'json'];
    const answer = JSON.parse(await this.#peer(node, args)) as {
      chaincode_definitions?: { name: string; version: string; sequence: number }[];
    };
    return (answer.chaincode_definitions ?? []).map(
      ({ name, version, sequence }) => `${name} ${version} (sequence ${String(sequence)})`,
    );
  }

  #peer(node: PlannedNode, args: readonly string[]): Promise<string> {
    return runCommand({
      file: this.#binaries.peer,
      args,
      environment: {
        // The node's own core.yaml, with the administrator in the place of the peer.
        FABRIC_CFG_PATH: this.#folder.configurationFolder(node),
        CORE_PEER_MSPCONFIGPATH: this.#folder.adminMsp(node.mspId),
        FABRIC_LOGGING_SPEC: 'error',
      },
    });
  }

  /** osnadmin ends with 0 whatever the node answers, so the answer's own status counts. */
  async #osnadmin(
    node: PlannedNode,
    args: readonly string[],
  ): Promise<{ status: number; body: string }> {
    const client = this.#folder.adminTls(node.mspId);
    const output = await runCommand({
      file: this.#binaries.osnadmin,
      args: [
        ...['channel', ...args, '--orderer-address', `localhost:${String(node.secondPort)}`],
        ...['--ca-file', join(this.#folder.nodeFolders(node).tls, 'ca.crt')],
        ...['--client-cert', client.certificateFile, '--client-key', client.keyFile],
      ],
    });
    const [, status = '', body = ''] = /^Status: (\d+)\s+([\s\S]*)$/.exec(output) ?? [];
    return { status: Number(status), body: body.trim() || output };
  }
}
