import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  EncodingError,
  compareBytes,
  concatBytes,
  equalBytes,
  fromBase64url,
  fromHex,
  fromUtf8,
  toBase64url,
  toHex,
  utf8,
} from './bytes';

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31);

describe(`bytes as text (seed ${seed})`, () => {
  test('base64url and hex agree with Node and read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
      { seed },
    );
  });

  test.each([
    ...[['', ''] as const, ['f', 'Zg'] as const, ['fo', 'Zm8'] as const, ['foo', 'Zm9v'] as const],
    ...[['foob', 'Zm9vYg'] as const, ['fooba', 'Zm9vYmE'] as const],
    ['foobar', 'Zm9vYmFy'] as const,
  ])('base64url writes %j as RFC 4648 section 10 does, without padding', (text, encoded) => {
    expect(toBase64url(utf8(text))).toBe(encoded);
    expect(fromUtf8(fromBase64url(encoded))).toBe(text);
  });

  test.each(['A', 'AB', 'AAB', 'AA==', 'AA\n', 'A+A/', 'AAAAA'])('base64url refuses %j', (text) => {
    expect(() => fromBase64url(text)).toThrow(EncodingError);
  });

  test.each(['0', '0G', 'AB', '0x00'])('hex refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(EncodingError);
  });

  test('UTF-8 that is not well-formed is refused and a byte order mark is kept', () => {
    expect(() => fromUtf8(Uint8Array.of(0xc3, 0x28))).toThrow(EncodingError);
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });

  test('order is that of memcmp, not of JavaScript strings', () => {
    expect(compareBytes(utf8('\uffff'), utf8('\u{10ffff}'))).toBe(-1);
    expect(compareBytes(utf8('a'), utf8('ab'))).toBe(-1);
    expect(compareBytes(utf8('b'), utf8('ab'))).toBe(1);
    expect(compareBytes(utf8('a'), utf8('a'))).toBe(0);
  });

  test('joining and comparing', () => {
    const joined = concatBytes(utf8('a'), utf8(''), utf8('bc'));
    expect(equalBytes(joined, utf8('abc'))).toBe(true);
    expect(equalBytes(joined, utf8('abd'))).toBe(false);
    expect(equalBytes(joined, utf8('ab'))).toBe(false);
  });
});
