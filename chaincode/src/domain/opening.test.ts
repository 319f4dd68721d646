import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BidListRecord } from '@procurement/protocol';
import { advanceProgress, selectNamed, selectNext, startProgress } from './opening';

const hash = 'A'.repeat(43);

function listOf(ctLens: readonly number[]): BidListRecord {
  const entries = ctLens.map((ctLen, index) => {
    const vendorId = `v${String(index).padStart(4, '0')}`;
    const bidKey = `bid/T/L/${vendorId}`;
    return { bidKey, lotId: 'L', vendorId, version: 1, envelopeHash: hash, ctLen };
  });
  return { schema: 'bid-list/1', tenderId: 'T', listHash: hash, entries };
}

const always = (): boolean => true;
const lists = fc
  .array(fc.constantFrom(1040, 4112, 16400), { maxLength: 450 })
  .map((ctLens) => listOf(ctLens));

describe('the next bids to open', () => {
  test('come in list order until none remains, never too many and never too large', () => {
    fc.assert(
      fc.property(lists, (list) => {
        let progress = startProgress(list);
        const opened: string[] = [];
        while (progress.remaining.length > 0) {
          const { selected } = selectNext(list, progress, always);
          const bytes = selected.reduce((sum, { entry }) => sum + entry.ctLen - 16, 0);
          expect(selected.length).toBeGreaterThan(0);
          expect(selected.length).toBeLessThanOrEqual(50);
          expect(bytes).toBeLessThanOrEqual(256 * 1024);
          opened.push(...selected.map(({ entry }) => entry.bidKey));
          progress = advanceProgress(progress, selected);
        }
        expect(opened).toEqual(list.entries.map(({ bidKey }) => bidKey));
      }),
      { numRuns: 30 },
    );
  });

  test('leave out the chunks that have too few shares', () => {
    const list = listOf(Array<number>(410).fill(1040));
    const progress = startProgress(list);
    const { selected } = selectNext(list, progress, (position) => position >= 400);
    expect(selected.map(({ position }) => position)).toEqual(
      [...Array(10).keys()].map((index) => 400 + index),
    );
  });
});

describe('bids named to be opened', () => {
  test('are taken in list order, whatever order they are named in', () => {
    const list = listOf([1040, 1040, 1040]);
    const names = list.entries.map(({ bidKey }) => bidKey).toReversed();
    const { selected } = selectNamed(list, startProgress(list), names);
    expect(selected.map(({ position }) => position)).toEqual([0, 1, 2]);
  });

  test('are refused together where their buckets are too large', () => {
    const list = listOf(Array<number>(17).fill(16400));
    const names = list.entries.map(({ bidKey }) => bidKey);
    expect(() => selectNamed(list, startProgress(list), names)).toThrow(
      '"what":"bytes of a combine"',
    );
    expect(selectNamed(list, startProgress(list), names.slice(1)).selected).toHaveLength(16);
  });

  test('cost no more the longer the list is', () => {
    const list = listOf(Array<number>(20_000).fill(1040));
    const names = list.entries.slice(-50).map(({ bidKey }) => bidKey);
    const startedAtMs = performance.now();
    expect(selectNamed(list, startProgress(list), names).selected).toHaveLength(50);
    expect(performance.now() - startedAtMs).toBeLessThan(500);
  });
});
