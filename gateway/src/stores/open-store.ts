import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { StoreSettings } from '../config/store-settings';
import type { Blobs } from './blobs';
import { FolderBlobs } from './folder-blobs';
import { S3Blobs } from './s3-blobs';
import { loadStoreKey } from './store-key';
import type { StoreKey } from './store-key';
import { StoreUsage } from './store-usage';

/** Injection token of the {@link Store}. */
export const STORE = Symbol('Store');

/** What a gateway's store is put together from. */
export interface Store {
  /** The name under which it stands in the ledger's register. */
  readonly storeId: string;
  readonly key: StoreKey;
  readonly blobs: Blobs;
  readonly usage: StoreUsage;
  /** Folder of what is still coming in; it is there. */
  readonly incoming: string;
  /** Where the claim of a new key is written when the register has another. */
  readonly claimFile: string;
}

/**
 * Opens the store of an organisation, and makes its folder and key where they are missing. What an
 * earlier process was still taking in is removed: nobody has a receipt for it.
 * @throws TypeError if its key file holds another kind of key
 */
export async function openStore(settings: StoreSettings, mspId: string): Promise<Store> {
  const { folder, quota } = settings;
  const storeId = `store-${mspId}`;
  const incoming = path.join(folder, 'incoming');
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const key = await loadStoreKey(path.join(folder, 'key.pem'));
  const usage = new StoreUsage(path.join(folder, 'usage'), quota);
  const claimFile = path.join(folder, 'claim.json');
  return { storeId, key, incoming, claimFile, usage, blobs: await openBlobs(settings, storeId) };
}

async function openBlobs({ folder, s3 }: StoreSettings, storeId: string): Promise<Blobs> {
  if (s3 === undefined) return new FolderBlobs(path.join(folder, 'kept'));
  return S3Blobs.open(s3, storeId);
}
