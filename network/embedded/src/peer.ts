import type { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeHost } from './chaincode/chaincode-host';
import { Committer } from './commit/committer';
import type { ChaincodeDefinitions } from './commit/definitions';
import type { ChannelConfig } from './config/channel-config';
import type { NodeCrypto } from './config/crypto-store';
import { Endorser } from './endorse/endorser';
import { Simulations } from './endorse/simulation';
import type { MspIdentity } from './identity/msp';
import { BlockFeed } from './order/block-feed';
import { Collections, keepsData } from './private/collections';
import { Distributor } from './private/distribution';
import { PeerSource, findTransient } from './private/private-source';
import type { PrivatePeer, WantedRecord } from './private/private-source';
import type { Clock, Log } from './seams';
import { Ledger } from './state/ledger';
import type { CommittedBlock } from './state/ledger';
import { LIFECYCLE } from './state/lifecycle-keys';
import type { TransientEntry } from './state/transient-store';
import { CachedDefinitions } from './system/cached-definitions';
import { channelQueries } from './system/channel-queries';
import { ledgerQueries } from './system/ledger-queries';
import { lifecycleQueries } from './system/lifecycle-queries';
import type { SystemChaincode } from './system/system-chaincode';
import type { DiscoveredChaincode, DiscoveredPeer } from './wire/discovery-service';
import type { TransactionStatus } from './wire/gateway-context';

/** What a peer is made of. */
export interface PeerParts {
  /** Folder of its ledger. */
  readonly folder: string;
  readonly crypto: NodeCrypto;
  readonly config: ChannelConfig;
  /** Its organization's chaincode processes, by chaincode name. */
  readonly hosts: ReadonlyMap<string, ChaincodeHost>;
  readonly packageIds: ReadonlyMap<string, string>;
  /** The other peers of the channel, for private data. */
  readonly others: () => readonly PrivatePeer[];
  readonly clock: Clock;
  readonly log: Log;
  /** Told once when a block cannot be committed; the peer takes no further block. */
  readonly onFailure: (error: unknown) => void;
}

type Waiter = (status: TransactionStatus | undefined) => void;

/** One organization's peer: its ledger, its endorser, and what clients wait for. */
export class Peer implements DiscoveredPeer, PrivatePeer {
  readonly mspId: string;
  readonly host: string;
  readonly identity: MspIdentity;
  readonly ledger: Ledger;
  readonly definitions: ChaincodeDefinitions;
  readonly collections: Collections;
  readonly feed: BlockFeed;
  readonly #parts: PeerParts;
  readonly #systemChaincodes: ReadonlyMap<string, SystemChaincode>;
  readonly #endorser: Endorser;
  readonly #committer: Committer;
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #stop = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #port = 0;

  private constructor(parts: PeerParts, ledger: Ledger) {
    const { config, crypto } = parts;
    this.#parts = parts;
    this.mspId = crypto.identity.mspId;
    this.host = crypto.host;
    this.identity = config.msps.deserialize(crypto.identity.serialized);
    this.ledger = ledger;
    this.definitions = new CachedDefinitions(ledger);
    const { definitions, mspId } = this;
    this.collections = new Collections({ channel: () => config, definitions, mspId });
    const exchange = { transient: ledger.transient, others: parts.others };
    this.#committer = new Committer({
      ledger,
      config,
      definitions,
      own: this,
      source: new PeerSource({ ...exchange, own: this }),
    });
    this.feed = new BlockFeed({
      height: ledger.height,
      read: (number) => ledger.blockBytes(number) ?? new Uint8Array(),
    });
    ledger.onCommit((committed) => {
      this.#tell(committed);
    });
    this.#systemChaincodes = this.#makeSystemChaincodes();
    this.#endorser = new Endorser({
      identity: crypto.identity,
      config,
      hasTransaction: (txId) => ledger.hasTransaction(txId),
      runner: new Simulations({
        ...parts,
        ledger,
        definitions,
        collections: this.collections,
        distributor: new Distributor({
          ...exchange,
          collections: this.collections,
          log: parts.log,
        }),
      }),
      systemChaincodes: this.#systemChaincodes,
      clock: parts.clock,
    });
  }

  /** @throws LedgerCorruptError, LedgerLockedError */
  static async open(parts: PeerParts): Promise<Peer> {
    return new Peer(parts, await Ledger.open(parts.folder));
  }

  /** Number of blocks of its ledger. */
  get height(): number {
    return this.ledger.height;
  }

  /** `host:port` that other nodes know it by. */
  get address(): string {
    return `${this.host}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** msp.SerializedIdentity bytes. */
  get serializedIdentity(): Uint8Array {
    return this.#parts.crypto.identity.serialized;
  }

  /** Told once the server listens. */
  listensOn(port: number): void {
    this.#port = port;
  }

  /** Commits the blocks of the ordering service, those it missed first, until it is closed. */
  follow(source: BlockFeed): void {
    this.#following = this.#follow(source).catch((error: unknown) => {
      this.#parts.onFailure(error);
    });
  }

  /** Waits until the ledger has this many blocks. */
  async caughtUp(height: number): Promise<void> {
    await this.feed.waitFor(height - 1, this.#stop.signal);
  }

  hasChaincode(name: string): boolean {
    if (this.#systemChaincodes.has(name)) return true;
    if (!this.#parts.hosts.has(name)) return false;
    return this.definitions.find(this.ledger.state, name) !== undefined;
  }

  /** The lifecycle and the application chaincodes that it can run, as its gossip tells them. */
  chaincodes(): readonly DiscoveredChaincode[] {
    const own = [...this.#parts.hosts.keys()].flatMap((name) => {
      const definition = this.definitions.find(this.ledger.state, name);
      return definition ? [{ name, version: String(definition.sequence) }] : [];
    });
    return [{ name: LIFECYCLE, version: '1' }, ...own];
  }

  processProposal(signed: peer.SignedProposal): Promise<peer.ProposalResponse> {
    return this.#endorser.processProposal(signed);
  }

  checkExpiry(signed: peer.SignedProposal): void {
    this.#endorser.checkExpiry(signed);
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
    await this.#following;
    await this.ledger.close();
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

  #makeSystemChaincodes(): ReadonlyMap<string, SystemChaincode> {
    const { config, packageIds } = this.#parts;
    const { ledger, definitions, mspId } = this;
    return new Map([
      ['qscc', ledgerQueries({ config, ledger })],
      ['cscc', channelQueries({ config, ledger, mspId })],
      [LIFECYCLE, lifecycleQueries({ config, definitions, mspId, packageIds })],
    ]);
  }
}
