/** SHA-256 as base64url, the form in which the ledger names things by their content. */
import { createHash } from 'node:crypto';
import { encodeCanonical, toBase64url } from '@procurement/protocol';

/** SHA-256 of bytes, or of a text's UTF-8 bytes. */
export function hashOf(content: string | Uint8Array): string {
  return toBase64url(createHash('sha256').update(content).digest());
}

/** SHA-256 of a value's canonical JSON. */
export function hashOfRecord(value: object): string {
  return hashOf(encodeCanonical(value));
}
