import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toBase64url } from '@procurement/protocol';
import type { BidEvaluationRecord, TenderRecord } from '@procurement/protocol';
import { rankLot } from './evaluation';

const lot = { lotId: 'L', title: 'Lot', itemIds: ['a'] };
const tender = { tenderId: 'T', currency: 'BTN', lots: [lot] } as unknown as TenderRecord;

const bids = fc
  .array(
    fc.record({
      amount: fc.bigInt({ min: 0n, max: 5n }),
      ticket: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      responsive: fc.boolean(),
      lotId: fc.constantFrom('L', 'M'),
    }),
  )
  .map((rows) =>
    rows.map(({ amount, ticket, responsive, lotId }, index): BidEvaluationRecord => {
      const vendorId = `v${index}`;
      return {
        ...{ schema: 'bid-evaluation/1', tenderId: 'T', lotId, vendorId, state: 'OPENED' },
        ...{ bidKey: `bid/T/${lotId}/${vendorId}`, responsive, defects: [], differences: [] },
        ...{ typedTotal: '0', evaluatedAmount: amount.toString(), ticket: toBase64url(ticket) },
      };
    }),
  );

describe('a ranking', () => {
  test('is the same whatever order the bids come in', () => {
    fc.assert(
      fc.property(bids, (evaluations) => {
        expect(rankLot(tender, lot, evaluations.toReversed())).toEqual(
          rankLot(tender, lot, evaluations),
        );
      }),
    );
  });

  test('holds every responsive bid of its lot once, amounts ascending, ranks from 1', () => {
    fc.assert(
      fc.property(bids, (evaluations) => {
        const { ranks } = rankLot(tender, lot, evaluations);
        const due = evaluations.filter(({ lotId, responsive }) => responsive && lotId === 'L');
        expect(ranks.map(({ bidKey }) => bidKey).sort()).toEqual(
          due.map(({ bidKey }) => bidKey).sort(),
        );
        expect(ranks.map(({ rank }) => rank)).toEqual(ranks.map((_, index) => index + 1));
        const amounts = ranks.map(({ evaluatedAmount }) => BigInt(evaluatedAmount));
        expect(amounts.every((amount, index) => amount >= (amounts[index - 1] ?? 0n))).toBe(true);
      }),
    );
  });
});
