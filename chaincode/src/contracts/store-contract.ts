/** The register of stores outside the ledger. */
import { Transaction } from 'fabric-contract-api';
import { storePossessionMessage } from '@procurement/protocol';
import { requireFreeStore, requireStoreWithout } from '../domain/store';
import { requirePossession, spkiOf } from '../ledger/possession';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { approve } from './approvals';
import { runCommand, runQuery } from './calls';
import { processEnvironment } from './environment';
import { ProcurementContract } from './procurement-contract';
import { storesOf } from './receipts';

/** Transactions `store:…`. */
export class StoreContract extends ProcurementContract {
  constructor(environment: Environment = processEnvironment) {
    super('store', environment);
  }

  /**
   * Registers the store of the caller's organisation and the key that signs its receipts, or the
   * new address of that store.
   * Requirements: the organisation has no other store, no other one has this id or this key, and
   * the caller has proved to hold the key.
   * @throws {Reject} EXISTS or POSSESSION
   */
  @Transaction()
  async register(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'store:register', context, text: input }, async (command) => {
      const { stores } = context.records;
      const { storeId, publicKey, url, possession } = command;
      const { mspId } = context.fact.by;
      const record = { schema: 'store/1', storeId, mspId, publicKey, url } as const;
      await stores.find(mspId);
      requireFreeStore(await stores.list(), record);
      const message = storePossessionMessage({ ...context.ledgerName, storeId, publicKey });
      requirePossession({ message, publicKey, possession });
      await stores.put(record, mspId);
      context.emit({ name: 'StoreRegistered', payload: { storeId } });
      return { storeId, mspId };
    });
  }

  /**
   * Gives a store another key in the place of one that is lost, once officers or auditors of two
   * organisations have named the same one. What the lost key has signed holds for bids that were
   * handed in before, and for none after.
   * Requirements: the store is registered, no store has the new key, and its holder has signed.
   * @throws {Reject} NOT_FOUND, EXISTS or POSSESSION
   */
  @Transaction()
  async replaceKey(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'store:replaceKey', context, text: input }, async (command) => {
      const { storeId, publicKey, possession } = command;
      const store = requireStoreWithout(await storesOf(context), { storeId, publicKey });
      const message = storePossessionMessage({ ...context.ledgerName, storeId, publicKey });
      requirePossession({ message, publicKey, possession });
      // With the key that ends, so that no word is left over for another time.
      const content = { storeId, publicKey, ends: store.publicKey };
      const replaced = await approve(context, { act: 'store:replaceKey', content });
      if (replaced) await context.records.stores.put({ ...store, publicKey }, store.mspId);
      const name = replaced ? 'StoreKeyReplaced' : 'StoreKeyReplacementAsked';
      context.emit({ name, payload: { storeId, spki: spkiOf(publicKey) } });
      return { storeId, replaced };
    });
  }

  /** Every registered store, with its address and its key. */
  @Transaction(false)
  async list(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'store:list', context, text: input }, async () => ({
      stores: await context.records.stores.list(),
    }));
  }
}
