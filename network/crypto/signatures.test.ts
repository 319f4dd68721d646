import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readDer, readPositive, writeDer, writeUnsigned } from './der';
import { signLowS, toLowS, verifyLowS } from './signatures';

const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const message = Buffer.from('one envelope');

function scalars(signature: Uint8Array): { r: bigint; s: bigint } {
  const { content } = readDer(signature)!;
  const first = readDer(content)!;
  const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
  return { r: number(readPositive(first)!), s: number(readPositive(readDer(content, first.end))!) };
}

function der(r: bigint, s: bigint): Buffer {
  const hex = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(66, '0'), 'hex');
  return writeDer(0x30, Buffer.concat([writeUnsigned(hex(r)), writeUnsigned(hex(s))]));
}

describe('a signature', () => {
  test('always has its s in the lower half, and verifies', () => {
    for (let round = 0; round < 64; round++) {
      const bytes = Buffer.from(`message ${String(round)}`);
      const signature = signLowS(privateKey, bytes);
      expect(scalars(signature).s <= order / 2n).toBe(true);
      expect(verifyLowS(publicKey, bytes, signature)).toBe(true);
    }
  });

  test('with the same r and the high s is refused, though OpenSSL takes it', () => {
    const { r, s } = scalars(signLowS(privateKey, message));
    const high = der(r, order - s);
    expect(verifyLowS(publicKey, message, high)).toBe(false);
    expect(verifyLowS(publicKey, message, toLowS(high)!)).toBe(true);
  });

  test('of another message, of another key or with a changed byte is refused', () => {
    const signature = signLowS(privateKey, message);
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    expect(verifyLowS(publicKey, Buffer.from('another'), signature)).toBe(false);
    expect(verifyLowS(other.publicKey, message, signature)).toBe(false);
    const { r, s } = scalars(signature);
    expect(verifyLowS(publicKey, message, der(r + 1n, s))).toBe(false);
    expect(verifyLowS(publicKey, message, signature)).toBe(true);
  });

  test.each([
    ['nothing', Buffer.of()],
    ['text', Buffer.from('signature')],
    ['r only', writeDer(0x30, writeUnsigned(Buffer.of(1)))],
    ['zero s', der(1n, 0n)],
    ['a negative r', writeDer(0x30, Buffer.from([2, 1, 0x80, 2, 1, 1]))],
    ['a padded r', writeDer(0x30, Buffer.from([2, 2, 0, 1, 2, 1, 1]))],
    ['an r of 33 bytes', der(order << 8n, 1n)],
    ['a length beyond the end', Buffer.from([0x30, 0x20, 2, 1, 1, 2, 1, 1])],
    ['an indefinite length', Buffer.from([0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0])],
    ['a length in a longer form than needed', Buffer.from([0x30, 0x81, 6, 2, 1, 1, 2, 1, 1])],
  ])('of %s is refused without an error', (_, signature) => {
    expect(verifyLowS(publicKey, message, signature)).toBe(false);
    expect(verifyLowS(publicKey, message, signature)).toBe(false);
  });

  test('may be followed by bytes that Fabric ignores as well', () => {
    const signature = Buffer.concat([signLowS(privateKey, message), Buffer.from([0, 0])]);
    expect(verifyLowS(publicKey, message, signature)).toBe(true);
  });

  test('from Node is made low only when it is high', () => {
    for (let round = 0; round < 32; round++) {
      const plain = sign('sha256', message, privateKey);
      const low = toLowS(plain)!;
      const isHigh = scalars(plain).s > order / 2n;
      expect(low.equals(plain)).toBe(!isHigh);
      expect(verifyLowS(publicKey, message, low)).toBe(true);
      expect(verifyLowS(publicKey, message, plain)).toBe(!isHigh);
    }
    expect(toLowS(Buffer.from('no signature'))).toBeUndefined();
  });
});
