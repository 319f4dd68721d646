import { ClassicLevel } from 'classic-level';
import { LedgerCorruptError } from '../state/ledger';
import { common } from '@hyperledger/fabric-protos';

const numberBytes = 8;

/** The ordering node's own copy of the chain, from which peers catch up. */
export class BlockStore {
  readonly #database: ClassicLevel<Buffer, Uint8Array>;
  #height: number;

  private constructor(database: ClassicLevel<Buffer, Uint8Array>, height: number) {
    this.#database = database;
    this.#height = height;
  }

  /**
   * Opens the store, making it if need be.
   * @throws LedgerCorruptError when the database cannot be read or its last block is damaged
   */
  static async open(folder: string): Promise<BlockStore> {
    const database = new ClassicLevel<Buffer, Uint8Array>(folder, {
      keyEncoding: 'buffer',
      valueEncoding: 'view',
    });
    try {
      await database.open();
      const [last] = await database.keys({ reverse: true, limit: 1 }).all();
      const store = new BlockStore(database, last ? Number(last.readBigUInt64BE()) + 1 : 0);
      if (last) store.#checkLast();
      return store;
    } catch (error) {
      await database.close();
      throw new LedgerCorruptError(`the ordering service's blocks in ${folder} are unreadable`, {
        cause: error,
      });
    }
  }

  /** Number of blocks. */
  get height(): number {
    return this.#height;
  }

  /** The bytes of a block below the height. */
  read(number: number): Uint8Array {
    const bytes = this.#database.getSync(keyOf(number));
    if (!bytes) throw new LedgerCorruptError(`the ordering service has lost block ${number}`);
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

  #checkLast(): void {
    const number = this.#height - 1;
    const block = common.Block.deserializeBinary(this.read(number));
    if (block.getHeader()?.getNumber() !== number) {
      throw new LedgerCorruptError(`the last block is not block ${number}`);
    }
  }
}

function keyOf(number: number): Buffer {
  const key = Buffer.alloc(numberBytes);
  key.writeBigUInt64BE(BigInt(number));
  return key;
}
