/** Keys that sign transactions: made and used here, and never sent anywhere. */
import { derOfRaw, fromBase64url, rawOfDer } from '@procurement/protocol';
import type { TransactionCreator } from '@procurement/protocol/fabric';

type Subtle = typeof globalThis.crypto.subtle;

/** A key of WebCrypto, by a name that needs neither a browser's types nor Node's. */
export type CryptoKey = Parameters<Subtle['sign']>[1];

/** The two halves of a key of WebCrypto. */
export interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Who signs, and the only way to their key. */
export interface Signer extends TransactionCreator {
  /**
   * @param message the bytes themselves, not their digest
   * @returns ECDSA P-256 over SHA-256, DER, low `s`
   */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * A new P-256 key.
 * @param options.extractable false in a browser, where the key stays in the browser's own store;
 *   true where it is to be written into an encrypted key file
 */
export function newKeyPair(options: { readonly extractable: boolean }): Promise<KeyPair> {
  return globalThis.crypto.subtle.generateKey(ALGORITHM, options.extractable, ['sign', 'verify']);
}

/**
 * A private key from a key file.
 * @param pkcs8 PKCS #8, DER
 */
export function importPrivateKey(pkcs8: Uint8Array): Promise<CryptoKey> {
  const bytes = new Uint8Array(pkcs8);
  return globalThis.crypto.subtle.importKey('pkcs8', bytes, ALGORITHM, false, ['sign']);
}

/**
 * A public key, to verify with or to have certified.
 * @param spki SubjectPublicKeyInfo, DER
 */
export function importPublicKey(spki: Uint8Array): Promise<CryptoKey> {
  const bytes = new Uint8Array(spki);
  return globalThis.crypto.subtle.importKey('spki', bytes, ALGORITHM, true, ['verify']);
}

/** A signer over a key of WebCrypto, extractable or not. */
export function newSigner(identity: TransactionCreator, privateKey: CryptoKey): Signer {
  const { mspId, certificate } = identity;
  return {
    mspId,
    certificate,
    sign: async (message) => derOfRaw(await signRaw(privateKey, message)),
  };
}

/** `r ‖ s` over SHA-256 of a message, as WebCrypto signs. */
export async function signRaw(privateKey: CryptoKey, message: Uint8Array): Promise<Uint8Array> {
  const bytes = new Uint8Array(message);
  return new Uint8Array(await globalThis.crypto.subtle.sign(SIGNATURE, privateKey, bytes));
}

/** Whether a DER signature with low `s` is of this message and key. */
export async function isSignatureOf(signed: {
  readonly publicKey: CryptoKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}): Promise<boolean> {
  const raw = rawOfDer(signed.signature);
  if (raw === undefined) return false;
  const message = new Uint8Array(signed.message);
  const { subtle } = globalThis.crypto;
  return subtle.verify(SIGNATURE, signed.publicKey, new Uint8Array(raw), message);
}

/**
 * Whether a signature out of a record is of this message and key, both as texts have them.
 * @param signed.publicKey SubjectPublicKeyInfo, DER, base64url
 * @param signed.signature DER, base64url
 */
export async function isSignedWith(signed: {
  readonly publicKey: string;
  readonly message: Uint8Array;
  readonly signature: string;
}): Promise<boolean> {
  try {
    const publicKey = await importPublicKey(fromBase64url(signed.publicKey));
    const signature = fromBase64url(signed.signature);
    return await isSignatureOf({ publicKey, message: signed.message, signature });
  } catch {
    // Text that is no base64url, or bytes that are no key of P-256.
    return false;
  }
}
