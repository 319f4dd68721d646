import { ClassicLevel } from 'classic-level';
import { common } from '@hyperledger/fabric-protos';
import { textOf } from '../../../machine/text-of';
import { headerParts } from '../state/block-hashes';
import { LedgerCorruptError } from '../state/ledger';

const numberBytes = 8;

/** The ordering node's own copy of the chain, from which peers catch up. */
export class BlockStore {
  readonly #database: ClassicLevel<Buffer, Uint8Array>;
  readonly #folder: string;
  #height: number;

  private constructor(parts: {
    database: ClassicLevel<Buffer, Uint8Array>;
    folder: string;
    height: number;
  }) {
    this.#database = parts.database;
    this.#folder = parts.folder;
    this.#height = parts.height;
  }

  /**
   * Opens the store, making it if need be.
   * @throws LedgerCorruptError when the database cannot be read or its first or last block is
   *   damaged
   */
  static async open(folder: string): Promise<BlockStore> {
    const database = new ClassicLevel<Buffer, Uint8Array>(folder, {
      keyEncoding: 'buffer',
      valueEncoding: 'view',
    });
    try {
      await database.open();
      const [last] = await database.keys({ reverse: true, limit: 1 }).all();
      const height = last ? Number(last.readBigUInt64BE()) + 1 : 0;
      const store = new BlockStore({ database, folder, height });
      if (height > 0) store.#checkEnds();
      return store;
    } catch (error) {
      await database.close();
      if (error instanceof LedgerCorruptError) throw error;
      throw new LedgerCorruptError(folder, `its database cannot be opened (${causeOf(error)})`);
    }
  }

  /** Number of blocks. */
  get height(): number {
    return this.#height;
  }

  /** The bytes of a block below the height. */
  read(number: number): Uint8Array {
    const bytes = this.#database.getSync(keyOf(number));
    if (!bytes) throw new LedgerCorruptError(this.#folder, `block ${number} is missing`);
    return bytes;
  }

  /** Writes the next block; it is on the disk when the promise is kept. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#database.put(keyOf(this.#height), bytes, { sync: true });
    this.#height += 1;
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** Everything begins with the first block, and the next one follows the last. */
  #checkEnds(): void {
    this.read(0);
    const number = this.#height - 1;
    if (headerParts(decodeBlock(this.#folder, this.read(number))).number !== number) {
      throw new LedgerCorruptError(this.#folder, `the last block is not block ${number}`);
    }
  }
}

function decodeBlock(folder: string, bytes: Uint8Array): common.Block {
  try {
    return common.Block.deserializeBinary(bytes);
  } catch {
    throw new LedgerCorruptError(folder, 'the last block is unreadable');
  }
}

function causeOf(error: unknown): string {
  return textOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}

function keyOf(number: number): Buffer {
  const key = Buffer.alloc(numberBytes);
  key.writeBigUInt64BE(BigInt(number));
  return key;
}
