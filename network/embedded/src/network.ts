import { firstOrderer, ordererHost, peerOrganizations } from '../../topology';
import type { OrdererNode, PeerOrganization, Topology, User } from '../../topology';
import { chaincodeHosts, packageIdOf } from './chaincode-hosts';
import type { ChaincodeAddresses } from './chaincode-hosts';
import type { ChaincodeHost } from './chaincode/chaincode-host';
import { createOrLoadCrypto } from './config/crypto-store';
import type { CryptoStore, IssuedUser, NetworkEndpoints } from './config/crypto-store';
import { buildGenesisBlock } from './config/genesis';
import { DataFolder, DataFolderError, openOrAdvise } from './data-folder';
import { needsOfInterest } from './endorse/interest-policies';
import { checkAccess } from './endorse/access-control';
import { BlockStore } from './order/block-store';
import { OrderingService } from './ordering-service';
import { Peer } from './peer';
import { silentLog, systemClock, textOf } from './seams';
import type { Clock, Log } from './seams';
import { defineChaincodes } from './system/define-chaincodes';
import { discoveryService } from './wire/discovery-service';
import type { GatewayContext } from './wire/gateway-context';
import { gatewayService } from './wire/gateway-service';
import { orderingNodeService } from './wire/ordering-node-service';
import { endorserService, peerDeliverService } from './wire/peer-services';
import { RpcServer } from './wire/rpc-server';

/** What a network is started with. */
export interface NetworkOptions {
  readonly topology: Topology;
  /** Where everything is kept; made on the first start. One process at a time. */
  readonly folder: string;
  /** Where chaincode processes listen, when not where the topology says. */
  readonly chaincodeAddresses?: ChaincodeAddresses;
  /** What the user changes to get other ports, for error texts. */
  readonly portSetting?: string;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Told when the network can no longer work, such as on a full disk. */
  readonly onFailure?: (error: unknown) => void;
}

/** A running network: one process with an ordering node and a peer for each organization. */
export interface EmbeddedNetwork {
  readonly topology: Topology;
  readonly endpoints: NetworkEndpoints;
  /** Paths of the connection profiles, by MSP id. */
  readonly profiles: ReadonlyMap<string, string>;
  readonly walletFolder: string;
  /** Enrols a user, or gives the one enrolled already; writes its wallet file. */
  issueUser(mspId: string, user: User): Promise<IssuedUser>;
  /**
   * Waits until every organization's process of a chaincode has registered.
   * @throws ChaincodeConnectionError when one does not within the time
   */
  awaitChaincode(name: string, timeoutMs?: number): Promise<void>;
  /** Number of blocks of an organization's ledger. */
  heightOf(mspId: string): number;
  /** Ends all servers and streams, orders what was taken, and gives the folder back. */
  close(): Promise<void>;
}

/**
 * Starts a network in this process: TLS servers on 127.0.0.1, a real ledger for each peer.
 * @throws DataFolderError, CryptoStoreError about the folder
 * @throws PortInUseError
 * @throws TopologyError, ChaincodeDefinitionError about the topology
 */
export async function startEmbeddedNetwork(options: NetworkOptions): Promise<EmbeddedNetwork> {
  const network = new Network(options);
  try {
    await network.start();
    return network;
  } catch (error) {
    await network.close();
    throw error;
  }
}

class Network implements EmbeddedNetwork {
  readonly topology: Topology;
  readonly #options: NetworkOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #peers = new Map<string, Peer>();
  readonly #hosts = new Map<string, ReadonlyMap<string, ChaincodeHost>>();
  readonly #servers: RpcServer[] = [];
  /** What to close at the end, the last opened first. */
  readonly #closers: (() => Promise<void>)[] = [];
  #crypto: CryptoStore | undefined;
  #ordererPort = 0;
  profiles: ReadonlyMap<string, string> = new Map();

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.topology = options.topology;
    this.#log = options.log ?? silentLog;
    this.#clock = options.clock ?? systemClock;
  }

  async start(): Promise<void> {
    const folder = await DataFolder.open(this.#options.folder);
    this.#closers.push(() => folder.release());
    const crypto = await createOrLoadCrypto({ topology: this.topology, folder: folder.path });
    this.#crypto = crypto;
    const server = await this.#listen({
      node: 'the ordering node',
      port: this.#orderer.port,
      tls: crypto.orderer.tls,
    });
    this.#ordererPort = server.port;
    const ordering = await this.#startOrdering(folder, crypto);
    for (const organization of peerOrganizations(this.topology)) {
      await this.#openPeer({ organization, folder, crypto, ordering });
    }
    await this.#catchUp(ordering, crypto);
    server.add(orderingNodeService({ ...this.#seams(), ordering }));
    for (const { mspId, peer } of peerOrganizations(this.topology)) {
      await this.#serve(this.#peerOf(mspId), { port: peer.port, crypto, ordering });
    }
    this.profiles = await crypto.writeProfiles(this.endpoints);
  }

  get endpoints(): NetworkEndpoints {
    return {
      orderer: { port: this.#ordererPort },
      peers: new Map([...this.#peers].map(([mspId, { port }]) => [mspId, { port }])),
    };
  }

  get walletFolder(): string {
    return this.#loadedCrypto().walletFolder;
  }

  issueUser(mspId: string, user: User): Promise<IssuedUser> {
    return this.#loadedCrypto().issueUser(mspId, user);
  }

  async awaitChaincode(name: string, timeoutMs?: number): Promise<void> {
    const hosts = [...this.#hosts.values()].flatMap((byName) => byName.get(name) ?? []);
    await Promise.all(hosts.map((host) => host.ready(timeoutMs)));
  }

  heightOf(mspId: string): number {
    return this.#peers.get(mspId)?.height ?? 0;
  }

  async close(): Promise<void> {
    this.#closing.abort('closing');
    for (const peer of this.#peers.values()) peer.dismissWaiters();
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
    for (const close of this.#closers.splice(0).reverse()) {
      await close().catch((error: unknown) => {
        this.#log.warn(`closing failed: ${textOf(error)}`);
      });
    }
  }

  async #startOrdering(folder: DataFolder, crypto: CryptoStore): Promise<OrderingService> {
    const store = await openOrAdvise(
      () => BlockStore.open(folder.at('orderer')),
      'Restore the whole data folder from a copy, or start with an empty one.',
    );
    if (store.height === 0) {
      const genesis = buildGenesisBlock({
        topology: this.topology,
        mspConfigs: new Map([...crypto.organizations].map(([id, one]) => [id, one.mspConfig])),
        ordererTlsCertificatePem: crypto.orderer.tls.certificatePem,
        ordererEndpoint: this.#ordererEndpoint,
      });
      await store.append(genesis.serializeBinary());
    }
    const ordering = new OrderingService({
      store,
      signer: crypto.orderer.identity,
      clock: this.#clock,
      onFailure: (error) => {
        this.#fail('the ordering service cannot write', error);
      },
    });
    this.#closers.push(() => ordering.close());
    if (ordering.config.channelId !== this.topology.channel) {
      throw new DataFolderError(
        'FOLDER_FORMAT',
        `The data folder ${folder.path} holds the channel ${ordering.config.channelId}, not ` +
          `${this.topology.channel}. Choose another folder.`,
      );
    }
    return ordering;
  }

  async #openPeer(parts: {
    organization: PeerOrganization;
    folder: DataFolder;
    crypto: CryptoStore;
    ordering: OrderingService;
  }): Promise<void> {
    const { ordering } = parts;
    const { mspId, domain } = parts.organization;
    const { config } = ordering;
    const addresses = this.#options.chaincodeAddresses;
    const hosts = chaincodeHosts({ topology: this.topology, mspId, config, addresses });
    const packageIds = this.topology.chaincodes
      .filter(({ name }) => hosts.has(name))
      .map((one) => [one.name, packageIdOf(one)] as const);
    const peerParts = {
      folder: parts.folder.at('peers', domain),
      crypto: parts.crypto.peer(mspId),
      config,
      hosts,
      packageIds: new Map(packageIds),
      others: () => [...this.#peers.values()].filter((one) => one.mspId !== mspId),
      clock: this.#clock,
      log: this.#log,
      onFailure: (error: unknown) => {
        this.#fail(`the peer of ${mspId} cannot commit`, error);
      },
    };
    const peer = await openOrAdvise(
      () => Peer.open(peerParts),
      'Remove that folder: the peer then takes its blocks from the ordering node again.',
    );
    this.#peers.set(mspId, peer);
    this.#hosts.set(mspId, hosts);
    this.#closers.push(() => peer.close());
    this.#closers.push(async () => {
      await Promise.all([...hosts.values()].map((host) => host.close()));
    });
    checkNotAhead(peer, ordering, this.#options.folder);
  }

  async #catchUp(ordering: OrderingService, crypto: CryptoStore): Promise<void> {
    const peers = [...this.#peers.values()];
    // A peer that lost its folder asks the others for private data, so all must be open.
    for (const one of peers) one.follow(ordering.feed);
    await Promise.all(peers.map((peer) => peer.caughtUp(ordering.feed.height)));
    const [peer] = peers;
    const { topology } = this;
    if (peer) await defineChaincodes({ topology, crypto, ordering, peer, clock: this.#clock });
    await Promise.all(peers.map((one) => one.caughtUp(ordering.feed.height)));
  }

  async #serve(
    peer: Peer,
    parts: { port: number; crypto: CryptoStore; ordering: OrderingService },
  ): Promise<void> {
    const { config } = parts.ordering;
    const server = await this.#listen({
      node: `the peer of ${peer.mspId}`,
      port: parts.port,
      tls: parts.crypto.peer(peer.mspId).tls,
    });
    peer.listensOn(server.port);
    const context = this.#gatewayContext(peer, parts.ordering);
    server.add(endorserService(peer));
    server.add(peerDeliverService({ ...this.#seams(), config, feed: peer.feed }));
    server.add(gatewayService(context));
    server.add(
      discoveryService({
        config,
        peers: [...this.#peers.values()],
        log: this.#log,
        needsOf: (interest) => context.needsOf(interest),
        orderers: () => this.#ordererEndpoints(),
      }),
    );
  }

  #gatewayContext(peer: Peer, ordering: OrderingService): GatewayContext {
    const { config } = ordering;
    const { definitions, collections, ledger } = peer;
    return {
      config,
      local: peer,
      peers: [...this.#peers.values()],
      feed: peer.feed,
      ...this.#seams(),
      needsOf: (interest) =>
        needsOfInterest(interest, { config, definitions, collections, state: ledger.state }),
      broadcast: (envelope) => ordering.broadcast(envelope),
      checkAccess: (resource, channelId, signed) => {
        const channel = channelId === config.channelId ? config : undefined;
        checkAccess({ resource, channelId, channel, signed });
      },
      transactionStatus: (txId) => peer.transactionStatus(txId),
      awaitTransaction: (txId, signal) => peer.awaitTransaction(txId, signal),
    };
  }

  #ordererEndpoints(): ReadonlyMap<string, readonly { host: string; port: number }[]> {
    return new Map([[this.#orderer.organization, [this.#ordererEndpoint]]]);
  }

  get #orderer(): OrdererNode {
    return firstOrderer(this.topology);
  }

  get #ordererEndpoint(): { host: string; port: number } {
    return { host: ordererHost(this.topology, this.#orderer), port: this.#ordererPort };
  }

  #peerOf(mspId: string): Peer {
    const peer = this.#peers.get(mspId);
    if (!peer) throw new Error(`the peer of ${mspId} is not open`);
    return peer;
  }

  async #listen(
    parts: Pick<Parameters<typeof RpcServer.listen>[0], 'node' | 'port' | 'tls'>,
  ): Promise<RpcServer> {
    const portSetting = this.#options.portSetting ?? 'the ports in the topology';
    const server = await RpcServer.listen({ ...parts, portSetting });
    this.#servers.push(server);
    return server;
  }

  #seams(): { clock: Clock; log: Log; closing: AbortSignal } {
    return { clock: this.#clock, log: this.#log, closing: this.#closing.signal };
  }

  #loadedCrypto(): CryptoStore {
    if (!this.#crypto) throw new Error('the network has not started');
    return this.#crypto;
  }

  #fail(what: string, error: unknown): void {
    this.#log.warn(`${what}: ${textOf(error)}`);
    this.#options.onFailure?.(error);
  }
}

/** A peer never has blocks that the ordering node has not; if so, a folder was exchanged. */
function checkNotAhead(peer: Peer, ordering: OrderingService, folder: string): void {
  if (peer.height <= ordering.feed.height) return;
  throw new DataFolderError(
    'FOLDER_UNUSABLE',
    `In the data folder ${folder} the peer of ${peer.mspId} has ${peer.height} blocks, but the ` +
      `ordering node only ${ordering.feed.height}. Restore the whole folder from one copy, or ` +
      'start with an empty one.',
  );
}
