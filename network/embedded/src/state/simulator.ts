import { sequenceKey, LIFECYCLE } from './lifecycle-keys';
import { MAX_DEGREE, RangeSummary } from './range-query-info';
import { decodeMetadata, encodeRwset, type MetadataEntry, type RangeQuery } from './rwset';
import { RwsetBuilder, type KeyAddress, type OpenRange } from './rwset-builder';
import type { StateSnapshot } from './snapshot';
import type { RowIterator, StateRow } from './versioned-value';

/** Name of the metadata entry that holds a key's own endorsement policy. */
export const VALIDATION_PARAMETER = 'VALIDATION_PARAMETER';

/** A request of the chaincode that the simulation refuses; the text is Fabric's. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

/** What a finished simulation did. */
export interface SimulationResults {
  /** Serialized `rwset.TxReadWriteSet`: the `results` of the chaincode action. */
  readonly rwset: Buffer;
  /** Public namespaces that were read or written, in key order; their policies must be met. */
  readonly namespaces: readonly string[];
  /**
   * Key-level policies (`peer.ApplicationPolicy` or `SignaturePolicyEnvelope` bytes as stored) of
   * the written keys, each once per namespace.
   */
  readonly keyPolicies: readonly { namespace: string; policy: Uint8Array }[];
  /** Namespaces with a written key that has no policy of its own: they need the chaincode's. */
  readonly namespacesUnderChaincodePolicy: readonly string[];
}

/** A range in simulation; what is read from it becomes part of the read set. */
export class SimulatedRange implements OpenRange {
  readonly #rows: RowIterator;
  readonly #startKey: string;
  readonly #requestedEnd: string;
  readonly #summary = new RangeSummary(MAX_DEGREE);
  readonly #limit: number;
  #lastKey = '';
  #exhausted = false;
  #returned = 0;

  /** @param limit most rows to give out; 0 = all */
  constructor(rows: RowIterator, range: { startKey: string; endKey: string; limit: number }) {
    this.#rows = rows;
    this.#startKey = range.startKey;
    this.#requestedEnd = range.endKey;
    this.#limit = range.limit;
  }

  /** The next row, or undefined at the end of the range or at the limit. */
  async next(): Promise<StateRow | undefined> {
    const atLimit = this.#limit > 0 && this.#returned >= this.#limit;
    const row = atLimit ? undefined : await this.#rows.next();
    if (!row) {
      this.#exhausted = true;
      return undefined;
    }
    this.#returned += 1;
    this.#summary.add({ key: row.key, version: row.version });
    this.#lastKey = row.key;
    return row;
  }

  /** The key after the last row given out, '' at the end of the range; not a read. */
  async bookmark(): Promise<string> {
    return (await this.#rows.next())?.key ?? '';
  }

  /** @inheritdoc */
  describe(): RangeQuery {
    const finished = this.#summary.finish();
    return {
      startKey: this.#startKey,
      endKey: this.#exhausted ? this.#requestedEnd : this.#lastKey,
      exhausted: this.#exhausted,
      reads: 'reads' in finished ? finished.reads : undefined,
      merkle: finished.merkle,
    };
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}

interface WrittenKeys {
  readonly policies: Map<string, Uint8Array>;
  chaincodePolicy: boolean;
}

/**
 * One simulation of a transaction on a snapshot (Fabric: `txmgr/tx_simulator.go`). It never shows
 * its own writes. Whoever creates it calls `done` in any case.
 */
export class TxSimulator {
  readonly #snapshot: StateSnapshot;
  readonly #rwset = new RwsetBuilder();
  readonly #ranges: SimulatedRange[] = [];
  readonly #written = new Map<string, WrittenKeys>();
  readonly txId: string;
  readonly channelId: string;
  #hasWritten = false;
  #hasPaged = false;
  #isDone = false;

  /** @param options.snapshot becomes the simulator's; `done` releases it */
  constructor(options: { snapshot: StateSnapshot; channelId: string; txId: string }) {
    this.#snapshot = options.snapshot;
    this.channelId = options.channelId;
    this.txId = options.txId;
  }

  /** The ledger under the simulation; reading it leaves no trace in the read set. */
  get snapshot(): StateSnapshot {
    return this.#snapshot;
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
    this.#checkOpen();
    const found = this.#snapshot.get(namespace, key);
    this.#rwset.addRead({ namespace, key }, found?.version);
    return found?.value;
  }

  /** Committed metadata of a key. */
  metadata(namespace: string, key: string): MetadataEntry[] {
    this.#checkOpen();
    const found = this.#snapshot.get(namespace, key);
    this.#rwset.addRead({ namespace, key }, found?.version);
    return found ? decodeMetadata(found.metadata) : [];
  }

  /**
   * Writes a key; an empty value deletes it.
   * @throws SimulationError after a paginated query
   */
  put(address: KeyAddress, value: Uint8Array): void {
    this.#beforeWrite();
    this.#rwset.addWrite(address, value);
    this.#noteWritten(address);
  }

  /** @throws SimulationError after a paginated query */
  delete(address: KeyAddress): void {
    this.put(address, new Uint8Array());
  }

  /**
   * Replaces the metadata of a key.
   * @throws SimulationError after a paginated query
   */
  putMetadata(address: KeyAddress, entries: readonly MetadataEntry[]): void {
    this.#beforeWrite();
    this.#rwset.addMetadataWrite(address, entries);
    this.#noteWritten(address);
  }

  /** A range of a namespace, start included, end not; empty ends are open. */
  range(range: { namespace: string; startKey: string; endKey: string }): SimulatedRange {
    return this.#openRange({ ...range, limit: 0 });
  }

  /**
   * One page of a range.
   * @param range.pageSize rows of a page; 0 = all
   * @throws SimulationError after a write
   */
  page(range: {
    namespace: string;
    startKey: string;
    endKey: string;
    pageSize: number;
  }): SimulatedRange {
    if (this.#hasWritten) {
      throw new SimulationError(
        `txid [${this.txId}]: unsuppored transaction. ` +
          'Paginated queries are supported only in a read-only transaction',
      );
    }
    this.#hasPaged = true;
    return this.#openRange({ ...range, limit: range.pageSize });
  }

  #openRange(range: {
    namespace: string;
    startKey: string;
    endKey: string;
    limit: number;
  }): SimulatedRange {
    this.#checkOpen();
    const opened = new SimulatedRange(this.#snapshot.range(range), range);
    this.#ranges.push(opened);
    this.#rwset.addRange(range.namespace, opened);
    return opened;
  }

  #beforeWrite(): void {
    this.#checkOpen();
    if (this.#hasPaged) {
      throw new SimulationError(
        `txid [${this.txId}]: unsuppored transaction. ` +
          'Transaction has already performed a paginated query. Writes are not allowed',
      );
    }
    this.#hasWritten = true;
  }

  #noteWritten({ namespace, key }: KeyAddress): void {
    let written = this.#written.get(namespace);
    if (!written) {
      written = { policies: new Map(), chaincodePolicy: false };
      this.#written.set(namespace, written);
    }
    const metadata = this.#snapshot.get(namespace, key)?.metadata;
    const entries = metadata ? decodeMetadata(metadata) : [];
    const policy = entries.find(({ name }) => name === VALIDATION_PARAMETER)?.value;
    if (policy) written.policies.set(Buffer.from(policy).toString('base64'), policy);
    else written.chaincodePolicy = true;
  }

  #checkOpen(): void {
    if (this.#isDone) {
      throw new SimulationError('this instance should not be used after calling Done()');
    }
  }

  /** What the transaction read and wrote so far. */
  results(): SimulationResults {
    const sets = this.#rwset.build();
    const writtenNamespaces = sets
      .filter((set) => set.writes.length > 0 || set.metadataWrites.length > 0)
      .map((set) => set.namespace);
    return {
      rwset: encodeRwset(sets),
      namespaces: sets.map((set) => set.namespace),
      keyPolicies: [...this.#written].flatMap(([namespace, { policies }]) =>
        [...policies.values()].map((policy) => ({ namespace, policy })),
      ),
      namespacesUnderChaincodePolicy: writtenNamespaces.filter(
        (namespace) => this.#written.get(namespace)?.chaincodePolicy ?? false,
      ),
    };
  }

  /** Closes the ranges and releases the snapshot; a second call does nothing. */
  async done(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    try {
      await Promise.all(this.#ranges.map((range) => range.close()));
    } finally {
      this.#snapshot.release();
    }
  }
}
