import { common } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import type { JoinedChannel } from './channel';
import { Committer } from './commit/committer';
import type { ChaincodeDefinitions } from './commit/definitions';
import { ChannelConfig } from './config/channel-config';
import { Simulations } from './endorse/simulation';
import type { MspIdentity } from './identity/msp';
import type { LocalChaincodes } from './local-chaincodes';
import { BlockFeed } from './order/block-feed';
import { lastConfigNumberOf } from './order/block-writer';
import { Collections, keepsData } from './private/collections';
import { Distributor } from './private/distribution';
import { privateDataOfBlock } from './private/private-deliver';
import { PeerSource, findTransient } from './private/private-source';
import type { PrivatePeer, WantedRecord } from './private/private-source';
import type { SignedDatum } from './policy/signature-policy';
import type { Log } from './seams';
import { Ledger } from './state/ledger';
import type { CommittedBlock } from './state/ledger';
import { LIFECYCLE } from './state/lifecycle-keys';
import type { TransientEntry } from './state/transient-store';
import { CachedDefinitions } from './system/cached-definitions';
import type { CallSlots } from './wire/concurrency-limits';
import type { DiscoveredChaincode, DiscoveredPeer } from './wire/discovery-service';
import type { TransactionStatus } from './wire/gateway-context';

/** The peer that a channel belongs to. */
export interface ChannelOwner {
  readonly mspId: string;
  /** `host:port` that other nodes know it by. */
  readonly address: string;
  /** msp.SerializedIdentity bytes. */
  readonly serializedIdentity: Uint8Array;
  readonly filtersLocalCalls: boolean;
  readonly endorserSlots: CallSlots;
  /** The chaincodes that it can run. */
  readonly chaincodes: LocalChaincodes;
  hasSystemChaincode(name: string): boolean;
  processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse>;
  checkFilters(signed: peer.SignedProposal): void;
}

/** What a channel of a peer is made of. */
export interface PeerChannelParts {
  readonly owner: ChannelOwner;
  /** Folder of the ledger. */
  readonly folder: string;
  /** The configuration of block 0, which holds until the ledger has a newer one. */
  readonly genesis: ChannelConfig;
  /** The channel on the other peers, for private data. */
  readonly others: () => readonly PeerChannel[];
  readonly log: Log;
  /** Told once when a block cannot be committed; the channel takes no further block. */
  readonly onFailure: (error: unknown) => void;
}

/** Between two searches for missing private data (core.yaml: reconcileSleepInterval). */
const RECONCILE_INTERVAL_MS = 60_000;

type Waiter = (status: TransactionStatus | undefined) => void;

/** One channel of a peer: its ledger, its configuration, and what clients wait for. */
export class PeerChannel implements JoinedChannel, DiscoveredPeer, PrivatePeer {
  readonly channelId: string;
  readonly mspId: string;
  readonly ledger: Ledger;
  readonly definitions: ChaincodeDefinitions;
  readonly collections: Collections;
  readonly feed: BlockFeed;
  readonly runner: Simulations;
  readonly #parts: PeerChannelParts;
  readonly #committer: Committer;
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #stop = new AbortController();
  #config: ChannelConfig;
  #following: Promise<void> = Promise.resolve();
  #reconciling: NodeJS.Timeout | undefined;

  private constructor(parts: PeerChannelParts, ledger: Ledger) {
    this.#parts = parts;
    this.#config = newestConfig(ledger) ?? parts.genesis;
    this.channelId = this.#config.channelId;
    this.mspId = parts.owner.mspId;
    this.ledger = ledger;
    const definitions = new CachedDefinitions(ledger);
    this.definitions = definitions;
    const config = (): ChannelConfig => this.#config;
    this.collections = new Collections({ channel: config, definitions, mspId: this.mspId });
    const exchange = { transient: ledger.transient, others: () => this.#others() };
    const source = new PeerSource({ ...exchange, own: this });
    this.#committer = new Committer({
      ledger,
      config,
      applyConfig: (next) => {
        this.#config = next;
      },
      definitions,
      own: this,
      source,
    });
    this.feed = new BlockFeed({
      height: ledger.height,
      read: (number) => ledger.blockBytes(number) ?? new Uint8Array(),
    });
    ledger.onCommit((committed) => {
      this.#tell(committed);
    });
    const { collections } = this;
    this.runner = new Simulations({
      channel: this,
      chaincodes: parts.owner.chaincodes,
      collections,
      distributor: new Distributor({ ...exchange, collections, log: parts.log }),
    });
  }

  /** @throws LedgerCorruptError, LedgerLockedError */
  static async open(parts: PeerChannelParts): Promise<PeerChannel> {
    return new PeerChannel(parts, await Ledger.open(parts.folder));
  }

  /** The configuration at the moment. */
  get config(): ChannelConfig {
    return this.#config;
  }

  /** Number of blocks of its ledger. */
  get height(): number {
    return this.ledger.height;
  }

  /** Whether the peer's organization is a member of the channel at the moment. */
  get isMember(): boolean {
    return this.#config.organizations.includes(this.mspId);
  }

  /** The peer under the channel's MSPs. @throws MspError when it is no member */
  get identity(): MspIdentity {
    return this.#config.msps.deserialize(this.serializedIdentity);
  }

  get address(): string {
    return this.#parts.owner.address;
  }

  get serializedIdentity(): Uint8Array {
    return this.#parts.owner.serializedIdentity;
  }

  /** Looks for private data that are missing; a failure is told as one of the commit. */
  async reconcile(): Promise<void> {
    await this.#committer.reconcile().catch((error: unknown) => {
      this.#parts.onFailure(error);
    });
  }

  /** Commits the blocks of the ordering service, those it missed first, until it is closed. */
  follow(source: BlockFeed): void {
    this.#reconciling = setInterval(() => void this.reconcile(), RECONCILE_INTERVAL_MS).unref();
    this.#following = this.#follow(source).catch((error: unknown) => {
      this.#parts.onFailure(error);
    });
  }

  /** Waits until the ledger has this many blocks. */
  async caughtUp(height: number): Promise<void> {
    await this.feed.waitFor(height - 1, this.#stop.signal);
  }

  hasChaincode(name: string): boolean {
    if (this.#parts.owner.hasSystemChaincode(name)) return true;
    return this.#parts.owner.chaincodes.has(this, name);
  }

  /** Id of the package that it runs for a chaincode; undefined when it runs none. */
  packageIdOf(name: string): string | undefined {
    const { chaincodes } = this.#parts.owner;
    return chaincodes.has(this, name) ? chaincodes.find(this, name).installed.packageId : undefined;
  }

  /** The lifecycle and the application chaincodes that it can run, as its gossip tells them. */
  async chaincodes(): Promise<readonly DiscoveredChaincode[]> {
    const own = await this.#parts.owner.chaincodes.list(this);
    return [
      { name: LIFECYCLE, version: '1' },
      ...own.map(({ definition: { name, sequence } }) => ({ name, version: String(sequence) })),
    ];
  }

  get endorserSlots(): CallSlots {
    return this.#parts.owner.endorserSlots;
  }

  get filtersLocalCalls(): boolean {
    return this.#parts.owner.filtersLocalCalls;
  }

  processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
    return this.#parts.owner.processProposal(signed);
  }

  checkFilters(signed: peer.SignedProposal): void {
    this.#parts.owner.checkFilters(signed);
  }

  /** @inheritdoc */
  receivePrivate(entry: TransientEntry): Promise<void> {
    return this.ledger.transient.persist(entry);
  }

  /** @inheritdoc */
  async supplyPrivate(
    wanted: WantedRecord,
    requester: Pick<PrivatePeer, 'mspId' | 'identity'>,
  ): Promise<Uint8Array | undefined> {
    const config = this.collections.find(this.ledger.state, wanted);
    if (!config || !keepsData(config, requester)) return undefined;
    const waiting = await findTransient(this.ledger.transient, wanted);
    return waiting ?? this.ledger.privateStore.record(wanted);
  }

  /** The private data of a block that a client may see, by position of the transaction. */
  privateDataOf(blockNumber: number, signed: SignedDatum): ReturnType<typeof privateDataOfBlock> {
    const { ledger, collections } = this;
    return privateDataOfBlock({ ledger, collections, blockNumber, signed });
  }

  /** How a transaction that is on the ledger ended. */
  transactionStatus(txId: string): TransactionStatus | undefined {
    const place = this.ledger.place(txId);
    return place && { code: place.validationCode, blockNumber: place.blockNumber };
  }

  /** Waits for a transaction. @returns undefined when the signal was aborted or the peer closed */
  awaitTransaction(txId: string, signal: AbortSignal): Promise<TransactionStatus | undefined> {
    const known = this.transactionStatus(txId);
    if (known || signal.aborted) return Promise.resolve(known);
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(txId) ?? new Set();
      this.#waiters.set(txId, waiters);
      const finish = (status: TransactionStatus | undefined): void => {
        waiters.delete(finish);
        if (waiters.size === 0) this.#waiters.delete(txId);
        signal.removeEventListener('abort', onAbort);
        resolve(status);
      };
      const onAbort = (): void => {
        finish(undefined);
      };
      waiters.add(finish);
      signal.addEventListener('abort', onAbort);
    });
  }

  /** Lets everybody go who waits for a transaction. */
  dismissWaiters(): void {
    for (const waiters of [...this.#waiters.values()]) {
      for (const waiter of [...waiters]) waiter(undefined);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#reconciling);
    await this.#following;
    // One that was under way still needs the ledger.
    await this.#committer.idle();
    await this.ledger.close();
  }

  #others(): readonly PeerChannel[] {
    return this.#parts.others().filter((one) => one.isMember);
  }

  async #follow(source: BlockFeed): Promise<void> {
    while (await source.waitFor(this.ledger.height, this.#stop.signal)) {
      if (this.#stop.signal.aborted) return;
      await this.#committer.commit(source.block(this.ledger.height));
    }
  }

  #tell({ number, block, codes, txIds }: CommittedBlock): void {
    this.feed.announce(block);
    txIds.forEach((txId, index) => {
      const waiters = this.#waiters.get(txId);
      if (!waiters) return;
      // The id may have been on the ledger twice; the first place counts.
      const status = this.transactionStatus(txId);
      const here = { code: codes[index] ?? 0, blockNumber: number };
      for (const waiter of [...waiters]) waiter(status ?? here);
    });
  }
}

/** The configuration that the newest block of a ledger names; undefined for an empty ledger. */
function newestConfig(ledger: Ledger): ChannelConfig | undefined {
  const newest = blockOf(ledger, ledger.height - 1);
  const block = newest && blockOf(ledger, lastConfigNumberOf(newest));
  return block && ChannelConfig.fromBlock(block);
}

function blockOf(ledger: Ledger, number: number): common.Block | undefined {
  const bytes = ledger.blockBytes(number);
  return bytes && common.Block.deserializeBinary(bytes);
}
