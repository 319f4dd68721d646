import { beforeAll, describe, expect, test } from '@jest/globals';
import { hmac } from '@noble/hashes/hmac.js';
import * as noble from '@noble/hashes/sha2.js';
import { fromHex, toHex } from '@procurement/protocol';
import fc from 'fast-check';
import { readVectors } from './test-support/own-files';
import { hkdfExpand, hkdfExtract, hmacSha256, sha256, sha512 } from './digest';
import { ready } from './group';
import { propertySeed } from './test-support/seed';

const vectors = readVectors('rfc5869');

beforeAll(async () => {
  await ready();
});

describe('HKDF with SHA-256', () => {
  test.each(vectors.cases)('gives the key of RFC 5869 with $length bytes', (vector) => {
    const prk = hkdfExtract(fromHex(vector.salt), fromHex(vector.ikm));
    expect(toHex(prk)).toBe(vector.prk);
    expect(toHex(hkdfExpand(prk, fromHex(vector.info), vector.length))).toBe(vector.okm);
  });
});

test(`the hashes agree with a second implementation (seed ${propertySeed})`, () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, bytes, (key, message) => {
      expect(toHex(sha256(message))).toBe(toHex(noble.sha256(message)));
      expect(toHex(sha512(message))).toBe(toHex(noble.sha512(message)));
      expect(toHex(hmacSha256(key, message))).toBe(toHex(hmac(noble.sha256, key, message)));
    }),
    { seed: propertySeed },
  );
});
