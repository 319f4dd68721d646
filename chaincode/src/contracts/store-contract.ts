/** The register of stores outside the ledger. */
import { Transaction } from 'fabric-contract-api';
import { storePossessionMessage } from '@procurement/protocol';
import { requireFreeStore } from '../domain/store';
import { requirePossession } from '../ledger/possession';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { runCommand, runQuery } from './calls';
import { processEnvironment } from './environment';
import { ProcurementContract } from './procurement-contract';

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

  /** Every registered store, with its address and its key. */
  @Transaction(false)
  async list(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'store:list', context, text: input }, async () => ({
      stores: await context.records.stores.list(),
    }));
  }
}
