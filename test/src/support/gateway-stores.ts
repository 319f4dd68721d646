/** The stores of a running system's gateways, as its people reach them. */
import { join } from 'node:path';
import { type DocumentStore, HttpStore, type ProcurementApi, SignedApi } from '@procurement/client';
import { STORES_OF_EACH, type StoreRecord } from '@procurement/protocol';
import { signerOf } from '@procurement/tools/demonstration/key-folders';
import { pinnedRoots } from '@procurement/tools/demonstration/roots';

const LOOK_AGAIN_MS = 100;

/** Waits until the gateways have registered their stores. */
export async function storesInRegister(api: ProcurementApi): Promise<readonly StoreRecord[]> {
  for (;;) {
    const { stores } = await api.stores();
    if (stores.length === STORES_OF_EACH) return stores;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/**
 * The registered stores as one of the demonstration's people enters them.
 * @param options.baseUrl gateway whose ledger is asked
 * @param options.person who has a key folder
 */
export async function openStores(options: {
  /** Of the running system. */
  readonly dataFolder: string;
  readonly baseUrl: string;
  readonly person: string;
}): Promise<readonly DocumentStore[]> {
  const { dataFolder, baseUrl, person } = options;
  const roots = pinnedRoots(join(dataFolder, 'network'));
  const signer = await signerOf(dataFolder, person);
  const stores = await storesInRegister(new SignedApi({ baseUrl, roots, signer }));
  return stores.map(
    (record) => new HttpStore(record, new SignedApi({ baseUrl: record.url, roots, signer })),
  );
}
