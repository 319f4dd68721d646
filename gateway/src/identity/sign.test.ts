import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { newSign, signLowS } from './sign';

const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

/** The integers of a DER SEQUENCE of two INTEGERs. */
function integersOf(signature: Uint8Array): bigint[] {
  const bytes = Buffer.from(signature);
  const rLength = bytes[3] ?? 0;
  const r = bytes.subarray(4, 4 + rLength);
  const s = bytes.subarray(6 + rLength);
  expect(bytes[1]).toBe(bytes.length - 2);
  return [r, s].map((part) => BigInt(`0x${part.toString('hex')}`));
}

describe('a signature', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test('is valid and has the low s, whatever node:crypto chose', async () => {
    const sign = newSign(pem);
    for (let round = 0; round < 64; round += 1) {
      const message = Buffer.from(`message ${round}`);
      const signature = await sign(message);
      const [, s = 0n] = integersOf(signature);
      expect(s).toBeLessThanOrEqual(HALF_ORDER);
      expect(
        verify(
          'sha256',
          message,
          createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })),
          signature,
        ),
      ).toBe(true);
    }
  });

  test('encodes its integers as short as DER asks for', () => {
    for (let round = 0; round < 600; round += 1) {
      const signature = signLowS(pair.privateKey, Buffer.from([round & 0xff, round >> 8]));
      const length = signature[3] ?? 0;
      const [first = 0, second = 0] = signature.subarray(4, 6);
      expect(length).toBeLessThanOrEqual(33);
      expect(first === 0 && second < 0x80).toBe(false);
    }
  });
});

test.each([['secp384r1'], ['secp256k1']])('a key on the curve %s is refused', (namedCurve) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(() => newSign(pem)).toThrow(TypeError);
});
