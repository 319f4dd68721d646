import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  AMOUNT_MAX_MINOR,
  formatAmount,
  isAmount,
  isQuantity,
  lineAmountMinor,
  parseAmount,
  parseQuantity,
} from './money';

const amounts = fc.bigInt({ min: 0n, max: AMOUNT_MAX_MINOR });
const quantities = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n - 1n }), fc.integer({ min: 0, max: 999 }))
  .map(([whole, places]) => `${whole}.${String(places).padStart(3, '0')}`);

describe('amounts', () => {
  test('every amount reads back as the number that was written', () => {
    fc.assert(fc.property(amounts, (minor) => parseAmount(formatAmount(minor)) === minor));
  });

  test.each(['', '00', '01', '-1', '+1', '1.0', '1e3', ' 1', '1 ', '٣', '1000000000000000000'])(
    'refuses %j',
    (text) => {
      expect(isAmount(text)).toBe(false);
      expect(() => parseAmount(text)).toThrow(RangeError);
    },
  );

  test.each([-1n, AMOUNT_MAX_MINOR + 1n])('has no text for %s', (minor) => {
    expect(() => formatAmount(minor)).toThrow(RangeError);
  });
});

describe('quantities', () => {
  test.each([
    ['0', 0n],
    ['1', 1000n],
    ['1.5', 1500n],
    ['1.50', 1500n],
    ['0.001', 1n],
    ['999999999999.999', 999_999_999_999_999n],
  ])('%s is %s thousandths', (text, thousandths) => {
    expect(parseQuantity(text)).toBe(thousandths);
  });

  test.each(['', '.5', '1.', '01', '1.0000', '-1', '1,5', '1e3', '1000000000000'])(
    'refuses %j',
    (text) => {
      expect(isQuantity(text)).toBe(false);
      expect(() => parseQuantity(text)).toThrow(RangeError);
    },
  );

  test('hostile texts are refused at once', () => {
    const hostile = ['9'.repeat(1e6), `1.${'0'.repeat(1e6)}`, '0'.repeat(1e6)];
    const startedAtMs = performance.now();
    expect(hostile.map((text) => isAmount(text) || isQuantity(text))).toEqual([
      false,
      false,
      false,
    ]);
    expect(performance.now() - startedAtMs).toBeLessThan(50);
  });
});

describe('the amount of a line', () => {
  test.each([
    ['0.001', '499', 0n],
    ['0.001', '500', 1n],
    ['0.5', '1', 1n],
    ['0.5', '3', 2n],
    ['1.005', '100', 101n],
    ['3', '1000', 3000n],
  ])('%s times %s rounds half up to %s', (quantity, rate, minor) => {
    expect(lineAmountMinor({ quantity, rate })).toBe(minor);
  });

  test('lies within half a minor unit of the exact product, never below the half', () => {
    fc.assert(
      fc.property(quantities, amounts, (quantity, rate) => {
        const exact = parseQuantity(quantity) * rate;
        const rounded = lineAmountMinor({ quantity, rate: formatAmount(rate) }) * 1000n;
        return rounded - exact <= 500n && exact - rounded < 500n;
      }),
    );
  });
});
