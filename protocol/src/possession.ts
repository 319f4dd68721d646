/** What is signed with a key to show that its holder has it. */
import { fromBase64url, lengthPrefixed } from './bytes';

const LABEL = 'PROCUREMENT-KEY-POSSESSION';

/**
 * The message that a vendor signs with a new key before the old one, or two organisations, put it
 * into the register: label, channel, chaincode, vendor and the new key itself, each after its
 * length as u32.
 * @param claim.publicKey SubjectPublicKeyInfo, DER, base64url
 */
export function possessionMessage(claim: {
  readonly channel: string;
  readonly chaincode: string;
  readonly vendorId: string;
  readonly publicKey: string;
}): Uint8Array {
  const { channel, chaincode, vendorId, publicKey } = claim;
  return lengthPrefixed(LABEL, channel, chaincode, vendorId, fromBase64url(publicKey));
}
