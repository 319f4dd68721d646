import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { CryptoStoreError, readText } from './crypto-files';

/** A certificate and the key it was issued for, both PEM; the key is PKCS#8. */
export interface CertifiedKey {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** A certificate and its key, read from files. */
export interface LoadedKey extends CertifiedKey {
  readonly privateKey: KeyObject;
}

/** A new ECDSA P-256 key. */
export function generateKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

/** PKCS#8 PEM of a private key. */
export function toPem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * Reads a certificate and its key.
 * @throws CryptoStoreError naming the file that is missing, unreadable, no certificate or key, or
 *   the key file that belongs to another certificate
 */
export async function loadKey(files: {
  certificateFile: string;
  keyFile: string;
}): Promise<LoadedKey> {
  const certificatePem = await readText(files.certificateFile);
  const privateKeyPem = await readText(files.keyFile);
  const certificate = parseOr(files.certificateFile, 'holds no certificate', () => {
    return new X509Certificate(certificatePem);
  });
  const privateKey = parseOr(files.keyFile, 'holds no private key', () => {
    return createPrivateKey(privateKeyPem);
  });
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CryptoStoreError(
      `the crypto file ${files.keyFile} does not belong to ${files.certificateFile}`,
    );
  }
  return { certificatePem, privateKeyPem, privateKey };
}

function parseOr<T>(file: string, fault: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CryptoStoreError(`the crypto file ${file} ${fault}`, { cause: error });
  }
}
