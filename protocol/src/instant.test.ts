import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareInstants, instantFromMs, instantToMs, isInstant } from './instant';

const epochs = fc.integer({ min: 0, max: 253_402_300_799_999 });

describe('instants', () => {
  test('every millisecond of 1970 to 9999 reads back as itself', () => {
    fc.assert(fc.property(epochs, (epochMs) => instantToMs(instantFromMs(epochMs)) === epochMs));
  });

  test('are ordered as their texts are', () => {
    fc.assert(
      fc.property(epochs, epochs, (left, right) => {
        const [earlier, later] = [instantFromMs(left), instantFromMs(right)];
        return Math.sign(compareInstants(earlier, later)) === Math.sign(left - right);
      }),
    );
  });

  test.each([
    '2026-02-30T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.000+06:00',
    '2026-01-01 00:00:00.000Z',
    '+002026-01-01T00:00:00.000Z',
    '',
  ])('%j is none', (text) => {
    expect(isInstant(text)).toBe(false);
    expect(() => instantToMs(text)).toThrow(RangeError);
  });

  test.each([-1, 0.5, Number.NaN, 253_402_300_800_000])('%d has none', (epochMs) => {
    expect(() => instantFromMs(epochMs)).toThrow(RangeError);
  });
});
