/**
 * Bytes as text and back, with the strictness that a signed message needs: one text for each byte
 * string, and a refusal for every other text. Runs in a browser, so no `Buffer`.
 */

const HEX_DIGITS = '0123456789abcdef';
const BASE64URL_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A text that is not the one encoding of any byte string. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
}

/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD, as TextEncoder does. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * The text of UTF-8 bytes. A byte order mark is kept, so that a canonical reader can refuse it.
 * @throws {EncodingError} where the bytes are not well-formed UTF-8
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EncodingError('not well-formed UTF-8');
  }
}

/** All parts in one array, in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Whether two arrays hold the same bytes. Not constant-time: for public values only. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && compareBytes(left, right) === 0;
}

/** Order of two byte strings as memcmp gives it, a prefix before the longer one: -1, 0 or 1. */
export function compareBytes(left: Uint8Array, right: Uint8Array): -1 | 0 | 1 {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  if (left.length === right.length) return 0;
  return left.length < right.length ? -1 : 1;
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX_DIGITS.charAt(byte >> 4) + HEX_DIGITS.charAt(byte & 15);
  return text;
}

/**
 * Bytes of lower-case hexadecimal.
 * @throws {EncodingError} on an odd length or any other character
 */
export function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new EncodingError('not lower-case hexadecimal');
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** The two digits of every twelve bits: everything that is signed comes this way. */
const BASE64URL_PAIRS: readonly string[] = Array.from(
  { length: 4096 },
  (_, bits) => BASE64URL_DIGITS.charAt(bits >> 6) + BASE64URL_DIGITS.charAt(bits & 63),
);

/** base64url without padding (RFC 4648 section 5). */
export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const group =
      ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text += `${BASE64URL_PAIRS[group >> 12] ?? ''}${BASE64URL_PAIRS[group & 4095] ?? ''}`;
  }
  return text.slice(0, Math.ceil((bytes.length * 4) / 3));
}

const NO_DIGIT = -1;
/** Six bits by character code. */
const BASE64URL_VALUES = new Int8Array(128).fill(NO_DIGIT);
Array.from(BASE64URL_DIGITS).forEach((digit, value) => {
  BASE64URL_VALUES[digit.charCodeAt(0)] = value;
});

/**
 * Bytes of base64url without padding. Unused bits must be zero, so each byte string has one text.
 * @throws {EncodingError} on padding, other characters, an impossible length or stray bits
 */
export function fromBase64url(text: string): Uint8Array {
  if (text.length % 4 === 1) throw new EncodingError('not base64url: impossible length');
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let offset = 0;
  for (let index = 0; index < text.length; index += 1) {
    const value = BASE64URL_VALUES[text.charCodeAt(index)] ?? NO_DIGIT;
    if (value === NO_DIGIT) throw new EncodingError('not base64url without padding');
    bits = ((bits << 6) | value) & 0xffff;
    bitCount += 6;
    if (bitCount >= 8) {
      bitCount -= 8;
      bytes[offset] = (bits >> bitCount) & 255;
      offset += 1;
    }
  }
  if ((bits & ((1 << bitCount) - 1)) !== 0) throw new EncodingError('not base64url: stray bits');
  return bytes;
}

/** An unsigned integer of four bytes, big-endian (`u32` of TSEAL-V1 section 1). */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** What may stand in a hashed or signed list: bytes as they are, or text as its UTF-8. */
export type Field = Uint8Array | string;

/**
 * Every field after its length as u32, in order, so that no two lists of fields look the same (`LP`
 * of TSEAL-V1 section 1).
 */
export function lengthPrefixed(...fields: readonly Field[]): Uint8Array {
  const parts = fields.map((field) => (typeof field === 'string' ? utf8(field) : field));
  return concatBytes(...parts.flatMap((bytes) => [uint32(bytes.length), bytes]));
}
