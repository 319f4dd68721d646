import { describe, expect, test } from '@jest/globals';
import { type Fact, Reject, type TenderDraft, tenderDraftSchema } from '@procurement/protocol';
import { closeTender, createTender, fixListOf, requireLot, requirePeriods } from './tender';

const hashOfSeat = (index: number): string => `${'ABCDEFGHIJKLMNO'.charAt(index)}${'A'.repeat(42)}`;
const created: Fact = {
  at: '2027-01-01T00:00:00.000Z',
  by: { mspId: 'MinistryMSP', spki: 'A'.repeat(43) },
  transactionId: 'a'.repeat(64),
};
const item = (itemId: string): TenderDraft['items'][number] => ({
  ...{ itemId, description: itemId, unit: 'm', quantity: '1' },
});
const seatsOf = (mspIds: readonly string[]): TenderDraft['committee']['seats'] =>
  mspIds.map((mspId, index) => ({
    seat: index + 1,
    mspId: mspId as 'MinistryMSP',
    spki: hashOfSeat(index),
  }));
const FIVE = ['MinistryMSP', 'MinistryMSP', 'AuditorMSP', 'AuditorMSP', 'VendorMSP'];

const draft: TenderDraft = tenderDraftSchema.parse({
  tenderId: 'T',
  title: 'Road',
  description: '',
  buyer: { agency: 'MoIT', name: 'Ministry' },
  currency: 'BTN',
  items: [item('a'), item('b')],
  lots: [
    { lotId: 'one', title: 'One', itemIds: ['a'] },
    { lotId: 'two', title: 'Two', itemIds: ['b'] },
  ],
  documents: [],
  deadline: '2027-02-01T00:00:00.000Z',
  graceMs: 1000,
  committee: { t: 3, seats: seatsOf(FIVE) },
  awardCriterion: 'lowest-evaluated-amount',
});

function refusalOf(change: object): unknown {
  try {
    createTender({ ...draft, ...change }, created);
    return undefined;
  } catch (error) {
    return error instanceof Reject ? { code: error.code, ...error.args } : error;
  }
}

describe('a draft', () => {
  test('keeps everything it says', () => {
    expect(createTender(draft, created)).toEqual({ schema: 'tender/1', ...draft, created });
  });

  test.each([
    [{ items: [item('a'), item('a')] }, 'items[1].itemId', 'repeated'],
    [{ lots: [draft.lots[0], draft.lots[0]] }, 'lots[1].lotId', 'repeated'],
    [{ items: [item('a'), item('b'), item('c')] }, 'items[2]', 'in no lot'],
    [{ items: [item('a')] }, 'lots[1].itemIds[0]', 'unknown item'],
    [
      { lots: [{ lotId: 'one', title: 'One', itemIds: ['a', 'b', 'a'] }] },
      'lots[0].itemIds[2]',
      'repeated',
    ],
  ])('that does not fit together is refused: %#', (change, path, problem) => {
    expect(refusalOf(change)).toEqual({ code: 'DRAFT', path, problem });
  });

  test.each([
    ['too few needed', 1, FIVE, 'SIZE'],
    ['more than half needed', 4, FIVE, 'SIZE'],
    ['no seats', 2, [], 'SIZE'],
    ['sixteen seats', 2, Array<string>(16).fill('MinistryMSP'), 'SIZE'],
    ['one organisation able to open', 2, ['MinistryMSP', 'MinistryMSP', 'VendorMSP'], 'ORG'],
    ['one organisation able to block', 3, [...FIVE.slice(0, 4), 'AuditorMSP'], 'ORG'],
    ['one of each, two needed', 2, ['MinistryMSP', 'AuditorMSP', 'VendorMSP'], undefined],
  ])('with a committee of %s', (_name, t, mspIds, code) => {
    const refusal = refusalOf({ committee: { t, seats: seatsOf(mspIds) } });
    expect((refusal as { code?: string } | undefined)?.code).toBe(code);
  });

  test('with seats out of order, or one person in two, is refused', () => {
    const seats = seatsOf(FIVE);
    expect(refusalOf({ committee: { t: 3, seats: seats.toReversed() } })).toEqual({
      code: 'SEAT',
      item: 'seat 1',
    });
    const twice = seats.map((seat) => ({ ...seat, spki: hashOfSeat(0) }));
    expect(refusalOf({ committee: { t: 3, seats: twice } })).toEqual({
      code: 'DUPLICATE',
      item: 'seat 2',
    });
  });
});

describe('the periods', () => {
  const tender = createTender(draft, created);
  const deadlineMs = Date.UTC(2027, 1, 1);

  test('may be as short as the floors, and no shorter', () => {
    const floors = { minBiddingMs: 5000, minGraceMs: 1000 };
    requirePeriods(tender, deadlineMs - 5000, floors);
    expect(() => {
      requirePeriods(tender, deadlineMs - 4999, floors);
    }).toThrow(new Reject('PERIOD', { period: 'bidding', actualMs: 4999, minimumMs: 5000 }));
    expect(() => {
      requirePeriods(tender, 0, { ...floors, minGraceMs: 1001 });
    }).toThrow(new Reject('PERIOD', { period: 'grace', actualMs: 1000, minimumMs: 1001 }));
  });
});

describe('a closed tender', () => {
  const tender = createTender(draft, created);
  const fixed = { ...created, at: '2027-03-01T00:00:00.000Z' };
  const closed = closeTender(tender, fixed);
  const listHash = 'A'.repeat(43);

  test('is opened as soon as its list is fixed where nothing is listed, and not otherwise', () => {
    expect(fixListOf(closed, { fixed, listHash, bidCount: 0 }).opened).toEqual(fixed);
    expect(fixListOf(closed, { fixed, listHash, bidCount: 1 }).opened).toBeUndefined();
  });

  test('has the lots of its notice', () => {
    requireLot(tender, 'two');
    expect(() => {
      requireLot(tender, 'three');
    }).toThrow(new Reject('LOT', { lotId: 'three', tenderId: 'T' }));
  });
});
