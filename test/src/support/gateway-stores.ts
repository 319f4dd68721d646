/** The stores of a running system's gateways, as its people reach them. */
import { type DocumentStore, HttpStore, type ProcurementApi, SignedApi } from '@procurement/client';
import { STORES_OF_EACH, type StoreRecord } from '@procurement/protocol';
import { pinnedRoots, signerOf } from '@procurement/tools/demonstration/people';

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
 * @param options.person name in the network's wallet
 */
export async function openStores(options: {
  readonly networkFolder: string;
  readonly baseUrl: string;
  readonly person: string;
}): Promise<readonly DocumentStore[]> {
  const { networkFolder, baseUrl, person } = options;
  const roots = pinnedRoots(networkFolder);
  const signer = await signerOf(networkFolder, person);
  const stores = await storesInRegister(new SignedApi({ baseUrl, roots, signer }));
  return stores.map(
    (record) => new HttpStore(record, new SignedApi({ baseUrl: record.url, roots, signer })),
  );
}
