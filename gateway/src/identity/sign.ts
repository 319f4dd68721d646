import { createPrivateKey, sign as ecdsaSign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { derOfRaw } from '@procurement/protocol';
import type { Sign } from '../ledger/ledger.port';

/**
 * ECDSA over SHA-256, DER, with `s` in the lower half of the group order: Fabric refuses the other
 * one (bccsp/sw/ecdsa.go:verifyECDSA) and node:crypto makes either.
 * @param key a P-256 private key
 * @param message the bytes to sign
 */
export function signLowS(key: KeyObject, message: Uint8Array): Uint8Array {
  return derOfRaw(ecdsaSign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }));
}

/**
 * A {@link Sign} over a private key in this process.
 * @param privateKey PKCS#8 or SEC 1, PEM
 * @throws TypeError if it is not an ECDSA P-256 key
 */
export function newSign(privateKey: string): Sign {
  const key = createPrivateKey(privateKey);
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new TypeError('the private key is not an ECDSA key on the curve P-256');
  }
  return (message) => Promise.resolve(signLowS(key, message));
}
