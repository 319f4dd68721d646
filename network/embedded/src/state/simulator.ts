import type { peer } from '@hyperledger/fabric-protos';
import { noCollections, type CollectionDirectory } from './collections';
import { DEFINITION_FIELDS, LIFECYCLE, fieldKey, metadataKey, sequenceKey } from './lifecycle-keys';
import type { CollectionAddress, PrivateWriteSet } from './private-rwset';
import { decodeMetadata, encodeRwset, type MetadataEntry } from './rwset';
import { RwsetBuilder, hashedKey, type KeyAddress, type PrivateKeyAddress } from './rwset-builder';
import { SimulatedRange } from './simulated-range';
import type { StateSnapshot } from './snapshot';
import {
  hashedNamespace,
  privateNamespace,
  sameVersion,
  type RowIterator,
  type Version,
  type VersionedValue,
} from './versioned-value';
import { WrittenPolicies, type WrittenPolicy } from './written-policies';

/** A request of the chaincode that the simulation refuses; the text is Fabric's. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

/** What a finished simulation did. */
export interface SimulationResults {
  /** Serialized `rwset.TxReadWriteSet`: the `results` of the chaincode action. */
  readonly rwset: Buffer;
  /** Namespaces that were read or written, in key order; their policies must be met. */
  readonly namespaces: readonly string[];
  /** What decides who must endorse the writes. */
  readonly written: readonly WrittenPolicy[];
  /** Collections of which private values were read, in the order of first use. */
  readonly privateReads: readonly CollectionAddress[];
  /** What was written to private collections, in plain. */
  readonly privateWrites: readonly PrivateWriteSet[];
}

interface RangeRequest {
  readonly namespace: string;
  readonly startKey: string;
  readonly endKey: string;
}

function describeVersion(version: Version | undefined): string {
  if (!version) return '<nil>';
  return `{BlockNum: ${String(version.blockNumber)}, TxNum: ${String(version.txNumber)}}`;
}

/**
 * One simulation of a transaction on a snapshot (Fabric: `txmgr/tx_simulator.go`). It never shows
 * its own writes. Whoever creates it calls `done` in any case.
 */
export class TxSimulator {
  readonly #snapshot: StateSnapshot;
  readonly #rwset = new RwsetBuilder();
  readonly #rows: RowIterator[] = [];
  readonly #written = new WrittenPolicies();
  readonly #privateReads = new Map<string, CollectionAddress>();
  readonly #definitionsRead = new Set<string>();
  readonly #collections: CollectionDirectory;
  readonly txId: string;
  readonly channelId: string;
  #hasWritten = false;
  #hasPaged = false;
  #hasQueriedPrivate = false;
  #isDone = false;

  /** @param options.snapshot becomes the simulator's; `done` releases it */
  constructor(options: {
    snapshot: StateSnapshot;
    channelId: string;
    txId: string;
    collections?: CollectionDirectory;
  }) {
    this.#snapshot = options.snapshot;
    this.channelId = options.channelId;
    this.txId = options.txId;
    this.#collections = options.collections ?? noCollections;
  }

  /** The ledger under the simulation; reading it leaves no trace in the read set. */
  get snapshot(): StateSnapshot {
    return this.#snapshot;
  }

  /** The collections of the channel. */
  get collections(): CollectionDirectory {
    return this.#collections;
  }

  /**
   * Reads, as part of the transaction, which sequence a chaincode's definition has. Every
   * simulation starts with this for the invoked chaincode and for each chaincode that it calls, so
   * that a new definition invalidates transactions in flight.
   * @returns false when the chaincode is not defined
   */
  readSequence(chaincode: string): boolean {
    return this.get(LIFECYCLE, sequenceKey(chaincode)) !== undefined;
  }

  /** Committed value of a key, undefined when there is none. */
  get(namespace: string, key: string): Uint8Array | undefined {
    return this.#read({ namespace, key })?.value;
  }

  /** Committed metadata of a key. */
  metadata(namespace: string, key: string): MetadataEntry[] {
    return decodeMetadata(this.#read({ namespace, key })?.metadata ?? new Uint8Array());
  }

  #read(address: KeyAddress): VersionedValue | undefined {
    this.#checkOpen();
    const found = this.#snapshot.get(address.namespace, address.key);
    this.#rwset.addRead(address, found?.version);
    return found;
  }

  /**
   * Writes a key; an empty value deletes it.
   * @throws SimulationError after a paginated or a private query
   */
  put(address: KeyAddress, value: Uint8Array): void {
    this.#beforeWrite();
    this.#rwset.addWrite(address, value);
    this.#noteWritten({ ...address, collection: '' });
  }

  /** @throws SimulationError after a paginated or a private query */
  delete(address: KeyAddress): void {
    this.put(address, new Uint8Array());
  }

  /**
   * Replaces the metadata of a key.
   * @throws SimulationError after a paginated or a private query
   */
  putMetadata(address: KeyAddress, entries: readonly MetadataEntry[]): void {
    this.#beforeWrite();
    this.#rwset.addMetadataWrite(address, entries);
    this.#noteWritten({ ...address, collection: '' });
  }

  /** A range of a namespace, start included, end not; empty ends are open. */
  range(range: RangeRequest): SimulatedRange {
    return this.#openRange({ ...range, limit: 0 });
  }

  /**
   * One page of a range.
   * @param range.pageSize rows of a page; 0 = all
   * @throws SimulationError after a write
   */
  page(range: RangeRequest & { pageSize: number }): SimulatedRange {
    if (this.#hasWritten) {
      throw this.#unsupported('Paginated queries are supported only in a read-only transaction');
    }
    this.#hasPaged = true;
    return this.#openRange({ ...range, limit: range.pageSize });
  }

  #openRange(range: RangeRequest & { limit: number }): SimulatedRange {
    this.#checkOpen();
    const rows = this.#snapshot.range(range);
    this.#rows.push(rows);
    const opened = new SimulatedRange(rows, range);
    this.#rwset.addRange(range.namespace, opened);
    return opened;
  }

  /**
   * The configuration of a collection, read as part of the transaction.
   * @returns undefined when there is none
   */
  collectionConfig(address: CollectionAddress): peer.StaticCollectionConfig | undefined {
    this.#readDefinition(address.namespace);
    return this.#collections.find(this.#snapshot, address);
  }

  /**
   * Committed private value of a key, undefined when there is none.
   * @throws SimulationError when this peer has not the value that the hash on the ledger names
   */
  privateValue(address: PrivateKeyAddress): Uint8Array | undefined {
    this.#checkCollection(address);
    const { namespace, collection, key } = address;
    const found = this.#snapshot.get(privateNamespace(namespace, collection), key);
    const hash = this.#hashEntry(address);
    if (!sameVersion(hash?.version, found?.version)) {
      throw new SimulationError(
        'private data matching public hash version is not available. Public hash version = ' +
          `${describeVersion(hash?.version)}, Private data version = ` +
          describeVersion(found?.version),
      );
    }
    this.#notePrivateRead(address, found?.version);
    return found?.value;
  }

  /**
   * Private values of several keys as this peer has them. Unlike `privateValue`, none is held
   * against the ledger. Source: 3.1 query_executor.go:GetPrivateDataMultipleKeys
   */
  privateValues(
    address: CollectionAddress,
    keys: readonly string[],
  ): readonly (Uint8Array | undefined)[] {
    this.#checkCollection(address);
    const namespace = privateNamespace(address.namespace, address.collection);
    return keys.map((key) => {
      const found = this.#snapshot.get(namespace, key);
      this.#notePrivateRead({ ...address, key }, found?.version);
      return found?.value;
    });
  }

  #notePrivateRead(address: PrivateKeyAddress, version: Version | undefined): void {
    const { namespace, collection } = address;
    this.#rwset.addHashedRead(address, version);
    this.#privateReads.set(JSON.stringify([namespace, collection]), { namespace, collection });
  }

  /** Committed SHA-256 of a private value, undefined when there is none; every peer has it. */
  privateHash(address: PrivateKeyAddress): Uint8Array | undefined {
    return this.#readHash(address)?.value;
  }

  /** Committed metadata of a private key; every peer has them. */
  privateMetadata(address: PrivateKeyAddress): MetadataEntry[] {
    return decodeMetadata(this.#readHash(address)?.metadata ?? new Uint8Array());
  }

  #readHash(address: PrivateKeyAddress): VersionedValue | undefined {
    this.#checkCollection(address);
    const found = this.#hashEntry(address);
    this.#rwset.addHashedRead(address, found?.version);
    return found;
  }

  /**
   * Writes a private key; an empty value deletes it.
   * @throws SimulationError for an undefined collection, or after a paginated or private query
   */
  putPrivate(address: PrivateKeyAddress, value: Uint8Array): void {
    this.#beforePrivateWrite(address);
    this.#rwset.addPrivateWrite(address, value);
    this.#noteWritten(address);
  }

  /** As `putPrivate` with an empty value. */
  deletePrivate(address: PrivateKeyAddress): void {
    this.putPrivate(address, new Uint8Array());
  }

  /** Deletes a private key together with all its past values. @throws as `putPrivate` */
  purgePrivate(address: PrivateKeyAddress): void {
    this.#beforePrivateWrite(address);
    this.#rwset.addPurge(address);
    this.#noteWritten(address);
  }

  /** Replaces the metadata of a private key. @throws as `putPrivate` */
  putPrivateMetadata(address: PrivateKeyAddress, entries: readonly MetadataEntry[]): void {
    this.#beforePrivateWrite(address);
    this.#rwset.addPrivateMetadataWrite(address, entries);
    this.#noteWritten(address);
  }

  /**
   * A range of the private keys of this peer; it leaves no trace in the read set, so writes are
   * refused from here on.
   * @throws SimulationError after a write, or for an undefined collection
   */
  privateRange(range: RangeRequest & CollectionAddress): RowIterator {
    this.checkPrivateQuery(range);
    const namespace = privateNamespace(range.namespace, range.collection);
    const { startKey, endKey } = range;
    const rows = this.#snapshot.range({ namespace, startKey, endKey });
    this.#rows.push(rows);
    return rows;
  }

  /** The checks before any query of a collection. @throws as `privateRange` */
  checkPrivateQuery(address: CollectionAddress): void {
    if (this.#hasWritten) {
      throw this.#unsupported('Queries on pvt data is supported only in a read-only transaction');
    }
    this.#hasQueriedPrivate = true;
    this.#checkCollection(address);
  }

  #hashEntry({ namespace, collection, key }: PrivateKeyAddress): VersionedValue | undefined {
    return this.#snapshot.get(hashedNamespace(namespace, collection), hashedKey(key));
  }

  /** All parts of a definition, since an endorser looks the collection up in the state. */
  #readDefinition(chaincode: string): void {
    if (chaincode === LIFECYCLE || this.#definitionsRead.has(chaincode)) return;
    this.#definitionsRead.add(chaincode);
    if (this.get(LIFECYCLE, metadataKey(chaincode)) === undefined) return;
    for (const field of DEFINITION_FIELDS) this.get(LIFECYCLE, fieldKey(chaincode, field));
  }

  #checkCollection(address: CollectionAddress): void {
    this.#checkOpen();
    this.#readDefinition(address.namespace);
    if (this.#collections.isDefined(this.#snapshot, address)) return;
    throw new SimulationError(
      `collection [${address.collection}] not defined in the collection config for chaincode ` +
        `[${address.namespace}]`,
    );
  }

  #beforePrivateWrite(address: CollectionAddress): void {
    this.#checkCollection(address);
    this.#beforeWrite();
  }

  #beforeWrite(): void {
    this.#checkOpen();
    if (this.#hasQueriedPrivate) {
      throw this.#unsupported(
        'Transaction has already performed queries on pvt data. Writes are not allowed',
      );
    }
    if (this.#hasPaged) {
      throw this.#unsupported(
        'Transaction has already performed a paginated query. Writes are not allowed',
      );
    }
    this.#hasWritten = true;
  }

  #noteWritten(address: PrivateKeyAddress): void {
    const { namespace, key, collection } = address;
    const entry = collection === '' ? this.#snapshot.get(namespace, key) : this.#hashEntry(address);
    this.#written.add(address, entry?.metadata);
  }

  #unsupported(reason: string): SimulationError {
    return new SimulationError(`txid [${this.txId}]: unsuppored transaction. ${reason}`);
  }

  #checkOpen(): void {
    if (this.#isDone) {
      throw new SimulationError('this instance should not be used after calling Done()');
    }
  }

  /** What the transaction read and wrote so far. */
  results(): SimulationResults {
    const sets = this.#rwset.build();
    return {
      rwset: encodeRwset(sets),
      namespaces: sets.map((set) => set.namespace),
      written: this.#written.all(),
      privateReads: [...this.#privateReads.values()],
      privateWrites: this.#rwset.buildPrivate(),
    };
  }

  /** Closes the ranges and releases the snapshot; a second call does nothing. */
  async done(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    try {
      await Promise.all(this.#rows.map((rows) => rows.close()));
    } finally {
      this.#snapshot.release();
    }
  }
}
