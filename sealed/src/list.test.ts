import { describe, expect, test } from '@jest/globals';
import { type FirstEnvelope, secondList } from './list';

const entry = (
  lotId: string,
  vendorId: string,
): Record<'bidKey' | 'lotId' | 'vendorId', string> => ({
  bidKey: `bid/T.financial/${lotId}/${vendorId}`,
  lotId,
  vendorId,
});
const first = (lotId: string, vendorId: string, change: object = {}): FirstEnvelope => ({
  ...{ lotId, vendorId, state: 'OPENED', passed: true },
  ...change,
});

describe('the list of second envelopes', () => {
  test('holds the bids of the same lot and vendor whose first envelope is opened and passed', () => {
    const entries = [entry('L2', 'a'), entry('L1', 'b'), entry('L1', 'a'), entry('L1', 'c')];
    const { listed, excluded } = secondList(entries, [
      first('L1', 'a'),
      first('L1', 'b', { passed: false }),
      first('L1', 'c', { state: 'INVALID_GCM' }),
    ]);
    expect(listed).toEqual([entry('L1', 'a')]);
    expect(excluded).toEqual([entry('L1', 'b'), entry('L1', 'c'), entry('L2', 'a')]);
  });

  test('holds nobody who handed in no first envelope, and needs no second for every first', () => {
    const firsts = [first('L1', 'a'), first('L1', 'x')];
    expect(secondList([entry('L1', 'a'), entry('L1', 'b')], firsts).listed).toHaveLength(1);
    expect(secondList([], firsts)).toEqual({ listed: [], excluded: [] });
  });
});
