import type { WrittenBid } from '@procurement/client';
import { formatAmount, lineAmountMinor, parseAmount } from '@procurement/protocol';
import { bill, type Bidder } from './scenario';

/** Thousandths in one, the unit of a bidder's price level. */
const LEVEL_UNIT = 1_000n;

/**
 * A bidder's bid for one lot, with the flaw that the scenario gives it: a typed total below the sum
 * of the lines, or an item named twice. What the ledger knows besides is filled in at sealing.
 */
export function composeBid(bid: { readonly bidder: Bidder; readonly lotId: string }): WrittenBid {
  const { bidder, lotId } = bid;
  const level = bidder.level[lotId] ?? LEVEL_UNIT;
  const lines = bill
    .filter((line) => line.lotId === lotId)
    .map(({ itemId, quantity, baseRate }) => {
      const rate = formatAmount((baseRate * level) / LEVEL_UNIT);
      const amount = formatAmount(lineAmountMinor({ quantity, rate }));
      return { itemId, quantity, rate, amount };
    });
  const total = lines.reduce((sum, { amount }) => sum + parseAmount(amount), 0n);
  return {
    lotId,
    lines: bidder.flaw === 'item-twice' ? [...lines, ...lines.slice(0, 1)] : lines,
    total: formatAmount(bidder.flaw === 'total-too-low' ? (total * 9n) / 10n : total),
  };
}
