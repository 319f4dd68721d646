import { describe, expect, test } from '@jest/globals';
import {
  bidKeyOf,
  envelopeOf,
  isBidderId,
  isId,
  isProcurementId,
  isTenderId,
  otherEnvelopeOf,
  parseBidKey,
  procurementIdOf,
} from './ids';

describe('ids', () => {
  test.each(['a', 'A.b_c-9', '0', 'x'.repeat(64)])('%j is one', (text) => {
    expect(isId(text)).toBe(true);
  });

  test.each([
    '',
    '.a',
    '-a',
    '_a',
    'a/b',
    'a b',
    'a\u0000',
    'a\u{10ffff}',
    'ä',
    'a\n',
    'x'.repeat(65),
  ])('%j is none', (text) => {
    expect(isId(text)).toBe(false);
  });

  test('a procurement leaves room for its two envelopes and does not pose as one of them', () => {
    expect(isProcurementId('x'.repeat(54))).toBe(true);
    expect(isProcurementId('x'.repeat(55))).toBe(false);
    expect(isProcurementId('T.technical')).toBe(false);
    expect(isProcurementId('T.financial')).toBe(false);
    expect(isProcurementId('T.technical.2')).toBe(true);
  });

  test('a tender is a procurement, or one of its two envelopes', () => {
    for (const text of ['T', 'T.technical', 'T.financial', `${'x'.repeat(54)}.technical`]) {
      expect(isTenderId(text)).toBe(true);
    }
    for (const text of ['.technical', 'T.technical.financial', `${'x'.repeat(55)}.technical`]) {
      expect(isTenderId(text)).toBe(false);
    }
    expect(['T', 'T.technical', 'T.financial'].map(envelopeOf)).toEqual([
      ...[undefined, 'technical', 'financial'],
    ]);
    expect(['T', 'T.technical', 'T.financial'].map(otherEnvelopeOf)).toEqual([
      ...[undefined, 'T.financial', 'T.technical'],
    ]);
    expect(['T', 'T.technical', 'T.financial'].map(procurementIdOf)).toEqual(['T', 'T', 'T']);
  });

  test('the estimate is the one bidder whose id begins with a dot', () => {
    expect(isBidderId('.estimate')).toBe(true);
    expect(isBidderId('.other')).toBe(false);
  });

  test('a bid key is read back into its parts, and nothing else is one', () => {
    const bid = { tenderId: 'T-1', lotId: 'L1', vendorId: '.estimate' };
    expect(bidKeyOf(bid)).toBe('bid/T-1/L1/.estimate');
    expect(parseBidKey(bidKeyOf(bid))).toEqual(bid);
    for (const text of ['bid/T/L', 'bid/T/L/V/W', 'bod/T/L/V', 'bid/T/.l/V', 'bid/T/L/.x', '']) {
      expect(parseBidKey(text)).toBeUndefined();
    }
  });
});
