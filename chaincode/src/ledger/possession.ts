/** Proof that whoever is named has a P-256 key. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { fromBase64url, rawOfDer, Reject } from '@procurement/protocol';
import { hashOf } from './digest';

/** A new key, what was signed to show that it is held, and the signature made with it. */
export interface Possession {
  readonly message: Uint8Array;
  /** SubjectPublicKeyInfo, DER, base64url. */
  readonly publicKey: string;
  /** ECDSA over SHA-256, DER with low s, base64url. */
  readonly possession: string;
}

/** SHA-256 of a key's SubjectPublicKeyInfo, by which the ledger knows it. */
export function spkiOf(publicKey: string): string {
  return hashOf(fromBase64url(publicKey));
}

/**
 * Refuses a key that is none of P-256, or whose holder did not sign with it in the form that
 * whoever verifies the ledger takes.
 * @throws {Reject} POSSESSION
 */
export function requirePossession(claim: Possession): void {
  const { message, publicKey, possession } = claim;
  if (!isSignedBy({ message, publicKey, signature: possession }))
    throw new Reject('POSSESSION', { spki: spkiOf(publicKey) });
}

/**
 * Whether a signature over a message is of a key: ECDSA P-256 over SHA-256 in its one form, DER
 * with low s. What cannot be read is no signature.
 */
export function isSignedBy(signed: {
  readonly publicKey: string;
  readonly message: Uint8Array;
  readonly signature: string;
}): boolean {
  try {
    const signature = fromBase64url(signed.signature);
    if (rawOfDer(signature) === undefined) return false;
    return verify('sha256', signed.message, p256KeyOf(signed.publicKey), signature);
  } catch {
    return false;
  }
}

/** @throws {Error} where the bytes are no key of P-256 */
function p256KeyOf(publicKey: string): KeyObject {
  const der = Buffer.from(fromBase64url(publicKey));
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('no key of P-256');
  return key;
}
