import { beforeAll, describe, expect, test } from '@jest/globals';
import { encodeCanonical, utf8 } from '@procurement/protocol';
import type { ReadTransaction } from '@procurement/protocol/fabric';
import { WrittenBid } from '../test-support/written-bid';
import { checkBidOf } from './check-bid';

let bid: WrittenBid;

beforeAll(async () => {
  bid = await WrittenBid.make();
});

/** The part of a transaction that says which bid it hands in. */
function transactionOf(name: string, record = bid.record()): ReadTransaction {
  return {
    proposal: { transaction: name, args: [encodeCanonical(bid.input)] },
    result: utf8(encodeCanonical(bid.answer())),
    writes: [{ key: 'bid', value: record }],
  } as unknown as ReadTransaction;
}

describe('the bid of a receipt', () => {
  test('is the one that was handed in and written', () => {
    expect(() => {
      checkBidOf(transactionOf('bid:submit'), bid.envelopeHash);
    }).not.toThrow();
  });

  test.each<[string, () => string | undefined]>([
    ['another envelope', () => bid.otherHash],
    ['no envelope', () => undefined],
  ])('is not one where the receipt names %s', (_, hash) => {
    expect(() => {
      checkBidOf(transactionOf('bid:submit'), hash());
    }).toThrow('the receipt names another envelope than the bid that was written');
  });

  test('is not one where another was written', () => {
    const record = bid.record({ envelopeHash: bid.otherHash });
    expect(() => {
      checkBidOf(transactionOf('bid:submit', record), bid.envelopeHash);
    }).toThrow('the transaction would not write the bid that was sealed here');
  });

  test('is none where the transaction hands in none', () => {
    expect(() => {
      checkBidOf(transactionOf('vendor:register'), bid.envelopeHash);
    }).toThrow('the receipt names an envelope and is of no bid');
  });
});
