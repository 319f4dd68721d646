/** Stores of the register, as commands reach them. */
import type { StoreRecord } from '@procurement/protocol';
import { check } from '../check';
import type { DocumentStore } from '../document-store';
import { HttpStore } from '../http-store';
import { SignedApi } from '../signed-api';
import type { Call } from './call';
import { UsageError } from './usage-error';

const KIB = 1024;

/**
 * Stores by their names, entered with the folder's own key.
 * @throws {CheckFailed} where the register has no such store
 * @throws {UsageError} for a service account
 */
export async function openStores(
  call: Call,
  names: readonly string[],
): Promise<readonly DocumentStore[]> {
  if (names.length === 0) return [];
  const { stores } = await (await call.api()).stores();
  return Promise.all(
    names.map(async (name) => {
      const record = stores.find(({ storeId }) => storeId === name);
      check(record !== undefined, `the register has no store ${name}`);
      return openStore(call, record);
    }),
  );
}

async function openStore(call: Call, record: StoreRecord): Promise<DocumentStore> {
  const api = await call.api(record.url);
  if (!(api instanceof SignedApi)) {
    throw new UsageError('stores let in who signs with a key of their own; leave --token-file out');
  }
  const { storeId } = record;
  const store = new HttpStore(record, api);
  const told = (what: string, length: number): void => {
    call.progress(`${what} ${storeId}: ${Math.ceil(length / KIB)} KiB`);
  };
  return {
    storeId,
    put: async (bytes, about) => {
      told('Handing to', about.ctLen);
      return store.put(bytes, about);
    },
    get: async (stored) => {
      told('Fetching from', stored.ctLen);
      return store.get(stored);
    },
  };
}
