import { beforeAll, describe, expect, test } from '@jest/globals';
import { hmac } from '@noble/hashes/hmac.js';
import * as noble from '@noble/hashes/sha2.js';
import { fromHex, toHex, utf8 } from '@procurement/protocol';
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

describe('HMAC with SHA-256', () => {
  test.each(readVectors('rfc4231').cases)('gives the code $mac of RFC 4231', (vector) => {
    expect(toHex(hmacSha256(fromHex(vector.key), fromHex(vector.message)))).toBe(vector.mac);
  });
});

describe('SHA-2', () => {
  // The examples of FIPS 180-4 that RFC 6234 section 8.5 repeats.
  const twoBlocks256 = 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq';
  const twoBlocks512 =
    'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn' +
    'hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu';

  test.each([
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [twoBlocks256, '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
  ])('gives the 256 bits of FIPS 180-4 for %s', (message, digest) => {
    expect(toHex(sha256(utf8(message)))).toBe(digest);
  });

  test.each([
    [
      'abc',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    ],
    [
      twoBlocks512,
      '8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018' +
        '501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909',
    ],
  ])('gives the 512 bits of FIPS 180-4 for %s', (message, digest) => {
    expect(toHex(sha512(utf8(message)))).toBe(digest);
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
