import { join } from 'node:path';
import { CryptoStoreError, readText, writePrivate } from './crypto-files';
import type { CertifiedKey } from './key-pair';

/** A file of the file system wallet of Fabric's Node clients. */
export interface WalletEntry {
  readonly credentials: { readonly certificate: string; readonly privateKey: string };
  readonly mspId: string;
  readonly type: 'X.509';
  readonly version: 1;
}

/** Path of a user's wallet file. */
export function walletFile(folder: string, label: string): string {
  return join(folder, `${label}.id`);
}

/** Writes a user's wallet file, readable by its owner only. @returns its path */
export async function writeWalletEntry(
  folder: string,
  entry: CertifiedKey & { label: string; mspId: string },
): Promise<string> {
  const content: WalletEntry = {
    credentials: { certificate: entry.certificatePem, privateKey: entry.privateKeyPem },
    mspId: entry.mspId,
    type: 'X.509',
    version: 1,
  };
  const path = walletFile(folder, entry.label);
  await writePrivate({ path, text: `${JSON.stringify(content)}\n` });
  return path;
}

/** Reads a wallet file. @throws CryptoStoreError when it is missing or no wallet entry */
export async function readWalletEntry(path: string): Promise<WalletEntry> {
  const text = await readText(path);
  try {
    const content: unknown = JSON.parse(text);
    if (isWalletEntry(content)) return content;
  } catch (error) {
    throw new CryptoStoreError(`the wallet file ${path} is no JSON`, { cause: error });
  }
  throw new CryptoStoreError(`the wallet file ${path} is no X.509 wallet entry of version 1`);
}

function isWalletEntry(value: unknown): value is WalletEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { credentials, mspId, type, version } = value as Partial<Record<string, unknown>>;
  if (typeof credentials !== 'object' || credentials === null) return false;
  const { certificate, privateKey } = credentials as Partial<Record<string, unknown>>;
  const texts = [certificate, privateKey, mspId];
  return texts.every((one) => typeof one === 'string') && type === 'X.509' && version === 1;
}
