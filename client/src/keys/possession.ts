/** The proof that whoever asks for a vendor's new key has it. */
import { derOfRaw, possessionMessage, toBase64url } from '@procurement/protocol';
import { type CryptoKey, isSignedWith, signRaw } from '../signing/signer';

/** Whose key it is to be, and on which ledger. */
export interface KeyClaim {
  readonly channel: string;
  readonly chaincode: string;
  readonly vendorId: string;
  /** SubjectPublicKeyInfo, DER, base64url. */
  readonly publicKey: string;
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
