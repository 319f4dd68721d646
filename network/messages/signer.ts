import { createHash } from 'node:crypto';

/** Who signs a message. */
export interface MessageSigner {
  /** Serialized msp.SerializedIdentity. */
  readonly serialized: Uint8Array;
  /** ECDSA over SHA-256, DER, with s in the lower half of the order. */
  sign(message: Uint8Array): Uint8Array;
}

/** SHA-256 of the concatenation. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
