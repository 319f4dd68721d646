import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fromHex, toHex } from './bytes';
import { derOfRaw, rawOfDer } from './ecdsa';

/** Signatures of one message under one key; an uncompressed point and hexadecimal bytes. */
interface Vectors {
  readonly publicKey: string;
  readonly message: string;
  readonly cases: readonly {
    readonly id: number;
    readonly flag: string;
    readonly signature: string;
    readonly result: 'valid' | 'invalid';
  }[];
}

const file = resolve(__dirname, '../vectors/wycheproof-ecdsa-p256.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
/** What stands before the point of a P-256 key (RFC 5480). */
const spkiPrefix = '3059301306072a8648ce3d020106082a8648ce3d030107034200';
const halfOrder = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

const key = createPublicKey({
  key: Buffer.from(spkiPrefix + vectors.publicKey, 'hex'),
  format: 'der',
  type: 'spki',
});

/** Whether a signature is read, and then good. */
function isGood(der: Uint8Array): boolean {
  const raw = rawOfDer(der);
  if (raw === undefined) return false;
  const message = fromHex(vectors.message);
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, raw);
}

/** A valid DER signature with the other s, which has the same meaning. */
function withOtherS(der: Uint8Array): Uint8Array {
  const bytes = Buffer.from(der);
  const sAt = 4 + (bytes[3] ?? 0) + 2;
  const s = BigInt(`0x${toHex(bytes.subarray(sAt))}`);
  const other = (2n * halfOrder + 1n - s).toString(16).padStart(64, '0');
  const isNegative = Number.parseInt(other.slice(0, 2), 16) > 127;
  const integer = Buffer.from((isNegative ? '00' : '') + other, 'hex');
  const r = bytes.subarray(2, sAt - 2);
  const body = Buffer.concat([r, Buffer.from([0x02, integer.length]), integer]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

describe('a signature of Wycheproof', () => {
  test('is good or bad in many ways', () => {
    const invalid = vectors.cases.filter(({ result }) => result === 'invalid');
    expect(invalid.length).toBeGreaterThan(200);
    expect(vectors.cases.length).toBeGreaterThan(invalid.length);
  });

  test.each(vectors.cases)('of case $id ($flag) is $result', ({ signature, result }) => {
    const der = fromHex(signature);
    const isLow = rawOfDer(der) !== undefined;
    if (result === 'invalid') expect(isGood(der)).toBe(false);
    // One of the two forms of a valid one has the low s, and Fabric takes that alone.
    else expect([isGood(der), isGood(withOtherS(der))]).toEqual([isLow, !isLow]);
  });
});

describe('the DER form', () => {
  test('of a raw signature is read back, with the low s', () => {
    const valid = vectors.cases.filter(({ result }) => result === 'valid');
    const forms = valid
      .map(({ signature }) => fromHex(signature))
      .flatMap((der) => [der, withOtherS(der)])
      .map((der) => ({ der, raw: rawOfDer(der) ?? [] }));
    const low = forms.filter(({ raw }) => raw.length > 0);
    expect(low).toHaveLength(valid.length);
    for (const { der, raw } of low) {
      expect(toHex(derOfRaw(Uint8Array.from(raw)))).toBe(toHex(der));
    }
  });

  test.each([0, 63, 65])('has no raw signature of %i bytes', (length) => {
    expect(() => derOfRaw(new Uint8Array(length))).toThrow(RangeError);
  });
});
