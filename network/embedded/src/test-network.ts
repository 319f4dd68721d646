import { readFile } from 'node:fs/promises';
import type { Definition } from '../../lifecycle/definition';
import type { DeployedChaincode } from '../../lifecycle/deploy-chaincode';
import { peerOrganizations, withPorts } from '../../topology';
import type { Topology } from '../../topology';
import { topology as minimal } from '../../topologies/minimal';
import { startChaincodeProcess } from '../../chaincode-service/chaincode-process';
import type { ChaincodeProcess } from '../../chaincode-service/chaincode-process';
import { prepareChaincodes } from './prepare-chaincodes';
import type { ChaincodeService, ServedChaincode } from '../../chaincode-service/chaincode-services';
import { freePort } from '../../machine/free-port';
import { makePassingFolder, removePassingFolder } from './folder-remover';
import type { ConnectionProfile } from '../../certificates/connection-profile';
import { readWalletEntry, walletFile } from '../../certificates/wallet';
import { startEmbeddedNetwork } from './network';
import type { EmbeddedNetwork } from './network';
import type { NetworkOptions } from './network-options';

/** What a network for a test is started with. */
export interface TestNetworkOptions extends Partial<Omit<NetworkOptions, 'chaincodeAddresses'>> {
  /** The chaincode package, or one for each chaincode of the topology by its name. */
  readonly chaincodeFolder: string | Readonly<Record<string, string>>;
  /** Further environment variables of the chaincode processes. */
  readonly chaincodeEnv?: Readonly<Record<string, string>>;
}

/** Where a peer listens, and what a TLS client needs to trust it. */
export interface PeerConnection {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** The name in the peer's certificate: gRPC's `grpc.ssl_target_name_override`. */
  readonly hostName: string;
  readonly tlsRootCertificatePem: string;
}

/** A user as the client libraries want it; certificate and key are PEM. */
export interface UserIdentity {
  readonly mspId: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** A chaincode that comes onto a channel while the network runs, or its next definition. */
export interface TestDeployment {
  readonly definition: Definition;
  /** The chaincode package. Default: that of the topology's chaincodes. */
  readonly chaincodeFolder?: string;
  /** Default: the first channel of the topology. */
  readonly channel?: string;
  /** Default: the next one if the definition is new, else the current one. */
  readonly sequence?: number;
  /** Organizations whose peers run it. Default: all with a peer. */
  readonly mspIds?: readonly string[];
}

/** A network in this process, with its chaincode processes and a folder of its own. */
export interface TestNetwork {
  readonly folder: string;
  /** The network of the moment; `restart` makes a new one. */
  readonly network: EmbeddedNetwork;
  /** How to reach the peer of an organization. */
  connection(mspId: string): Promise<PeerConnection>;
  /** A user of the topology, or one that `network.issueUser` enrolled. */
  identity(userName: string): Promise<UserIdentity>;
  /**
   * Brings a chaincode onto a channel, or its next definition: starts processes for it, installs,
   * approves for every organization and commits. Resolves when every peer has it and its processes
   * are registered. Processes of earlier packages go on running.
   * @throws LifecycleError, PolicySyntaxError
   */
  deploy(deployment: TestDeployment): Promise<DeployedChaincode>;
  /**
   * Closes the network and starts it again on the same folder; the chaincode processes stay.
   * @param topology instead of the one so far; processes start for chaincodes that are new in it
   */
  restart(topology?: Topology): Promise<void>;
  /** Ends everything and removes the folder, unless it was given. */
  close(): Promise<void>;
}

/**
 * Starts a network in this process on free ports, in a temporary folder, with a process of every
 * chaincode for every organization, and waits until all chaincodes are registered. Peers and
 * chaincodes know each other by mutual TLS, unless the topology says `none`.
 * @param options.topology default: two organizations, `AlphaMSP` with the user `ann` and `BetaMSP`
 *   with the user `bo`, and one chaincode `generic` on the channel `minimal`
 * @param options.folder default: a new one in the system's temporary folder
 * @throws whatever `startEmbeddedNetwork` throws, and ChaincodeConnectionError when a chaincode
 *   does not register; nothing is left running then
 */
export async function startTestNetwork(options: TestNetworkOptions): Promise<TestNetwork> {
  const started = new OwnTestNetwork(options);
  await started.start();
  return started;
}

/** A test network that is made before it starts; `startTestNetwork` does both. */
export class OwnTestNetwork implements TestNetwork {
  readonly #options: TestNetworkOptions;
  #folder: string | undefined;
  /** By package id. */
  readonly #processes = new Map<string, ChaincodeProcess>();
  /** Ports of chaincodes by label, then by MSP id: a process serves all sequences of a version. */
  readonly #ports = new Map<string, Map<string, number>>();
  #network: EmbeddedNetwork | undefined;

  constructor(options: TestNetworkOptions) {
    this.#options = options;
    this.#folder = options.folder;
  }

  /** @throws what `startTestNetwork` throws; nothing is left running then */
  async start(): Promise<void> {
    this.#folder ??= await makePassingFolder('embedded-network-');
    try {
      await this.#open(this.#options.topology ?? minimal);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get folder(): string {
    if (this.#folder === undefined) throw notStarted();
    return this.#folder;
  }

  get network(): EmbeddedNetwork {
    if (!this.#network) throw notStarted();
    return this.#network;
  }

  connection(mspId: string): Promise<PeerConnection> {
    return connectionOf(this.network, mspId);
  }

  async identity(userName: string): Promise<UserIdentity> {
    const entry = await readWalletEntry(walletFile(this.network.walletFolder, userName));
    return { mspId: entry.mspId, ...entry.credentials };
  }

  async deploy(deployment: TestDeployment): Promise<DeployedChaincode> {
    const { definition, chaincodeFolder, mspIds, channel, sequence } = deployment;
    const { name, version } = definition;
    const all = peerOrganizations(this.network.topology).map((one) => one.mspId);
    const addresses = Object.fromEntries((mspIds ?? all).map((mspId) => [mspId, { port: 0 }]));
    const served = await this.#served({ name, version, addresses });
    const services = await this.network.chaincodeServices(served);
    for (const service of services) this.#startProcess(service, chaincodeFolder);
    const deployed = await this.network.deploy({
      definition,
      packages: new Map(services.map((one) => [one.mspId, one.package])),
      ...(channel !== undefined && { channel }),
      ...(sequence !== undefined && { sequence }),
    });
    await this.network.awaitChaincode(name);
    return deployed;
  }

  async restart(topology: Topology = this.network.topology): Promise<void> {
    await this.network.close();
    await this.#open(topology);
  }

  async close(): Promise<void> {
    await this.#network?.close();
    await Promise.all([...this.#processes.values()].map((one) => one.stop()));
    if (this.#options.folder !== undefined || this.#folder === undefined) return;
    await removePassingFolder(this.#folder);
  }

  async #open(asked: Topology): Promise<void> {
    const { folder } = this;
    const chaincodes = await Promise.all(asked.chaincodes.map((one) => this.#served(one)));
    const topology = { ...withPorts(asked, 0), chaincodes };
    for (const service of await prepareChaincodes({ topology, folder })) {
      this.#startProcess(service, undefined);
    }
    const network = await startEmbeddedNetwork({ ...this.#options, topology, folder });
    this.#network = network;
    await Promise.all(chaincodes.map(({ name }) => network.awaitChaincode(name)));
  }

  /** The chaincode with mutual TLS and ports that its processes have, or that are free. */
  async #served<Chaincode extends ServedChaincode>(chaincode: Chaincode): Promise<Chaincode> {
    const label = JSON.stringify([chaincode.name, chaincode.version]);
    const ports = this.#ports.get(label) ?? new Map<string, number>();
    this.#ports.set(label, ports);
    for (const mspId of Object.keys(chaincode.addresses)) {
      if (!ports.has(mspId)) ports.set(mspId, await freePort());
    }
    const addresses = Object.keys(chaincode.addresses).map((mspId) => [
      mspId,
      { port: ports.get(mspId) ?? 0 },
    ]);
    return {
      ...chaincode,
      tls: chaincode.tls ?? 'mutual',
      addresses: Object.fromEntries(addresses) as Chaincode['addresses'],
    };
  }

  #startProcess(service: ChaincodeService, givenFolder: string | undefined): void {
    const { chaincode, mspId, port, tls } = service;
    const packageId = service.package.id;
    if (this.#processes.has(packageId)) return;
    const { chaincodeFolder, chaincodeEnv: env = {} } = this.#options;
    const known =
      typeof chaincodeFolder === 'string' ? chaincodeFolder : chaincodeFolder[chaincode];
    const folder = givenFolder ?? known;
    if (folder === undefined) throw new Error(`no folder was given for the chaincode ${chaincode}`);
    const process = startChaincodeProcess({
      folder,
      packageId,
      port,
      mspId,
      env,
      ...(tls && { tls }),
    });
    this.#processes.set(packageId, process);
  }
}

function notStarted(): Error {
  return new Error('the network has not started: use it inside of tests');
}

/** How to reach the peer of an organization, as its connection profile says. */
export async function connectionOf(
  { profiles, endpoints }: Pick<EmbeddedNetwork, 'profiles' | 'endpoints'>,
  mspId: string,
): Promise<PeerConnection> {
  const path = profiles.get(mspId);
  if (path === undefined) throw new Error(`the network has no organization ${mspId}`);
  const profile = JSON.parse(await readFile(path, 'utf8')) as ConnectionProfile;
  const own = Object.values(profile.organizations).find((one) => one.mspid === mspId);
  const hostName = own?.peers[0] ?? '';
  return {
    address: `127.0.0.1:${String(endpoints.peers.get(mspId)?.port)}`,
    hostName,
    tlsRootCertificatePem: profile.peers[hostName]?.tlsCACerts.pem ?? '',
  };
}
