/** The bid itself: padding, keys and encryption (TSEAL-V1 section 4). */
import { concatBytes, decodeCanonical, fromUtf8, utf8 } from '@procurement/protocol';
import { equalSecrets, hkdfExpand, hkdfExtract, hmacSha256, sha256 } from './digest';
import { BUCKETS } from './envelope';
import { u32 } from './transcript';

const LENGTH_BYTES = 4;
const PLAIN_LENGTH_MIN = 2;
const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;

/** Keys of one bid; whoever has S and the context has them. */
export interface BodyKeys {
  readonly prk: Uint8Array;
  readonly key: Uint8Array;
  readonly commitmentKey: Uint8Array;
  /** SHA-256 of the context: additional data of every encryption for this bid. */
  readonly contextHash: Uint8Array;
}

/** A body encrypted. */
export interface SealedBody {
  readonly cmt: Uint8Array;
  readonly ct: Uint8Array;
}

/** What became of a ciphertext. */
export type Opened =
  | { readonly state: 'OPENED'; readonly plain: Uint8Array }
  | { readonly state: 'INVALID_GCM' | 'INVALID_CMT' | 'INVALID_FORM' };

/** Keys of a bid from its opening secret S and its context. */
export function bodyKeys(secret: Uint8Array, context: Uint8Array): BodyKeys {
  const contextHash = sha256(context);
  const prk = hkdfExtract(contextHash, secret);
  return {
    prk,
    key: hkdfExpand(prk, utf8('KEY'), KEY_LENGTH),
    commitmentKey: hkdfExpand(prk, utf8('CMT'), KEY_LENGTH),
    contextHash,
  };
}

/**
 * Puts a bid into its bucket: length, bid, zeros.
 * @param size.bucket a larger bucket than needed, by choice
 * @throws {RangeError} where no bucket, or not the one asked for, can hold it
 */
export function pad(plain: Uint8Array, size: { readonly bucket?: number | undefined }): Uint8Array {
  const needed = LENGTH_BYTES + plain.length;
  const bucket = BUCKETS.find(
    (candidate) => candidate >= needed && candidate >= (size.bucket ?? 0),
  );
  if (bucket === undefined || (size.bucket !== undefined && bucket !== size.bucket)) {
    throw new RangeError(`a bid of ${plain.length} bytes does not fit its bucket`);
  }
  const padded = new Uint8Array(bucket);
  padded.set(u32(plain.length));
  padded.set(plain, LENGTH_BYTES);
  return padded;
}

/** Commits to a padded bid and encrypts it. */
export async function sealBody(keys: BodyKeys, padded: Uint8Array): Promise<SealedBody> {
  const cmt = hmacSha256(keys.commitmentKey, padded);
  const nonce = bodyNonce(keys, cmt);
  return { cmt, ct: await encrypt({ ...keys, nonce, message: padded }) };
}

/** Decrypts a body and looks at its form, each failure giving its own state. */
export async function openBody(keys: BodyKeys, sealed: SealedBody): Promise<Opened> {
  const nonce = bodyNonce(keys, sealed.cmt);
  const padded = await decrypt({ ...keys, nonce, message: sealed.ct });
  if (padded === undefined) return { state: 'INVALID_GCM' };
  if (!equalSecrets(hmacSha256(keys.commitmentKey, padded), sealed.cmt)) {
    return { state: 'INVALID_CMT' };
  }
  const plain = unpad(padded);
  return plain === undefined ? { state: 'INVALID_FORM' } : { state: 'OPENED', plain };
}

/** AES-256-GCM with a 16-byte tag at the end; the context hash is the additional data. */
export async function encrypt(box: Box): Promise<Uint8Array> {
  const key = await importKey(box.key, 'encrypt');
  const ct = await globalThis.crypto.subtle.encrypt(algorithm(box), key, owned(box.message));
  return new Uint8Array(ct);
}

/** The plaintext, or undefined where the tag does not fit. */
export async function decrypt(box: Box): Promise<Uint8Array | undefined> {
  const key = await importKey(box.key, 'decrypt');
  try {
    const plain = await globalThis.crypto.subtle.decrypt(algorithm(box), key, owned(box.message));
    return new Uint8Array(plain);
  } catch {
    return undefined;
  }
}

interface Box {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly contextHash: Uint8Array;
  /** Additional data after the context hash. */
  readonly extra?: Uint8Array;
  readonly message: Uint8Array;
}

function algorithm({ nonce, contextHash, extra }: Box): {
  name: string;
  iv: Uint8Array<ArrayBuffer>;
  additionalData: Uint8Array<ArrayBuffer>;
  tagLength: number;
} {
  const additionalData = owned(extra === undefined ? contextHash : concatBytes(contextHash, extra));
  return { name: 'AES-GCM', iv: owned(nonce), additionalData, tagLength: 128 };
}

async function importKey(
  key: Uint8Array,
  use: 'encrypt' | 'decrypt',
): ReturnType<typeof globalThis.crypto.subtle.importKey> {
  return globalThis.crypto.subtle.importKey('raw', owned(key), 'AES-GCM', false, [use]);
}

/** WebCrypto's types refuse views of shared memory, which a copy never is. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function bodyNonce({ prk }: BodyKeys, cmt: Uint8Array): Uint8Array {
  return hkdfExpand(prk, concatBytes(utf8('NONCE'), cmt), NONCE_LENGTH);
}

function unpad(padded: Uint8Array): Uint8Array | undefined {
  if (padded.length < LENGTH_BYTES) return undefined;
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (length < PLAIN_LENGTH_MIN || length > padded.length - LENGTH_BYTES) return undefined;
  const plain = padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  const padding = padded.subarray(LENGTH_BYTES + length);
  return padding.every((byte) => byte === 0) && isCanonical(plain) ? plain : undefined;
}

function isCanonical(plain: Uint8Array): boolean {
  try {
    decodeCanonical(fromUtf8(plain));
    return true;
  } catch {
    return false;
  }
}
