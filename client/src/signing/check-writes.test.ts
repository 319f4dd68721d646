import { beforeAll, describe, expect, test } from '@jest/globals';
import { utf8 } from '@procurement/protocol';
import { WrittenBid } from '../test-support/written-bid';
import { checkWrites } from './check-writes';

let bid: WrittenBid;

beforeAll(async () => {
  bid = await WrittenBid.make();
});

function check(values: readonly Uint8Array[], answer = bid.answer()): void {
  const writes = values.map((value, index) => ({ key: `key ${index}`, value }));
  checkWrites({ name: 'bid:submit', input: bid.input, answer, writes });
}

describe('the writes of a bid', () => {
  test('are signed where the bid that was sealed here is among them', () => {
    check([utf8('no record'), bid.record()]);
  });

  test.each<[string, () => readonly Uint8Array[]]>([
    ['nothing', () => []],
    ['no bid', () => [utf8('{"schema":"request/1"}')]],
    ['a bid of another tender', () => [bid.record({ tenderId: 'T-2' })]],
    ['a bid for another lot', () => [bid.record({ lotId: 'L2' })]],
    ['another version', () => [bid.record({ version: 2 })]],
    ['another envelope', () => [bid.record({ envelopeHash: bid.otherHash })]],
  ])('are not signed where they are %s', (_, values) => {
    expect(() => {
      check(values());
    }).toThrow(expect.objectContaining({ name: 'CheckFailed' }));
  });

  test('are not signed where the ledger says that it took another envelope', () => {
    expect(() => {
      check([bid.record()], bid.answer(bid.otherHash));
    }).toThrow('the ledger took another envelope');
  });
});
