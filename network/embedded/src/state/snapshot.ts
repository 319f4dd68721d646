import type { Iterator } from 'classic-level';
import type { LedgerDatabase } from './ledger-check';
import { blockKey, historyRange, keyOfStateKey, placeOfHistoryKey } from './ledger-keys';
import { STATE_RANGE, addressOfStateKey } from './ledger-keys';
import { stateEnd, stateKey, type TransactionPlace } from './ledger-keys';
import { decodeValue } from './state-codec';
import type {
  KeyRange,
  RowIterator,
  StateReader,
  StateRow,
  VersionedValue,
} from './versioned-value';

type DatabaseSnapshot = ReturnType<LedgerDatabase['snapshot']>;
interface Isolation {
  snapshot?: DatabaseSnapshot;
}

type DatabaseIterator = Iterator<LedgerDatabase, Buffer, Buffer>;

const ROWS_PER_READ = 128;

interface Bounds {
  gte: Buffer;
  lt?: Buffer;
  lte?: Buffer;
}

function bounds({ namespace, startKey, endKey, includeEnd }: KeyRange): Bounds {
  const gte = stateKey(namespace, startKey);
  if (endKey === '') return { gte, lt: stateEnd(namespace) };
  const end = stateKey(namespace, endKey);
  return includeEnd === true ? { gte, lte: end } : { gte, lt: end };
}

class DatabaseRows implements RowIterator {
  readonly #iterator: DatabaseIterator;
  readonly #namespace: string;
  #rows: [Buffer, Buffer][] = [];
  #at = 0;

  constructor(iterator: DatabaseIterator, namespace: string) {
    this.#iterator = iterator;
    this.#namespace = namespace;
  }

  async next(): Promise<StateRow | undefined> {
    if (this.#at === this.#rows.length) {
      this.#rows = await this.#iterator.nextv(ROWS_PER_READ);
      this.#at = 0;
    }
    const row = this.#rows[this.#at];
    if (!row) return undefined;
    this.#at += 1;
    return { key: keyOfStateKey(this.#namespace, row[0]), ...decodeValue(row[1]) };
  }

  close(): Promise<void> {
    return this.#iterator.close();
  }
}

/** A value with its place in the state. */
export interface StateEntry extends StateRow {
  readonly namespace: string;
}

/** The state in a database, at the newest block or in a snapshot. */
export class DatabaseState implements StateReader {
  readonly #database: LedgerDatabase;
  readonly #isolation: Isolation;

  constructor(database: LedgerDatabase, isolation: Isolation = {}) {
    this.#database = database;
    this.#isolation = isolation;
  }

  get(namespace: string, key: string): VersionedValue | undefined {
    const bytes = this.#database.getSync(stateKey(namespace, key), this.#isolation);
    return bytes && decodeValue(bytes);
  }

  range(range: KeyRange): RowIterator {
    const iterator = this.#database.iterator({ ...bounds(range), ...this.#isolation });
    return new DatabaseRows(iterator, range.namespace);
  }

  /** Everything, by namespace and key. */
  async *entries(): AsyncGenerator<StateEntry, undefined> {
    for await (const [at, bytes] of this.#database.iterator({ ...STATE_RANGE })) {
      const { namespace, key } = addressOfStateKey(at);
      yield { namespace, key, ...decodeValue(bytes) };
    }
    return undefined;
  }
}

/** The ledger as it was when the snapshot was taken. It holds resources until released. */
export class StateSnapshot implements StateReader {
  readonly #database: LedgerDatabase;
  readonly #snapshot: DatabaseSnapshot;
  readonly #state: DatabaseState;
  #released = false;
  /** Number of blocks it shows. */
  readonly height: number;

  constructor(database: LedgerDatabase, height: number) {
    this.#database = database;
    this.#snapshot = database.snapshot();
    this.#state = new DatabaseState(database, { snapshot: this.#snapshot });
    this.height = height;
  }

  get(namespace: string, key: string): VersionedValue | undefined {
    return this.#state.get(namespace, key);
  }

  range(range: KeyRange): RowIterator {
    return this.#state.range(range);
  }

  /** Where a public key was written by valid transactions, newest first. */
  async writersOf(namespace: string, key: string): Promise<TransactionPlace[]> {
    const range = { ...historyRange(namespace, key), reverse: true, snapshot: this.#snapshot };
    return (await this.#database.keys(range).all()).map(placeOfHistoryKey);
  }

  /** A serialized block of the snapshot. */
  blockBytes(number: number): Buffer | undefined {
    return this.#database.getSync(blockKey(number), { snapshot: this.#snapshot });
  }

  /** Gives the resources back; a second call does nothing. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    void this.#snapshot.close();
  }
}
