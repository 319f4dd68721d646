import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CryptoStoreError, writePrivate, writePublic } from '../certificates/crypto-files';
import { loadKey } from '../certificates/key-pair';
import type { CertifiedKey } from '../certificates/key-pair';
import { readWalletEntry, walletFile, writeWalletEntry } from '../certificates/wallet';

/** Where somebody's certificate and key lie, and how new ones take their place. */
export interface KeyFiles {
  readonly current: CertifiedKey;
  /** Replaces certificate and key, each in one step, the key first. @returns what was written */
  replace(renewed: CertifiedKey): Promise<readonly string[]>;
}

/** The key of an entry of a wallet. @throws CryptoStoreError naming the file at fault */
export async function walletKey(folder: string, name: string): Promise<KeyFiles> {
  const { credentials, mspId } = await readWalletEntry(walletFile(folder, name));
  const { certificate, privateKey } = credentials;
  return {
    current: { certificatePem: certificate, privateKeyPem: privateKey },
    replace: async (renewed) => [
      await writeWalletEntry(folder, { ...renewed, label: name, mspId }),
    ],
  };
}

/**
 * The key of an MSP folder with one certificate in `signcerts` and one key in `keystore`.
 * @throws CryptoStoreError naming the file at fault
 */
export async function mspKey(folder: string): Promise<KeyFiles> {
  const certificateFile = await onlyFile(join(folder, 'signcerts'));
  const keyFile = await onlyFile(join(folder, 'keystore'));
  const { certificatePem, privateKeyPem } = await loadKey({ certificateFile, keyFile });
  return {
    current: { certificatePem, privateKeyPem },
    replace: async (renewed) => {
      await writePrivate({ path: keyFile, text: renewed.privateKeyPem });
      await writePublic({ path: certificateFile, text: renewed.certificatePem });
      return [keyFile, certificateFile];
    },
  };
}

async function onlyFile(folder: string): Promise<string> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new CryptoStoreError(`the crypto folder ${folder} cannot be read`, { cause });
  });
  const [name, ...rest] = names;
  if (name !== undefined && rest.length === 0) return join(folder, name);
  throw new CryptoStoreError(`the crypto folder ${folder} must hold exactly one file`);
}
