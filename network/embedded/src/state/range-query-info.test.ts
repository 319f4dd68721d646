import { describe, expect, test } from '@jest/globals';
import type { KvRead } from './rwset';
import { RangeSummary, sameSummary } from './range-query-info';

function read(at: number): KvRead {
  return { key: `k${String(at).padStart(6, '0')}`, version: { blockNumber: 1, txNumber: at } };
}

function summaryOf(count: number, maxDegree?: number): ReturnType<RangeSummary['finish']> {
  const summary = new RangeSummary(maxDegree);
  for (let at = 0; at < count; at++) summary.add(read(at));
  return summary.finish();
}

function shapeOf(count: number, maxDegree?: number): [level: number, hashes: number] | undefined {
  const { merkle } = summaryOf(count, maxDegree);
  return merkle && [merkle.maxLevel, merkle.hashes.length];
}

describe('the summary of a range', () => {
  test('is the rows themselves up to 50', () => {
    expect(summaryOf(50)).toMatchObject({ reads: { length: 50 } });
    expect(summaryOf(0)).toEqual({ reads: [] });
  });

  test.each([
    [51, 1, 1],
    [52, 1, 2],
    [102, 1, 2],
    [250, 1, 5],
  ])('of %d rows is on level %d with %d hashes', (count, level, hashes) => {
    expect(shapeOf(count)).toEqual([level, hashes]);
  });

  test('goes up a level when a level is full', () => {
    expect(shapeOf(6, 2)).toEqual([1, 2]);
    expect(shapeOf(9, 2)).toEqual([2, 1]);
    expect(shapeOf(10, 2)).toEqual([2, 2]);
  });

  test('can go on after a result', () => {
    const summary = new RangeSummary();
    for (let at = 0; at < 60; at++) summary.add(read(at));
    summary.finish();
    for (let at = 60; at < 120; at++) summary.add(read(at));
    const { merkle } = summaryOf(120);
    const resumed = summary.finish().merkle;
    expect(merkle && resumed && sameSummary(merkle, resumed)).toBe(true);
  });

  test('differs when one version differs', () => {
    const changed = new RangeSummary();
    for (let at = 0; at < 60; at++) {
      changed.add(
        at === 59 ? { key: read(59).key, version: { blockNumber: 2, txNumber: 0 } } : read(at),
      );
    }
    const { merkle } = summaryOf(60);
    const other = changed.finish().merkle;
    expect(merkle && other && sameSummary(merkle, other)).toBe(false);
  });
});
