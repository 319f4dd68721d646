/** SHA-2, HMAC and HKDF, synchronous, so that a check never has to wait. */
import { concatBytes } from '@procurement/protocol';
import sodium from 'libsodium-wrappers-sumo';

const SHA256_LENGTH = 32;

/** SHA-256, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return sodium.crypto_hash_sha256(message);
}

/** SHA-512, 64 bytes. */
export function sha512(message: Uint8Array): Uint8Array {
  return sodium.crypto_hash_sha512(message);
}

/** HMAC-SHA-256 (RFC 2104) under a key of any length. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const state = sodium.crypto_auth_hmacsha256_init(key);
  sodium.crypto_auth_hmacsha256_update(state, message);
  return sodium.crypto_auth_hmacsha256_final(state);
}

/** Whether two arrays of one length hold the same bytes, in a time that tells nothing of them. */
export function equalSecrets(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && sodium.memcmp(left, right);
}

/** HKDF-Extract with SHA-256 (RFC 5869 section 2.2). */
export function hkdfExtract(salt: Uint8Array, inputKey: Uint8Array): Uint8Array {
  return hmacSha256(salt, inputKey);
}

/** HKDF-Expand with SHA-256 (RFC 5869 section 2.3); `length` in bytes, at most 8160. */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  let block: Uint8Array = new Uint8Array(0);
  for (let counter = 1; blocks.length * SHA256_LENGTH < length; counter += 1) {
    block = hmacSha256(prk, concatBytes(block, info, Uint8Array.of(counter)));
    blocks.push(block);
  }
  return concatBytes(...blocks).subarray(0, length);
}
