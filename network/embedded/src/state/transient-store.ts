import { transientstore } from '@hyperledger/fabric-protos';
import { sha256 } from '../../../crypto/hashes';
import type { LedgerDatabase, Operation } from './ledger-check';
import { TRANSIENT_RANGE, transientRange } from './ledger-keys';
import { privateRwsetMessage, privateWriteSetsOf, type PrivateWriteSet } from './private-rwset';

/** Private writes of a transaction that is not committed yet. */
export interface TransientEntry {
  readonly txId: string;
  /** Number of blocks of the endorsing peer's ledger when it endorsed. */
  readonly endorsedAt: number;
  readonly sets: readonly PrivateWriteSet[];
}

function decode(bytes: Buffer): transientstore.TxPvtReadWriteSetWithConfigInfo {
  return transientstore.TxPvtReadWriteSetWithConfigInfo.deserializeBinary(bytes);
}

/**
 * Keeps private writes between endorsement and commit, on disk, since the order of a block may come
 * after a restart (Fabric: `core/transientstore`).
 */
export class TransientStore {
  readonly #database: LedgerDatabase;

  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  /** Adds what one endorsement wrote; on disk when it resolves. The same entry again is no other. */
  async persist({ txId, endorsedAt, sets }: TransientEntry): Promise<void> {
    const message = new transientstore.TxPvtReadWriteSetWithConfigInfo();
    message.setEndorsedAt(endorsedAt);
    message.setPvtRwset(privateRwsetMessage(sets));
    const value = Buffer.from(message.serializeBinary());
    const key = Buffer.concat([transientRange(txId).gte, sha256(value)]);
    await this.#database.put(key, value, { sync: true });
  }

  /** All private write sets known for a transaction; endorsements may have differed. */
  async setsOf(txId: string): Promise<PrivateWriteSet[]> {
    const values = await this.#database.values(transientRange(txId)).all();
    return values.flatMap((bytes) => {
      const rwset = decode(bytes).getPvtRwset();
      return rwset ? privateWriteSetsOf(rwset) : [];
    });
  }

  /** Forgets these transactions. */
  async forget(txIds: readonly string[]): Promise<Operation[]> {
    const keys = await Promise.all(
      txIds.map((txId) => this.#database.keys(transientRange(txId)).all()),
    );
    return keys.flat().map((key) => ({ type: 'del', key }));
  }

  /** Forgets what was endorsed below a height and never ordered. */
  async forgetBelow(height: number): Promise<Operation[]> {
    const operations: Operation[] = [];
    for await (const [key, value] of this.#database.iterator(TRANSIENT_RANGE)) {
      if (decode(value).getEndorsedAt() < height) operations.push({ type: 'del', key });
    }
    return operations;
  }
}
