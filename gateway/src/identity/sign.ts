import { createPrivateKey, sign as ecdsaSign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Sign } from '../ledger/ledger.port';

/** Order of the P-256 group (FIPS 186-5, SEC 2 section 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = ORDER / 2n;
const SCALAR_BYTES = 32;

function integer(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

/** DER INTEGER of an unsigned big-endian number (X.690 section 8.3). */
function derInteger(scalar: Buffer): Buffer {
  let start = 0;
  while (start < scalar.length - 1 && scalar[start] === 0) {
    start += 1;
  }
  const digits = scalar.subarray(start);
  const padding = ((digits[0] ?? 0) & 0x80) === 0 ? [] : [0];
  return Buffer.from([0x02, digits.length + padding.length, ...padding, ...digits]);
}

/**
 * ECDSA over SHA-256, DER, with `s` in the lower half of the group order: Fabric refuses the other
 * one (bccsp/sw/ecdsa.go:verifyECDSA) and node:crypto makes either.
 * @param key a P-256 private key
 * @param message the bytes to sign
 */
export function signLowS(key: KeyObject, message: Uint8Array): Buffer {
  const raw = ecdsaSign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
  const r = raw.subarray(0, SCALAR_BYTES);
  let s = raw.subarray(SCALAR_BYTES);
  const value = integer(s);
  if (value > HALF_ORDER) {
    s = Buffer.from((ORDER - value).toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex');
  }
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/**
 * A {@link Sign} over a private key in this process.
 * @param privateKey PKCS#8 or SEC 1, PEM
 * @throws TypeError if it is not an ECDSA P-256 key
 */
export function newSign(privateKey: string): Sign {
  const key = createPrivateKey(privateKey);
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new TypeError('the private key is not an ECDSA key on the curve P-256');
  }
  return (message) => Promise.resolve(signLowS(key, message));
}
