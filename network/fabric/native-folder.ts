import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkTopology } from '../topology-file/check-topology';
import { homeFolder, nodeFolder, tlsFiles, userFolder } from '../certificates/crypto-layout';
import { organizationOf } from '../topology';
import type { BatchLimits, Topology } from '../topology';
import type { Consensus, NetworkPlan, PlannedNode } from './network-plan';
import { planNetwork } from './network-plan';
import type { NodeFolders } from './node-place';
import type { AwaitedDaemon } from './readiness';
import type { NativePaths, NodeChoices } from './write-configuration';

/** What a native network is, kept beside its data, so that later commands need no repetition. */
export interface NetworkRecord {
  readonly consensus: Consensus;
  readonly topology: Topology;
  /** Default: `realBatch`. */
  readonly batch?: BatchLimits;
  readonly choices: NodeChoices;
}

/** A folder that holds no native network, or another one. */
export class NativeFolderError extends Error {
  override readonly name = 'NativeFolderError';
}

const recordName = 'native-network.json';

/**
 * The files of a native network in one folder: `organizations/`, `wallet/` and `profiles/` as the
 * embedded network has them, and `configtx.yaml`, `channels/`, `nodes/<host>/` and `logs/`.
 */
export class NativeFolder implements NativePaths {
  /** Absolute. */
  readonly path: string;
  readonly plan: NetworkPlan;
  readonly choices: NodeChoices;

  private constructor(path: string, record: NetworkRecord) {
    this.path = path;
    this.plan = planNetwork(record);
    this.choices = record.choices;
  }

  /**
   * Makes the folder of a network, or opens it where it is there already.
   * @throws NativeFolderError where it holds another network
   * @throws TopologyError where the topology cannot run natively
   */
  static async create(folder: string, record: NetworkRecord): Promise<NativeFolder> {
    const path = resolve(folder);
    const file = join(path, recordName);
    const made = new NativeFolder(path, record);
    const text = `${JSON.stringify(record, undefined, 2)}\n`;
    if (!NativeFolder.exists(folder)) {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await writeFile(file, text);
    } else if ((await readFile(file, 'utf8')) !== text) {
      throw new NativeFolderError(
        `${path} holds a native network with other settings. Leave them out to start it again, ` +
          'choose another --folder, or remove it: down --purge.',
      );
    }
    return made;
  }

  /** Whether a network was started there. */
  static exists(folder: string): boolean {
    return existsSync(join(folder, recordName));
  }

  /** @throws NativeFolderError where no network was ever started there */
  static async open(folder: string): Promise<NativeFolder> {
    const path = resolve(folder);
    const text = await readFile(join(path, recordName), 'utf8').catch(() => undefined);
    if (text === undefined) {
      throw new NativeFolderError(`There is no native network in ${path}: run up first.`);
    }
    const record = JSON.parse(text) as NetworkRecord;
    return new NativeFolder(path, { ...record, topology: checkTopology(record.topology) });
  }

  /** Every node, ordering nodes first. */
  get nodes(): readonly PlannedNode[] {
    return [...this.plan.orderers, ...this.plan.peers];
  }

  get configtxFolder(): string {
    return this.path;
  }

  get profilesFolder(): string {
    return join(this.path, 'profiles');
  }

  /** The first block of a channel. */
  genesisBlock(channel: string): string {
    return join(this.path, 'channels', `${channel}.block`);
  }

  configurationFolder(node: PlannedNode): string {
    return join(this.path, 'nodes', node.host);
  }

  nodeFolders(node: PlannedNode): NodeFolders {
    const material = this.#nodeMaterial(node);
    return {
      msp: join(material, 'msp'),
      tls: join(material, 'tls'),
      data: join(this.configurationFolder(node), 'data'),
    };
  }

  organizationMsp(mspId: string): string {
    return join(homeFolder(this.materialRoot, organizationOf(this.plan.topology, mspId)), 'msp');
  }

  signingCertificate(node: PlannedNode): string {
    return join(this.#nodeMaterial(node), 'msp', 'signcerts', `${node.host}-cert.pem`);
  }

  tlsCertificate(node: PlannedNode): string {
    return tlsFiles(this.#nodeMaterial(node), 'server').certificateFile;
  }

  /** MSP folder of an organization's administrator. */
  adminMsp(mspId: string): string {
    return join(this.#admin(mspId), 'msp');
  }

  /** TLS client material of an organization's administrator, for the admin endpoint of its nodes. */
  adminTls(mspId: string): { certificateFile: string; keyFile: string; rootFile: string } {
    return tlsFiles(this.#admin(mspId), 'client');
  }

  /** How the process of a node, or of a chaincode, is waited for. */
  daemon(name: string): AwaitedDaemon {
    return {
      name,
      recordFile: join(this.path, 'processes', `${name}.json`),
      logFile: join(this.path, 'logs', `${name}.log`),
    };
  }

  /** The folder `organizations`. */
  get materialRoot(): string {
    return join(this.path, 'organizations');
  }

  #admin(mspId: string): string {
    return userFolder(this.materialRoot, organizationOf(this.plan.topology, mspId), 'Admin');
  }

  #nodeMaterial({ kind, host, mspId }: PlannedNode): string {
    const organization = organizationOf(this.plan.topology, mspId);
    return nodeFolder(this.materialRoot, {
      organization,
      kind: kind === 'peer' ? 'peers' : 'orderers',
      host,
    });
  }
}
