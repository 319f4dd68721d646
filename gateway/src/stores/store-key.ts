import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { errorCode } from '../error-code';
import { newSign } from '../identity/sign';
import type { Sign } from '../ledger/ledger.port';

const OWNER_ONLY = 0o600;

/** The key that signs a store's receipts. */
export interface StoreKey {
  /** SubjectPublicKeyInfo, DER, base64url. */
  readonly publicKey: string;
  readonly sign: Sign;
}

/**
 * A store's own key, made at the first start and readable by its owner alone. It signs receipts and
 * its registration, nothing else.
 * @param file PKCS #8, PEM
 * @throws TypeError if the file holds another kind of key
 */
export async function loadStoreKey(file: string): Promise<StoreKey> {
  const pem = await readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
    return makeKey(file);
  });
  const sign = newSign(pem);
  const der = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'der' });
  return { publicKey: der.toString('base64url'), sign };
}

async function makeKey(file: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await writeFile(file, pem, { flag: 'wx', mode: OWNER_ONLY, flush: true });
  return pem;
}
