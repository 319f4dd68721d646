import { describe, expect, test } from '@jest/globals';
import { concatBytes, fromHex, toHex } from '@procurement/protocol';
import { decrypt, encrypt } from './body';
import { readVectors } from './test-support/own-files';

const { cases } = readVectors('wycheproof-aes-gcm');
const valid = cases.filter(({ result }) => result === 'valid');
const [first] = valid.filter(({ aad, message }) => aad !== '' && message !== '');
const TAG_LENGTH = 16;

function boxOf(vector: (typeof cases)[number]): Parameters<typeof encrypt>[0] {
  const { key, nonce, aad, message } = vector;
  const [contextHash, extra] = [fromHex(aad), new Uint8Array(0)];
  return {
    key: fromHex(key),
    nonce: fromHex(nonce),
    contextHash,
    extra,
    message: fromHex(message),
  };
}

/** The bytes with one bit of one byte flipped; negative positions count from the end. */
function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = position < 0 ? bytes.length + position : position;
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

describe('AES-256-GCM by the vectors of Wycheproof', () => {
  test('holds good ones and bad ones', () => {
    expect(valid.length).toBeGreaterThan(30);
    expect(cases.length - valid.length).toBeGreaterThan(20);
  });

  test.each(cases)('answers $result to case $id ($flag)', async (vector) => {
    const box = boxOf(vector);
    const opened = await decrypt({ ...box, message: fromHex(vector.ct) });
    const isValid = vector.result === 'valid';
    expect(opened === undefined ? undefined : toHex(opened)).toBe(
      isValid ? vector.message : undefined,
    );
    expect(toHex(await encrypt(box)) === vector.ct).toBe(isValid);
  });
});

describe('a ciphertext', () => {
  const box = boxOf(first!);
  const ct = fromHex(first!.ct);
  const opened = async (change: object): Promise<Uint8Array | undefined> =>
    decrypt({ ...box, message: ct, ...change });

  test('is opened as it was sealed', async () => {
    expect(await opened({})).toEqual(box.message);
  });

  test.each([
    ['with its first byte changed', { message: flipped(ct, 0) }],
    ['with the last byte before the tag changed', { message: flipped(ct, -TAG_LENGTH - 1) }],
    ['with the first byte of its tag changed', { message: flipped(ct, -TAG_LENGTH) }],
    ['with the last byte of its tag changed', { message: flipped(ct, -1) }],
    ['with a tag of 15 bytes', { message: ct.subarray(0, -1) }],
    ['with a tag of 12 bytes', { message: ct.subarray(0, -4) }],
    ['without a tag', { message: ct.subarray(0, -TAG_LENGTH) }],
    ['without anything', { message: new Uint8Array(0) }],
    ['with its tag alone', { message: ct.subarray(-TAG_LENGTH) }],
    ['with a byte after the tag', { message: concatBytes(ct, new Uint8Array(1)) }],
    ['under another nonce', { nonce: flipped(box.nonce, 0) }],
    ['under a nonce cut to 8 bytes', { nonce: box.nonce.subarray(0, 8) }],
    ['under another key', { key: flipped(box.key, 31) }],
    ['under another context', { contextHash: flipped(box.contextHash, 0) }],
    ['with more after the context', { extra: new Uint8Array(1) }],
  ])('%s is not', async (_change, change) => {
    expect(await opened(change)).toBeUndefined();
  });
});
