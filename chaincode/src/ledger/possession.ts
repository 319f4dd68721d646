/** Proof that whoever is named has a P-256 key. */
import { createPublicKey, verify } from 'node:crypto';
import { fromBase64url, possessionMessage, Reject } from '@procurement/protocol';
import { hashOf } from './digest';

/** A new key and the signature that was made with it. */
export interface Possession {
  readonly channel: string;
  readonly chaincode: string;
  readonly vendorId: string;
  /** SubjectPublicKeyInfo, DER, base64url. */
  readonly publicKey: string;
  /** ECDSA over SHA-256, DER, base64url. */
  readonly possession: string;
}

/** SHA-256 of a key's SubjectPublicKeyInfo, by which the ledger knows it. */
export function spkiOf(publicKey: string): string {
  return hashOf(fromBase64url(publicKey));
}

/**
 * Refuses a key that is none of P-256, or whose holder did not sign with it.
 * @throws {Reject} POSSESSION
 */
export function requirePossession(claim: Possession): void {
  if (!isHeld(claim)) throw new Reject('POSSESSION', { spki: spkiOf(claim.publicKey) });
}

function isHeld(claim: Possession): boolean {
  try {
    const der = Buffer.from(fromBase64url(claim.publicKey));
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    return verify('sha256', possessionMessage(claim), key, fromBase64url(claim.possession));
  } catch {
    // Bytes that are no key or no signature prove nothing.
    return false;
  }
}
