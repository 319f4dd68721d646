/**
 * The prime-order group ristretto255 (RFC 9496) over libsodium. Points are their 32-byte
 * encodings, scalars 32 bytes little-endian below the group order.
 *
 * libsodium raises an error where a product is the identity or a scalar is zero. The protocol
 * calls both ordinary values when they are computed (TSEAL-V1 section 1), and endorsers must agree
 * whatever library they run, so the cases are answered here before libsodium sees them.
 */
import sodium from 'libsodium-wrappers-sumo';

/** The encoding of the neutral element. */
export const IDENTITY: Uint8Array = new Uint8Array(32);

const WIDE_LENGTH = 64;
const ELEMENT_LENGTH = 32;

/** Resolves when the group and the hashes may be used. Every program awaits it once. */
export async function ready(): Promise<void> {
  await sodium.ready;
}

/** Whether 32 bytes are a scalar from 1 to the order less one. Takes the same time for all. */
export function isScalar(bytes: Uint8Array): boolean {
  if (bytes.length !== ELEMENT_LENGTH) return false;
  const wide = new Uint8Array(WIDE_LENGTH);
  wide.set(bytes);
  const reduced = sodium.crypto_core_ristretto255_scalar_reduce(wide);
  return sodium.memcmp(reduced, bytes) && !isZero(bytes);
}

/** Whether 32 bytes decode by RFC 9496 section 4.3.1. The identity does. */
export function isPoint(bytes: Uint8Array): boolean {
  return bytes.length === ELEMENT_LENGTH && sodium.crypto_core_ristretto255_is_valid_point(bytes);
}

/** Whether a scalar is zero, or a point the identity: both are 32 zero bytes. Constant time. */
export function isZero(bytes: Uint8Array): boolean {
  return sodium.is_zero(bytes);
}

/** scalar · point. The point must be valid. */
export function multiply(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  if (isZero(scalar) || isZero(point)) return IDENTITY;
  return sodium.crypto_scalarmult_ristretto255(scalar, point);
}

/** scalar · B, B being the generator of RFC 9496. */
export function multiplyBase(scalar: Uint8Array): Uint8Array {
  return isZero(scalar) ? IDENTITY : sodium.crypto_scalarmult_ristretto255_base(scalar);
}

/** Sum of two points. */
export function add(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sodium.crypto_core_ristretto255_add(left, right);
}

/**
 * factor · point for a small public factor, by doubling and adding: a few additions cost less than
 * one full multiplication. Takes a time that depends on the factor.
 */
export function multiplySmall(factor: number, point: Uint8Array): Uint8Array {
  let product = IDENTITY;
  let isEmpty = true;
  for (let bit = 31 - Math.clz32(factor); bit >= 0; bit -= 1) {
    if (!isEmpty) product = add(product, product);
    if (((factor >> bit) & 1) === 1) {
      product = isEmpty ? point : add(product, point);
      isEmpty = false;
    }
  }
  return product;
}

/** Point of 64 uniform bytes (RFC 9496 section 4.3.4). */
export function pointFromUniform(bytes: Uint8Array): Uint8Array {
  return sodium.crypto_core_ristretto255_from_hash(bytes);
}

/** The scalar of a small non-negative integer. */
export function scalarOf(value: number): Uint8Array {
  const bytes = new Uint8Array(ELEMENT_LENGTH);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** 64 bytes, read little-endian, modulo the order. */
export function reduceWide(bytes: Uint8Array): Uint8Array {
  return sodium.crypto_core_ristretto255_scalar_reduce(bytes);
}

/** Sum of two scalars. */
export function scalarAdd(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sodium.crypto_core_ristretto255_scalar_add(left, right);
}

/** left − right. */
export function scalarSubtract(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sodium.crypto_core_ristretto255_scalar_sub(left, right);
}

/** Product of two scalars. */
export function scalarMultiply(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sodium.crypto_core_ristretto255_scalar_mul(left, right);
}

/**
 * The inverse of a scalar.
 * @throws {RangeError} for zero, which has none
 */
export function scalarInvert(scalar: Uint8Array): Uint8Array {
  if (isZero(scalar)) throw new RangeError('zero has no inverse');
  return sodium.crypto_core_ristretto255_scalar_invert(scalar);
}
