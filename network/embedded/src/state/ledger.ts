import { mkdir } from 'node:fs/promises';
import { ClassicLevel } from 'classic-level';
import { common } from '@hyperledger/fabric-protos';
import {
  FORMAT,
  FORMAT_KEY,
  HEIGHT_KEY,
  blockKey,
  hashKey,
  historyKey,
  stateKey,
  transactionKey,
  uint64,
} from './ledger-keys';
import {
  LedgerCorruptError,
  decodePlace,
  encodePlace,
  encodeTip,
  inspectLedger,
  type LedgerDatabase,
  type LedgerTip,
  type Operation,
} from './ledger-check';
import { LIFECYCLE } from './lifecycle-keys';
import { PrivateStore } from './private-store';
import { StateSnapshot, DatabaseState } from './snapshot';
import { encodeValue } from './state-codec';
import { TransientStore } from './transient-store';
import { splitHashedNamespace, type VersionedValue } from './versioned-value';

export { LedgerCorruptError } from './ledger-check';

/** Another process (or this one) has the ledger of this folder open. */
export class LedgerLockedError extends Error {
  override readonly name = 'LedgerLockedError';
}

/** One change of the state; no entry = the key is deleted. */
export interface StateUpdate {
  readonly namespace: string;
  readonly key: string;
  readonly entry: VersionedValue | undefined;
}

/** A block with all its effects, written at once or not at all. */
export interface CommitBatch {
  /** The block with this peer's metadata (transactions filter, commit hash). */
  readonly block: common.Block;
  /** Serialized `block`. */
  readonly bytes: Buffer;
  readonly number: number;
  readonly headerHash: Buffer;
  /** SHA-256 chain over filters and updates; empty at block 0. */
  readonly commitHash: Uint8Array;
  /** Transaction ids by position, '' for a transaction that has none. */
  readonly txIds: readonly string[];
  /** Validation codes by position (`peer.TxValidationCode`). */
  readonly codes: readonly number[];
  readonly updates: readonly StateUpdate[];
  /** Public keys that valid transactions wrote, with the position of the writer. */
  readonly history: readonly { namespace: string; key: string; index: number }[];
  /** What the block changes in the stores of private data. */
  readonly privateOperations?: readonly Operation[];
}

/** What listeners hear about a block after it is on disk. */
export interface CommittedBlock {
  readonly number: number;
  /** Shared and read-only. */
  readonly block: common.Block;
  readonly bytes: Buffer;
  /** Validation codes by position (`peer.TxValidationCode`). */
  readonly codes: readonly number[];
  /** Transaction ids by position, '' where there is none. */
  readonly txIds: readonly string[];
}

/** A transaction as it stands on the ledger. */
export interface CommittedTransaction {
  readonly envelope: common.Envelope;
  /** `peer.TxValidationCode`. */
  readonly validationCode: number;
  readonly blockNumber: number;
  readonly index: number;
}

const EMPTY = Buffer.alloc(0);

function isOfLifecycle({ namespace }: StateUpdate): boolean {
  return (splitHashedNamespace(namespace)?.namespace ?? namespace) === LIFECYCLE;
}

function stateOperation({ namespace, key, entry }: StateUpdate): Operation {
  const at = stateKey(namespace, key);
  return entry ? { type: 'put', key: at, value: encodeValue(entry) } : { type: 'del', key: at };
}

/** What LevelDB itself said; its errors come wrapped and, being native, of no known class. */
function reasonOf(error: unknown): { code: string; text: string } {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message } = Object(cause) as { code?: unknown; message?: unknown };
  return { code: String(code), text: String(message) };
}

async function openDatabase(folder: string): Promise<LedgerDatabase> {
  await mkdir(folder, { recursive: true });
  const database: LedgerDatabase = new ClassicLevel<Buffer, Buffer>(folder, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
  });
  try {
    await database.open();
  } catch (error) {
    const { code, text } = reasonOf(error);
    if (code === 'LEVEL_LOCKED') {
      throw new LedgerLockedError(`The ledger in ${folder} is already open.`);
    }
    throw new LedgerCorruptError(folder, `its database cannot be opened (${text})`);
  }
  return database;
}

/**
 * The ledger of one peer: blocks, indexes, state and history in one LevelDB database. A block and
 * everything that follows from it is one synchronous batch, so after a crash the ledger stands at
 * some whole block.
 */
export class Ledger {
  readonly #database: LedgerDatabase;
  readonly #listeners = new Set<(committed: CommittedBlock) => void>();
  #tip: LedgerTip;
  #lifecycleChanges = 0;
  /** Committed state at the current height; reads of it are not isolated from commits. */
  readonly state: DatabaseState;
  /** Private write sets between endorsement and commit. */
  readonly transient: TransientStore;
  /** Private write sets of committed transactions. */
  readonly privateStore: PrivateStore;

  private constructor(database: LedgerDatabase, tip: LedgerTip) {
    this.#database = database;
    this.#tip = tip;
    this.state = new DatabaseState(database);
    this.transient = new TransientStore(database);
    this.privateStore = new PrivateStore(database);
  }

  /**
   * Opens the ledger in a folder, a new one if the folder is empty, and checks the whole chain of
   * blocks.
   * @throws LedgerCorruptError when a block is missing, unreadable or not the one its successor
   *   names, or the height record is missing
   * @throws LedgerLockedError when another process has it open
   */
  static async open(folder: string): Promise<Ledger> {
    const database = await openDatabase(folder);
    try {
      return new Ledger(database, await inspectLedger(database, folder));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Number of blocks, and so the number of the next one. */
  get height(): number {
    return this.#tip.height;
  }

  /** Header hash of the newest block; empty before block 0. */
  get lastBlockHash(): Buffer {
    return this.#tip.lastBlockHash;
  }

  /** Commit hash of the newest block (metadata slot 4); empty up to block 0. */
  get commitHash(): Buffer {
    return this.#tip.commitHash;
  }

  /** Counts the blocks since the opening that changed anything of the lifecycle's namespace. */
  get lifecycleChanges(): number {
    return this.#lifecycleChanges;
  }

  /** A serialized block with this peer's metadata, or undefined when there is none yet. */
  blockBytes(number: number): Buffer | undefined {
    if (number < 0 || number >= this.height) return undefined;
    return this.#database.getSync(blockKey(number));
  }

  /** Number of the block with this header hash. */
  blockNumberByHash(hash: Uint8Array): number | undefined {
    const bytes = this.#database.getSync(hashKey(hash));
    return bytes && Number(bytes.readBigUInt64BE());
  }

  /** Number of the block where a transaction id occurred first. */
  blockNumberByTxId(transactionId: string): number | undefined {
    return this.#place(transactionId)?.blockNumber;
  }

  /** Place and validation code of the first transaction with this id, without reading its block. */
  place(
    transactionId: string,
  ): { blockNumber: number; index: number; validationCode: number } | undefined {
    return this.#place(transactionId);
  }

  #place(transactionId: string): ReturnType<typeof decodePlace> | undefined {
    const bytes = this.#database.getSync(transactionKey(transactionId));
    return bytes && decodePlace(bytes);
  }

  /** The first transaction with this id, valid or not. */
  transaction(transactionId: string): CommittedTransaction | undefined {
    const place = this.#place(transactionId);
    const bytes = place && this.blockBytes(place.blockNumber);
    if (!bytes) return undefined;
    const envelopes = common.Block.deserializeBinary(bytes).getData()?.getDataList_asU8();
    const envelope = common.Envelope.deserializeBinary(envelopes?.[place.index] ?? EMPTY);
    return { ...place, envelope };
  }

  /** Whether a transaction with this id is on the ledger, valid or not. */
  hasTransaction(transactionId: string): boolean {
    return this.#database.getSync(transactionKey(transactionId)) !== undefined;
  }

  /** The state at the current height, unaffected by later blocks. Release it in any case. */
  snapshot(): StateSnapshot {
    return new StateSnapshot(this.#database, this.height);
  }

  /**
   * Writes the next block with its effects, then tells the listeners.
   * @throws RangeError when it is not the next block
   */
  async commit(batch: CommitBatch): Promise<void> {
    if (batch.number !== this.height) {
      throw new RangeError(
        `block ${String(batch.number)} cannot follow ${String(this.height - 1)} on the ledger`,
      );
    }
    const tip: LedgerTip = {
      height: batch.number + 1,
      lastBlockHash: batch.headerHash,
      commitHash: Buffer.from(batch.commitHash),
    };
    await this.#write(this.#operations(batch, tip));
    this.#tip = tip;
    this.privateStore.note(batch.privateOperations ?? []);
    if (batch.updates.some(isOfLifecycle)) this.#lifecycleChanges += 1;
    this.#tell(batch);
  }

  /** Writes private data that come later than their block. */
  async amend(late: {
    readonly updates: readonly StateUpdate[];
    readonly operations: readonly Operation[];
  }): Promise<void> {
    await this.#write([...late.updates.map(stateOperation), ...late.operations]);
    this.privateStore.note(late.operations);
  }

  /** All or nothing, and on disk when it resolves. */
  async #write(operations: readonly Operation[]): Promise<void> {
    // A chained batch costs a third of an array batch for each operation.
    const batch = this.#database.batch();
    for (const operation of operations) {
      if (operation.type === 'put') batch.put(operation.key, operation.value);
      else batch.del(operation.key);
    }
    await batch.write({ sync: true });
  }

  #operations(batch: CommitBatch, tip: LedgerTip): Operation[] {
    const put = (key: Buffer, value: Buffer): Operation => ({ type: 'put', key, value });
    const operations = [
      put(blockKey(batch.number), batch.bytes),
      put(hashKey(batch.headerHash), uint64(batch.number)),
      put(HEIGHT_KEY, encodeTip(tip)),
    ];
    if (batch.number === 0) operations.push(put(FORMAT_KEY, Buffer.of(FORMAT)));
    operations.push(...this.#newTransactions(batch));
    operations.push(...batch.updates.map(stateOperation));
    for (const { namespace, key, index } of batch.history) {
      const place = { blockNumber: batch.number, index };
      operations.push(put(historyKey({ namespace, key }, place), EMPTY));
    }
    operations.push(...(batch.privateOperations ?? []));
    return operations;
  }

  /** Index entries; a transaction id that occurred before keeps its first place. */
  #newTransactions({ number, txIds, codes }: CommitBatch): Operation[] {
    const seen = new Set<string>();
    const operations: Operation[] = [];
    txIds.forEach((txId, index) => {
      const validationCode = codes[index] ?? 0;
      // One that is valid was not on the ledger, or it would have been refused as a duplicate.
      const isNew = validationCode === 0 || !this.hasTransaction(txId);
      if (txId === '' || seen.has(txId) || !isNew) return;
      seen.add(txId);
      const value = encodePlace({ blockNumber: number, index, validationCode });
      operations.push({ type: 'put', key: transactionKey(txId), value });
    });
    return operations;
  }

  #tell({ number, block, bytes, codes, txIds }: CommitBatch): void {
    for (const listener of [...this.#listeners]) listener({ number, block, bytes, codes, txIds });
  }

  /**
   * Calls `listener` after every block that is committed from now on, in order, before `commit`
   * resolves. It must not throw.
   * @returns ends the subscription
   */
  onCommit(listener: (committed: CommittedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Closes the database; the ledger cannot be used afterwards. */
  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#database.close();
  }
}
