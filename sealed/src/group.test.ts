import { beforeAll, describe, expect, test } from '@jest/globals';
import { fromHex, toHex } from '@procurement/protocol';
import fc from 'fast-check';
import { readVectors } from './test-support/own-files';
import * as sodiumGroup from './group';
import * as nobleGroup from './test-support/noble-group';
import { propertySeed } from './test-support/seed';

const vectors = readVectors('rfc9496');

type Group = typeof nobleGroup;

const groups: { name: string; group: Group }[] = [
  { name: 'libsodium', group: sodiumGroup },
  { name: 'noble', group: nobleGroup },
];
const ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

beforeAll(async () => {
  await sodiumGroup.ready();
});

describe.each(groups)('ristretto255 over $name', ({ group }) => {
  test('gives the multiples of the generator that RFC 9496 lists', () => {
    const multiples = vectors.multiples.map((_, factor) => group.scalarOf(factor));
    expect(multiples.map((factor) => toHex(group.multiplyBase(factor)))).toEqual(vectors.multiples);
    const base = group.multiplyBase(group.scalarOf(1));
    const small = vectors.multiples.map((_, factor) => toHex(group.multiplySmall(factor, base)));
    expect(small).toEqual(vectors.multiples);
  });

  test.each(vectors.bad)('refuses the bad encoding %s', (encoding) => {
    expect(group.isPoint(fromHex(encoding))).toBe(false);
  });

  test.each(vectors.uniform)('derives $point from uniform bytes', ({ bytes, point }) => {
    expect(toHex(group.pointFromUniform(fromHex(bytes)))).toBe(point);
  });

  test('takes the identity and zero as ordinary values', () => {
    const one = group.scalarOf(1);
    const zero = group.scalarOf(0);
    const base = group.multiplyBase(one);
    expect(group.multiply(zero, base)).toEqual(group.IDENTITY);
    expect(group.multiply(one, group.IDENTITY)).toEqual(group.IDENTITY);
    expect(group.multiplyBase(zero)).toEqual(group.IDENTITY);
    expect(group.add(base, group.IDENTITY)).toEqual(base);
    const minusOne = group.scalarSubtract(zero, one);
    expect(group.add(base, group.multiplyBase(minusOne))).toEqual(group.IDENTITY);
    expect(group.isPoint(group.IDENTITY)).toBe(true);
    expect(group.isZero(group.IDENTITY)).toBe(true);
    expect(() => group.scalarInvert(zero)).toThrow();
  });

  test('reads only scalars from 1 to the order less one', () => {
    const largest = Uint8Array.from(ORDER);
    largest[0]! -= 1;
    const above = Uint8Array.from(ORDER);
    above[0]! += 1;
    expect(group.isScalar(group.scalarOf(1))).toBe(true);
    expect(group.isScalar(largest)).toBe(true);
    expect(group.isScalar(ORDER)).toBe(false);
    expect(group.isScalar(above)).toBe(false);
    expect(group.isScalar(group.scalarOf(0))).toBe(false);
    expect(group.isScalar(new Uint8Array(32).fill(255))).toBe(false);
    expect(group.isScalar(new Uint8Array(31))).toBe(false);
  });
});

describe(`the two groups (seed ${propertySeed})`, () => {
  const wide = fc.uint8Array({ minLength: 64, maxLength: 64 });
  const runs = { seed: propertySeed, numRuns: 100 };

  test('agree on every operation with points and scalars of all kinds', () => {
    fc.assert(
      fc.property(wide, wide, fc.nat(200), (left, right, factor) => {
        const [expected, actual] = [nobleGroup, sodiumGroup].map((group: Group) => {
          const a = group.reduceWide(left);
          const b = group.reduceWide(right);
          const P = group.pointFromUniform(left);
          const Q = group.pointFromUniform(right);
          const scalars = [
            group.scalarAdd(a, b),
            group.scalarSubtract(a, b),
            group.scalarMultiply(a, b),
            group.scalarSubtract(a, a),
            group.scalarInvert(a),
          ];
          const points = [P, Q, group.add(P, Q), group.multiply(a, P), group.multiplyBase(b)];
          const small = group.multiplySmall(factor, Q);
          const none = group.multiply(group.scalarSubtract(a, a), P);
          return [...scalars, ...points, small, none].map(toHex);
        });
        expect(actual).toEqual(expected);
      }),
      runs,
    );
  });

  test('agree on which bytes are points and scalars', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, (candidate) => {
        expect(sodiumGroup.isPoint(candidate)).toBe(nobleGroup.isPoint(candidate));
        expect(sodiumGroup.isScalar(candidate)).toBe(nobleGroup.isScalar(candidate));
      }),
      { ...runs, numRuns: 1000 },
    );
  });
});
