import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { common } from '@hyperledger/fabric-protos';
import { textOf } from '../../../machine/text-of';

/** A folder that holds no recorded ledger; the message says what is missing. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** A transaction as the peers recorded it. */
export interface RecordedTransaction {
  readonly txid: string;
  /** common.HeaderType. */
  readonly headerType: number;
  /** peer.TxValidationCode. */
  readonly code: number;
  readonly label: string;
}

/** What was recorded about a block; hashes in hex. */
export interface RecordedBlock {
  readonly number: number;
  readonly headerHash: string;
  readonly previousHash: string;
  readonly dataHash: string;
  readonly commitHash: string | null;
  readonly transactions: readonly RecordedTransaction[];
}

/** An entry of a recorded state; key, value and metadata in hex. */
export interface RecordedEntry {
  readonly key: string;
  readonly value: string;
  /** Block and position of the transaction. */
  readonly version: readonly [number, number];
  readonly metadata?: string;
}

/** Entries by namespace of the state. */
export type RecordedState = Readonly<Record<string, readonly RecordedEntry[]>>;

/** A change of a key, as `getHistoryForKey` gave it. */
export interface RecordedChange {
  readonly txId: string;
  readonly isDelete: boolean;
  readonly value: string;
  readonly timestamp: { readonly seconds: string; readonly nanos: number };
}

/** Private writes that an organization's peer still held; values in hex. */
export interface RecordedPrivateData {
  readonly block: number;
  readonly tx: number;
  readonly ns: readonly {
    readonly ns: string;
    readonly collections: readonly {
      readonly name: string;
      readonly writes: readonly {
        readonly key: string;
        readonly isDelete: boolean;
        readonly value: string;
      }[];
    }[];
  }[];
}

/**
 * A ledger that was recorded from real peers: `blocks/NNNNNN.block.gz` and `expected-blocks.json`,
 * and, where they are there, `expected-state.json`, `expected-private.json`, `private-deliver.json`
 * and `history.json`.
 */
export class RecordedLedger {
  readonly folder: string;

  /** @throws RecordingError when the folder holds no blocks or no record of them */
  constructor(folder: string) {
    this.folder = folder;
    for (const needed of ['blocks', 'expected-blocks.json']) {
      if (!existsSync(join(folder, needed))) {
        throw new RecordingError(
          `${folder} is no recorded ledger: it has no ${needed}. Name a folder with blocks/ and ` +
            'expected-blocks.json.',
        );
      }
    }
  }

  /** The blocks in order, as a peer stored them. @throws RecordingError when one is unreadable */
  blocks(): common.Block[] {
    const folder = join(this.folder, 'blocks');
    return readdirSync(folder)
      .filter((file) => statSync(join(folder, file)).isFile())
      .sort()
      .map((file) => readBlock(join(folder, file)));
  }

  expectedBlocks(): readonly RecordedBlock[] {
    return (this.#json('expected-blocks.json') as { blocks: RecordedBlock[] }).blocks;
  }

  /** Public and hashed state at the end. */
  expectedState(): RecordedState | undefined {
    const state = this.#json('expected-state.json') as
      Record<'public' | 'hashed', RecordedState> | undefined;
    return state && { ...state.public, ...state.hashed };
  }

  /** Plain private state at the end, by MSP id of the peer's organization. */
  expectedPrivate(): Readonly<Record<string, RecordedState>> | undefined {
    return this.#json('expected-private.json') as Record<string, RecordedState> | undefined;
  }

  /** Private writes by MSP id of the organization whose peer held them. */
  privateData(): Readonly<Record<string, readonly RecordedPrivateData[]>> {
    const found = this.#json('private-deliver.json') as
      { orgs: Record<string, RecordedPrivateData[]> } | undefined;
    return found?.orgs ?? {};
  }

  /** Histories by namespace and key, newest change first. */
  histories(): Readonly<Record<string, Readonly<Record<string, readonly RecordedChange[]>>>> {
    const found = this.#json('history.json') as
      { keys: Record<string, Record<string, RecordedChange[]>> } | undefined;
    return found?.keys ?? {};
  }

  #json(file: string): unknown {
    const path = join(this.folder, file);
    if (!existsSync(path)) return undefined;
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
      throw new RecordingError(`${path} cannot be read: ${textOf(error)}.`);
    }
  }
}

function readBlock(path: string): common.Block {
  try {
    const bytes = readFileSync(path);
    return common.Block.deserializeBinary(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  } catch (error) {
    throw new RecordingError(`${path} cannot be read: ${textOf(error)}.`);
  }
}
