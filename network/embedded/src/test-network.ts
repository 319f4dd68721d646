import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withPorts } from '../../topology';
import type { Topology } from '../../topology';
import { topology as minimal } from '../../topologies/minimal';
import { packageIdOf } from './chaincode-hosts';
import { startChaincodeProcess } from './chaincode/chaincode-process';
import type { ChaincodeProcess } from './chaincode/chaincode-process';
import type { ConnectionProfile } from './identity/connection-profile';
import { readWalletEntry, walletFile } from './identity/wallet';
import { startEmbeddedNetwork } from './network';
import type { EmbeddedNetwork, NetworkOptions } from './network';

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
   * Closes the network and starts it again on the same folder; the chaincode processes stay.
   * @param topology instead of the one so far, with the same chaincodes at the same versions
   */
  restart(topology?: Topology): Promise<void>;
  /** Ends everything and removes the folder, unless it was given. */
  close(): Promise<void>;
}

/**
 * Starts a network in this process on free ports, in a temporary folder, with a process of every
 * chaincode for every organization, and waits until all chaincodes are registered.
 * @param options.topology default: two organizations, `AlphaMSP` with the user `ann` and `BetaMSP`
 *   with the user `bo`, and one chaincode `generic` on the channel `minimal`
 * @param options.folder default: a new one in the system's temporary folder
 * @throws whatever `startEmbeddedNetwork` throws, and ChaincodeConnectionError when a chaincode
 *   does not register; nothing is left running then
 */
export async function startTestNetwork(options: TestNetworkOptions): Promise<TestNetwork> {
  const started = new RunningTestNetwork(
    options,
    options.folder ?? (await mkdtemp(join(tmpdir(), 'embedded-network-'))),
  );
  try {
    await started.start();
    return started;
  } catch (error) {
    await started.close();
    throw error;
  }
}

class RunningTestNetwork implements TestNetwork {
  readonly folder: string;
  readonly #options: TestNetworkOptions;
  readonly #processes: ChaincodeProcess[] = [];
  readonly #addresses: Record<string, Record<string, { port: number }>> = {};
  #network: EmbeddedNetwork | undefined;

  constructor(options: TestNetworkOptions, folder: string) {
    this.#options = options;
    this.folder = folder;
  }

  get network(): EmbeddedNetwork {
    if (!this.#network) throw new Error('the network has not started');
    return this.#network;
  }

  async start(): Promise<void> {
    const topology = withPorts(this.#options.topology ?? minimal, 0);
    for (const chaincode of topology.chaincodes) await this.#startChaincode(chaincode);
    await this.#open(topology);
  }

  async connection(mspId: string): Promise<PeerConnection> {
    const { profiles, endpoints } = this.network;
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

  async identity(userName: string): Promise<UserIdentity> {
    const entry = await readWalletEntry(walletFile(this.network.walletFolder, userName));
    return { mspId: entry.mspId, ...entry.credentials };
  }

  async restart(topology: Topology = this.network.topology): Promise<void> {
    await this.network.close();
    await this.#open(withPorts(topology, 0));
  }

  async close(): Promise<void> {
    await this.#network?.close();
    await Promise.all(this.#processes.map((one) => one.stop()));
    if (this.#options.folder !== undefined) return;
    await rm(this.folder, { recursive: true, force: true });
  }

  async #open(topology: Topology): Promise<void> {
    const { folder } = this;
    const chaincodeAddresses = this.#addresses;
    const options = { ...this.#options, topology, folder, chaincodeAddresses };
    const network = await startEmbeddedNetwork(options);
    this.#network = network;
    await Promise.all(topology.chaincodes.map(({ name }) => network.awaitChaincode(name)));
  }

  async #startChaincode(chaincode: Topology['chaincodes'][number]): Promise<void> {
    const { chaincodeFolder, chaincodeEnv: env = {} } = this.#options;
    const { name } = chaincode;
    const folder = typeof chaincodeFolder === 'string' ? chaincodeFolder : chaincodeFolder[name];
    if (folder === undefined) throw new Error(`no folder was given for the chaincode ${name}`);
    const byMsp: Record<string, { port: number }> = {};
    this.#addresses[name] = byMsp;
    for (const mspId of Object.keys(chaincode.addresses)) {
      const port = await freePort();
      byMsp[mspId] = { port };
      const packageId = packageIdOf(chaincode);
      this.#processes.push(startChaincodeProcess({ folder, packageId, port, mspId, env }));
    }
  }
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
