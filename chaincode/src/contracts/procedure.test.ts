import { beforeAll, describe, expect, test } from '@jest/globals';
import { LOTS, newPeople, type People, Procurement, TENDER_ID } from '../test-support/procurement';

let people: People;

beforeAll(() => {
  people = newPeople();
});

describe('a procurement from draft to award', () => {
  test('goes lot by lot to the lowest evaluated amount', async () => {
    const procurement = await (await Procurement.start(people)).untilPublished();
    const { ledger, tenderId } = procurement;
    await procurement.bid(1, { lotId: LOTS.road, rate: '500' });
    await procurement.bid(2, { lotId: LOTS.road, rate: '400' });
    await procurement.bid(3, { lotId: LOTS.road, rate: '450' });
    await procurement.bid(1, { lotId: LOTS.bridge, rate: '900000' });
    await procurement.bid(2, { lotId: LOTS.road, rate: '460' }, 2);
    await procurement.open();
    await procurement.evaluate();
    const decision = await procurement.decide();
    expect(decision).toEqual({
      tenderId,
      state: 'awarded',
      lots: [
        {
          outcome: 'awarded',
          lotId: LOTS.road,
          bidKey: `bid/${TENDER_ID}/road/vendor-3`,
          vendorId: 'vendor-3',
          amount: '702281',
          currency: 'BTN',
        },
        {
          outcome: 'awarded',
          lotId: LOTS.bridge,
          bidKey: `bid/${TENDER_ID}/bridge/vendor-1`,
          vendorId: 'vendor-1',
          amount: '7200000',
          currency: 'BTN',
        },
      ],
    });
    const record = await ledger.query(people.auditor, 'audit:record', { tenderId });
    expect(record).toMatchObject({ tender: { state: 'awarded' } });
    expect(record['bids']).toHaveLength(4);
    expect(record['shares']).toHaveLength(3);
  });
});
