import {
  channelViews,
  compatOf,
  firstOrderer,
  ordererHost,
  peerOrganizations,
  TopologyError,
} from '../../topology';
import type { OrdererNode, PeerOrganization, Topology, User } from '../../topology';
import type { DeployedChaincode } from '../../lifecycle/deploy-chaincode';
import type { ChaincodeService, ServedChaincode } from '../../chaincode-service/chaincode-services';
import { ChannelConfig } from './config/channel-config';
import { serveAuthorities } from './authority-servers';
import { checkNotAhead, refuseOtherChannels } from './folder-checks';
import { createOrLoadCrypto } from '../../certificates/crypto-store';
import type { CryptoStore, IssuedUser, NetworkEndpoints } from '../../certificates/crypto-store';
import { buildGenesisBlock } from './config/genesis';
import { DataFolder, openOrAdvise } from './data-folder';
import { LocalMsp } from './identity/local-msp';
import { NetworkChaincodes } from './network-chaincodes';
import type { NetworkDeployment } from './network-chaincodes';
import type { NetworkOptions } from './network-options';
import { BlockStore } from './order/block-store';
import { OrderingNode } from './ordering-node';
import { OrderingService } from './ordering-service';
import { Peer } from './peer';
import type { PeerChannel } from './peer-channel';
import { peerServices } from './peer-server';
import { revokeCertificate } from './revoke-certificate';
import { silentLog, systemClock } from './seams';
import { textOf } from '../../machine/text-of';
import type { Clock, Log } from './seams';
import { PackageStore } from './system/lifecycle/package-store';
import { sampleLimits } from './wire/concurrency-limits';
import { orderingNodeService } from './wire/ordering-node-service';
import { RpcServer } from './wire/rpc-server';

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
   * Deploys a chaincode by real transactions: installs the packages at the organizations' peers,
   * approves for every organization and commits. Resolves when every peer has it. Nothing changes
   * where all of it is there already.
   * @throws LifecycleError, PolicySyntaxError
   */
  deploy(deployment: NetworkDeployment): Promise<DeployedChaincode>;
  /**
   * Packages of a chaincode for its organizations, and how its processes are started.
   * @throws TopologyError when a process has no port
   */
  chaincodeServices(chaincode: ServedChaincode): Promise<readonly ChaincodeService[]>;
  /**
   * Waits until every organization's process of a chaincode has registered.
   * @throws ChaincodeConnectionError when one does not within the time
   */
  awaitChaincode(name: string, timeoutMs?: number): Promise<void>;
  /**
   * Number of blocks of an organization's ledger.
   * @param channel default: the first of the topology
   */
  heightOf(mspId: string, channel?: string): number;
  /** Revokes a certificate in every channel; see `revokeCertificate` for what it throws. */
  revokeCertificate(mspId: string, certificatePem: string): Promise<void>;
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
  #ordering: OrderingNode | undefined;
  #chaincodes: NetworkChaincodes | undefined;
  readonly #servers: RpcServer[] = [];
  /** What to close at the end, the last opened first. */
  readonly #closers: (() => Promise<void>)[] = [];
  #crypto: CryptoStore | undefined;
  #ordererPort = 0;
  #authorityPorts: ReadonlyMap<string, { readonly port: number }> = new Map();
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
    this.#ordering = ordering;
    for (const { mspId, domain } of peerOrganizations(this.topology)) {
      await this.#makePeer(mspId, crypto, folder.at('packages', domain));
    }
    this.#chaincodes = await NetworkChaincodes.create({
      topology: this.topology,
      crypto,
      addresses: this.#options.chaincodeAddresses,
      clock: this.#clock,
      closing: this.#closing.signal,
    });
    for (const view of channelViews(this.topology)) {
      await this.#openChannel({ view, folder, crypto, ordering });
    }
    server.add(orderingNodeService({ ...this.#seams(), ordering }));
    for (const { mspId, peer } of peerOrganizations(this.topology)) {
      await this.#serve(this.#peerOf(mspId), { port: peer.port, crypto, ordering });
    }
    await this.#serveAuthorities();
    this.profiles = await crypto.writeProfiles(this.endpoints);
  }

  get endpoints(): NetworkEndpoints {
    return {
      orderer: { port: this.#ordererPort },
      peers: new Map([...this.#peers].map(([mspId, { port }]) => [mspId, { port }])),
      authorities: this.#authorityPorts,
    };
  }

  get walletFolder(): string {
    return started(this.#crypto).walletFolder;
  }

  issueUser(mspId: string, user: User): Promise<IssuedUser> {
    return started(this.#crypto).issueUser(mspId, user);
  }

  deploy(deployment: NetworkDeployment): Promise<DeployedChaincode> {
    const { channel = this.topology.channel } = deployment;
    const ordering = this.#ordering?.channel(channel);
    if (!ordering) throw new TopologyError(`the network has no channel ${channel}`);
    const peers = [...this.#peers.values()].flatMap((one) => one.channels.get(channel) ?? []);
    return started(this.#chaincodes).deploy({ ...deployment, channel }, { peers, ordering });
  }

  chaincodeServices(chaincode: ServedChaincode): Promise<readonly ChaincodeService[]> {
    return started(this.#chaincodes).services(chaincode);
  }

  async awaitChaincode(name: string, timeoutMs?: number): Promise<void> {
    const hosts = [...this.#peers.values()].flatMap(({ channels, chaincodes }) =>
      [...channels.values()]
        .filter((channel) => chaincodes.has(channel, name))
        .map((channel) => chaincodes.host(channel, name)),
    );
    await Promise.all([...new Set(hosts)].map((host) => host.ready(timeoutMs)));
  }

  heightOf(mspId: string, channel = this.topology.channel): number {
    return this.#peers.get(mspId)?.channels.get(channel)?.height ?? 0;
  }

  revokeCertificate(mspId: string, certificatePem: string): Promise<void> {
    const parts = { topology: this.topology, crypto: started(this.#crypto) };
    const nodes = { ordererPort: this.#ordererPort, peers: [...this.#peers.values()] };
    return revokeCertificate({ ...parts, ...nodes, mspId, certificatePem });
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

  async #serveAuthorities(): Promise<void> {
    const { topology } = this;
    const { folder } = this.#options;
    const servers = await serveAuthorities({ topology, folder, portSetting: this.#portSetting });
    this.#authorityPorts = servers.ports;
    this.#closers.push(() => servers.close());
  }

  async #startOrdering(folder: DataFolder, crypto: CryptoStore): Promise<OrderingNode> {
    const channels = new Map<string, OrderingService>();
    const views = channelViews(this.topology);
    await refuseOtherChannels(
      folder,
      views.map((view) => view.channel),
    );
    for (const view of views) {
      channels.set(view.channel, await this.#orderChannel({ view, folder, crypto }));
    }
    return new OrderingNode({ channels, compat: compatOf(this.topology) });
  }

  async #orderChannel(parts: {
    view: Topology;
    folder: DataFolder;
    crypto: CryptoStore;
  }): Promise<OrderingService> {
    const { view, folder, crypto } = parts;
    const store = await openOrAdvise(
      () => BlockStore.open(folder.at('orderer', view.channel)),
      'Restore the whole data folder from a copy, or start with an empty one.',
    );
    if (store.height === 0) {
      const genesis = buildGenesisBlock({
        topology: view,
        mspConfigs: new Map([...crypto.organizations].map(([id, one]) => [id, one.mspConfig])),
        ordererTlsCertificatePem: crypto.orderer.tls.certificatePem,
        ordererEndpoint: this.#ordererEndpoint,
      });
      await store.append(genesis.serializeBinary());
    }
    const ordering: OrderingService = new OrderingService({
      store,
      signer: crypto.orderer.identity,
      clock: this.#clock,
      onFailure: (error) => {
        this.#fail('the ordering service cannot write', error);
      },
      ...(this.topology.batch.cutWhenIdle === true && {
        isIdle: () =>
          [...this.#peers.values()].every((one) => one.isIdle(view.channel, ordering.feed.height)),
      }),
    });
    this.#closers.push(() => ordering.close());
    return ordering;
  }

  async #makePeer(mspId: string, crypto: CryptoStore, packageFolder: string): Promise<void> {
    const peer = new Peer({
      crypto: crypto.peer(mspId),
      localMsp: new LocalMsp({ mspId, config: crypto.organization(mspId).mspConfig }),
      packages: await PackageStore.open(packageFolder),
      clock: this.#clock,
      compat: compatOf(this.topology),
      executeTimeoutMs: this.#options.executeTimeoutMs,
      limits: { ...sampleLimits, ...this.#options.concurrencyLimits },
    });
    this.#peers.set(mspId, peer);
    this.#closers.push(() => peer.close());
  }

  async #openChannel(parts: ChannelParts): Promise<void> {
    const { view } = parts;
    const ordering = parts.ordering.channel(view.channel);
    if (!ordering) throw new Error(`the channel ${view.channel} is not ordered`);
    const channels: PeerChannel[] = [];
    // One after the other: when one fails, the others must not be still opening.
    for (const one of peerOrganizations(view)) {
      channels.push(await this.#join(one, ordering, parts));
    }
    // A peer that lost its folder asks the others for private data, so all must be open.
    for (const one of channels) one.follow(ordering.feed);
    await Promise.all(channels.map((one) => one.caughtUp(ordering.feed.height)));
    for (const one of channels) await one.reconcile();
    await started(this.#chaincodes).deployTopology(view.chaincodes, { peers: channels, ordering });
  }

  async #join(
    { mspId, domain }: PeerOrganization,
    ordering: OrderingService,
    { folder, view }: ChannelParts,
  ): Promise<PeerChannel> {
    const peer = this.#peerOf(mspId);
    const genesis = ChannelConfig.fromBlock(ordering.feed.block(0));
    const onFailure = (error: unknown): void => {
      this.#fail(`the peer of ${mspId} cannot commit`, error);
    };
    const others = (): readonly PeerChannel[] =>
      [...this.#peers.values()]
        .filter((one) => one !== peer)
        .flatMap((one) => one.channels.get(view.channel) ?? []);
    const path = folder.at('peers', domain, view.channel);
    const channel = await openOrAdvise(
      () => peer.join({ folder: path, genesis, others, log: this.#log, onFailure }),
      'Remove that folder: the peer then takes its blocks from the ordering node again.',
    );
    checkNotAhead(channel, ordering, this.#options.folder);
    return channel;
  }

  async #serve(
    peer: Peer,
    parts: { port: number; crypto: CryptoStore; ordering: OrderingNode },
  ): Promise<void> {
    const { ordering } = parts;
    const server = await this.#listen({
      node: `the peer of ${peer.mspId}`,
      port: parts.port,
      tls: parts.crypto.peer(peer.mspId).tls,
    });
    peer.listensOn(server.port);
    const services = peerServices({
      ...this.#seams(),
      peer,
      peers: [...this.#peers.values()],
      ordering,
      ordererEndpoints: () => this.#ordererEndpoints(),
    });
    for (const service of services) server.add(service);
  }

  #ordererEndpoints(): ReadonlyMap<string, readonly { host: string; port: number }[]> {
    return new Map([[this.#orderer.organization, [this.#ordererEndpoint]]]);
  }

  get #portSetting(): string {
    return this.#options.portSetting ?? 'the ports in the topology';
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
    const server = await RpcServer.listen({ ...parts, portSetting: this.#portSetting });
    this.#servers.push(server);
    return server;
  }

  #seams(): { clock: Clock; log: Log; closing: AbortSignal } {
    return { clock: this.#clock, log: this.#log, closing: this.#closing.signal };
  }

  #fail(what: string, error: unknown): void {
    this.#log.warn(`${what}: ${textOf(error)}`);
    this.#options.onFailure?.(error);
  }
}

/** A part that is there once the network has started. */
function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the network has not started');
  return part;
}

/** What a channel is opened with. */
interface ChannelParts {
  /** The network as the channel sees it. */
  readonly view: Topology;
  readonly folder: DataFolder;
  readonly crypto: CryptoStore;
  readonly ordering: OrderingNode;
}
