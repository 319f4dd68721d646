/** The proof that whoever asks for a vendor's new key, or a store's, has it. */
import {
  derOfRaw,
  fromBase64url,
  possessionMessage,
  storePossessionMessage,
  toBase64url,
} from '@procurement/protocol';
import { sha256Of } from '@procurement/protocol/fabric';
import { type CryptoKey, isSignedWith, signRaw } from '../signing/signer';

/** Whose key it is to be, and on which ledger. */
export interface KeyClaim {
  readonly channel: string;
  readonly chaincode: string;
  readonly vendorId: string;
  /** SubjectPublicKeyInfo, DER, base64url. */
  readonly publicKey: string;
}

/**
 * The hash by which the register knows a key.
 * @param publicKey SubjectPublicKeyInfo, DER, base64url
 */
export async function spkiOf(publicKey: string): Promise<string> {
  return toBase64url(await sha256Of(fromBase64url(publicKey)));
}

/** Signs a claim with the new key. @returns DER, base64url */
export async function provePossession(claim: KeyClaim, privateKey: CryptoKey): Promise<string> {
  return toBase64url(derOfRaw(await signRaw(privateKey, possessionMessage(claim))));
}

/** Whether a claim is signed with the key that it names. */
export function isPossessed(claim: KeyClaim & { readonly possession: string }): Promise<boolean> {
  const { publicKey, possession } = claim;
  return isSignedWith({ publicKey, message: possessionMessage(claim), signature: possession });
}

/** Whether the key of a store that is named has signed for itself. */
export function isStorePossessed(
  claim: Parameters<typeof storePossessionMessage>[0] & { readonly possession: string },
): Promise<boolean> {
  const { publicKey, possession } = claim;
  const message = storePossessionMessage(claim);
  return isSignedWith({ publicKey, message, signature: possession });
}
