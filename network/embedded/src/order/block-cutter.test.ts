import { describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { BlockCutter } from './block-cutter';

const limits = {
  timeoutMs: 10,
  maxMessageCount: 3,
  preferredMaxBytes: 100,
  absoluteMaxBytes: 1000,
};

function envelope(sizeBytes: number): common.Envelope {
  const message = new common.Envelope();
  message.setPayload(new Uint8Array(sizeBytes));
  return message;
}

function sizes(batches: readonly (readonly common.Envelope[])[]): number[][] {
  return batches.map((batch) => batch.map((one) => one.getPayload_asU8().length));
}

describe('the block cutter', () => {
  test('closes a block at its greatest number of transactions', () => {
    const cutter = new BlockCutter(limits);
    expect(cutter.add(envelope(1))).toEqual([]);
    expect(cutter.add(envelope(2))).toEqual([]);
    expect(sizes(cutter.add(envelope(3)))).toEqual([[1, 2, 3]]);
    expect(cutter.pendingCount).toBe(0);
  });

  test('closes the block before one that would make it too big', () => {
    const cutter = new BlockCutter(limits);
    cutter.add(envelope(60));
    expect(sizes(cutter.add(envelope(41)))).toEqual([[60]]);
    expect(sizes([cutter.cut()])).toEqual([[41]]);
  });

  test('fills a block to exactly the preferred size', () => {
    const cutter = new BlockCutter(limits);
    cutter.add(envelope(60));
    expect(cutter.add(envelope(40))).toEqual([]);
    expect(cutter.pendingCount).toBe(2);
  });

  test('puts a transaction above the preferred size into a block of its own, in order', () => {
    const cutter = new BlockCutter(limits);
    cutter.add(envelope(10));
    expect(sizes(cutter.add(envelope(101)))).toEqual([[10], [101]]);
    expect(cutter.pendingCount).toBe(0);
  });

  test('gives one when the next overflows and fills the count at once', () => {
    const cutter = new BlockCutter({ ...limits, maxMessageCount: 1 });
    expect(sizes(cutter.add(envelope(5)))).toEqual([[5]]);
    expect(cutter.cut()).toEqual([]);
  });
});
