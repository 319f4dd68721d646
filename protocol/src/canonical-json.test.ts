import { describe, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { CanonicalJsonError, decodeCanonical, encodeCanonical } from './canonical-json';

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31);
const wellFormed = fc.string({ unit: 'binary' });
const canonicalValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    wellFormed,
    fc.maxSafeInteger().map((integer) => (integer === 0 ? 0 : integer)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(wellFormed, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const canonicalObject = fc.dictionary(wellFormed, canonicalValue, { maxKeys: 5 });

describe(`canonical JSON (seed ${seed})`, () => {
  test('is what RFC 8785 gives, for any value it can carry', () => {
    fc.assert(
      fc.property(canonicalObject, (value) => {
        expect(encodeCanonical(value)).toBe(canonicalize(value));
      }),
      { seed, numRuns: 500 },
    );
  });

  test('sorts members as the example of RFC 8785 section 3.2.3', () => {
    const example = {
      ...{ '\u20ac': 'Euro Sign', '\r': 'Carriage Return' },
      ...{ '\ufb33': 'Hebrew Letter Dalet With Dagesh', 1: 'One' },
      ...{ '\u{1f600}': 'Emoji: Grinning Face', '\u0080': 'Control' },
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const sorted = [
      ...['Carriage Return', 'One', 'Control', 'Latin Small Letter O With Diaeresis'],
      ...['Euro Sign', 'Emoji: Grinning Face', 'Hebrew Letter Dalet With Dagesh'],
    ];
    const text = encodeCanonical(example);
    expect(Array.from(text.matchAll(/:"([^"]+)"/g), ([, value]) => value)).toEqual(sorted);
    expect(encodeCanonical(decodeCanonical(text))).toBe(text);
  });

  test('writes strings and literals as the example of RFC 8785 section 3.2.2', () => {
    const example = {
      string: "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\u0022/",
      literals: [null, true, false],
    };
    expect(encodeCanonical(example)).toBe(
      '{"literals":[null,true,false],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('reads back what it wrote', () => {
    fc.assert(
      fc.property(canonicalObject, (value) => {
        const text = encodeCanonical(value);
        expect(encodeCanonical(decodeCanonical(text))).toBe(text);
      }),
      { seed, numRuns: 500 },
    );
  });

  test.each([
    ['white space', '{"a": 1}'],
    ['members out of order', '{"b":1,"a":2}'],
    ['a member twice', '{"a":1,"a":1}'],
    ['a fraction', '{"a":1.5}'],
    ['an exponent', '{"a":1e3}'],
    ['minus zero', '{"a":-0}'],
    ['an integer beyond 2^53-1', '{"a":9007199254740992}'],
    ['an escape that is not needed', '{"a":"\\u0041"}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['an array at the top', '[1]'],
    ['a string at the top', '"a"'],
    ['17 levels', `${'{"a":'.repeat(16)}[]${'}'.repeat(16)}`],
    ['no JSON at all', '{'],
    ['nesting that exhausts a parser', '['.repeat(200_000)],
    ['a string that does not end', '{"a":"[[[[\\"}'],
  ])('refuses %s', (_what, text) => {
    expect(() => decodeCanonical(text)).toThrow(CanonicalJsonError);
  });

  test('keeps 16 levels and a member named __proto__', () => {
    const deepest = `${'{"a":'.repeat(15)}{}${'}'.repeat(15)}`;
    expect(encodeCanonical(decodeCanonical(deepest))).toBe(deepest);
    const text = `{"a":"${'['.repeat(40)}\\\\\\"${'{'.repeat(40)}\\\\"}`;
    expect(encodeCanonical(decodeCanonical(text))).toBe(text);
    const hostile = '{"__proto__":{"isAdmin":true},"a":1}';
    const value = decodeCanonical(hostile);
    expect(value['isAdmin']).toBeUndefined();
    expect(encodeCanonical(value)).toBe(hostile);
  });

  test('refuses to write what has no canonical form', () => {
    for (const value of [{ a: 1n }, { a: Number.NaN }, { a: new Date(0) }, { a: () => 1 }]) {
      expect(() => encodeCanonical(value)).toThrow(CanonicalJsonError);
    }
  });
});
