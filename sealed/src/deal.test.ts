import { beforeAll, describe, expect, test } from '@jest/globals';
import { toHex } from '@procurement/protocol';
import { COMMIT_GENERATOR, committedShares } from './deal';
import {
  add,
  IDENTITY,
  multiply,
  ready,
  reduceWide,
  scalarAdd,
  scalarMultiply,
  scalarOf,
  scalarSubtract,
} from './group';
import { drawn } from './test-support/tenders';

const SIZES = [
  { n: 3, t: 2 },
  { n: 5, t: 3 },
  { n: 7, t: 4 },
  { n: 9, t: 5 },
  { n: 15, t: 8 },
];

beforeAll(async () => {
  await ready();
});

const scalar = (label: string): Uint8Array => reduceWide(drawn(`deal/${label}`));

/** p(seat) from the coefficients of p, power by power. */
function valueAt(coefficients: readonly Uint8Array[], seat: number): Uint8Array {
  let power = scalarOf(1);
  let sum = scalarOf(0);
  for (const coefficient of coefficients) {
    sum = scalarAdd(sum, scalarMultiply(coefficient, power));
    power = scalarMultiply(power, scalarOf(seat));
  }
  return sum;
}

describe('the shares that commitments stand for', () => {
  test.each(SIZES)('are those of the polynomial, for $t of $n', ({ n, t }) => {
    const coefficients = Array.from({ length: t }, (_, index) => scalar(`${n}/${index}`));
    const commitments = coefficients.map((one) => multiply(one, COMMIT_GENERATOR));
    const factor = scalar('factor');
    const shares = committedShares({ commitments, factor, count: n });
    const expected = Array.from({ length: n }, (_, index) =>
      multiply(scalarMultiply(factor, valueAt(coefficients, index + 1)), COMMIT_GENERATOR),
    );
    expect(shares.map(toHex)).toEqual(expected.map(toHex));
  });

  test('are the identity where the polynomial is zero, and only there', () => {
    // (x−2)·a: zero at seat 2.
    const a = scalar('slope');
    const constant = scalarSubtract(scalarOf(0), scalarAdd(a, a));
    const commitments = [constant, a].map((one) => multiply(one, COMMIT_GENERATOR));
    const shares = committedShares({ commitments, factor: scalarOf(1), count: 3 });
    const slope = multiply(a, COMMIT_GENERATOR);
    expect(shares[1]).toEqual(IDENTITY);
    expect(shares[2]).toEqual(slope);
    expect(add(shares[0]!, slope)).toEqual(IDENTITY);
  });
});
