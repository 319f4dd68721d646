/** ECDSA P-256 signatures between WebCrypto's form and Fabric's. */
import { concatBytes, equalBytes, toHex } from './bytes';

/** Order of the group (SEC 2 section 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = ORDER / 2n;
const SCALAR_LENGTH = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * A signature as Fabric takes it: DER, with `s` in the lower half of the order (fabric
 * `bccsp/sw/ecdsa.go`: verifyECDSA refuses the other one).
 * @param raw `r ‖ s`, 64 bytes, as WebCrypto signs
 * @throws {RangeError} where it is not 64 bytes long
 */
export function derOfRaw(raw: Uint8Array): Uint8Array {
  if (raw.length !== 2 * SCALAR_LENGTH) throw new RangeError('a raw signature has 64 bytes');
  const s = numberOf(raw.subarray(SCALAR_LENGTH));
  const low = s > HALF_ORDER ? ORDER - s : s;
  const body = concatBytes(integer(raw.subarray(0, SCALAR_LENGTH)), integer(bytesOf(low)));
  return concatBytes(Uint8Array.of(SEQUENCE, body.length), body);
}

/**
 * `r ‖ s` of a DER signature; undefined where it is not the one DER form of two numbers in range,
 * or `s` is the high one.
 */
export function rawOfDer(der: Uint8Array): Uint8Array | undefined {
  const rLength = der[3] ?? 0;
  const sAt = 4 + rLength + 2;
  const r = numberOf(der.subarray(4, 4 + rLength));
  const s = numberOf(der.subarray(sAt));
  if (!isScalar(r) || !isScalar(s) || s > HALF_ORDER) return undefined;
  const raw = concatBytes(bytesOf(r), bytesOf(s));
  // Whatever else the bytes could have said, only this form of the two numbers is taken.
  return equalBytes(derOfRaw(raw), der) ? raw : undefined;
}

/** DER INTEGER of an unsigned number (X.690 section 8.3). */
function integer(scalar: Uint8Array): Uint8Array {
  const start = scalar.findIndex((byte) => byte !== 0);
  const digits = scalar.subarray(start < 0 ? scalar.length - 1 : start);
  const padding = ((digits[0] ?? 0) & 0x80) === 0 ? [] : [0];
  return Uint8Array.of(INTEGER, digits.length + padding.length, ...padding, ...digits);
}

function isScalar(value: bigint): boolean {
  return value > 0n && value < ORDER;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

function bytesOf(scalar: bigint): Uint8Array {
  const digits = scalar.toString(16).padStart(2 * SCALAR_LENGTH, '0');
  return Uint8Array.from({ length: SCALAR_LENGTH }, (_, index) =>
    Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
}
