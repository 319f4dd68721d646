import { describe, expect, test } from '@jest/globals';
import { compareKeys, valuesInKeyOrder } from './key-order';

describe('keys', () => {
  test('lie in the order of their UTF-8 bytes, not of their UTF-16 units', () => {
    const keys = ['A', 'a', 'b', 'z', '~', 'é', '€', '\ue000', '\uffee', '😀', '\u{10ffff}'];
    const byBytes = [...keys].sort((left, right) =>
      Buffer.compare(Buffer.from(left), Buffer.from(right)),
    );
    expect([...keys].reverse().sort(compareKeys)).toEqual(byBytes);
    expect(byBytes).toEqual(keys);
  });

  test('come before their extensions', () => {
    expect(compareKeys('ab', 'abc')).toBeLessThan(0);
    expect(compareKeys('ab', 'ab')).toBe(0);
  });

  test('order the values of a map', () => {
    const map = new Map([
      ['b', 2],
      ['a', 1],
    ]);
    expect(valuesInKeyOrder(map)).toEqual([1, 2]);
  });
});
