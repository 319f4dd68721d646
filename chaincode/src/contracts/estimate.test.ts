import { beforeAll, describe, expect, test } from '@jest/globals';
import { makeSelfOpen } from '@procurement/sealed';
import { LOTS, newPeople, type People, Procurement } from '../test-support/procurement';
import { type Sealed, sealedEstimate } from '../test-support/sealed-bids';

const road = { lotId: LOTS.road, rate: '500' };

describe('the official estimate', () => {
  let people: People;
  let world: Procurement;
  let estimate: Sealed;

  beforeAll(async () => {
    people = newPeople();
    world = await (await Procurement.start(people)).untilPublished();
    estimate = await sealedEstimate(world, { ...road, rate: '300' });
    await world.submit(people.officer, 'bid:submit', estimate.input);
    await world.bid(1, road);
  });

  test('is sealed by an officer of the buyer and by nobody else', async () => {
    const { tenderId } = world;
    expect(
      await world.ledger.refusal(people.otherOfficer, 'bid:submit', {
        ...estimate.input,
        requestId: 'r',
      }),
    ).toMatchObject({ code: 'AGENCY' });
    expect(await world.ledger.refusal(people.otherOfficer, 'bid:mine', { tenderId })).toMatchObject(
      { code: 'AGENCY' },
    );
    const { bids } = await world.ledger.query(people.officer, 'bid:mine', { tenderId });
    expect(bids).toMatchObject([{ bidKey: `bid/${tenderId}/road/.estimate`, version: 1 }]);
    for (const person of [people.otherOfficer, people.auditor, people.vendors[1]!]) {
      const seen = await world.ledger.query(person, 'bid:list', { tenderId });
      expect(seen).toMatchObject({ complete: false, bids: [] });
    }
  });

  test('is replaced, confirmed and withdrawn like a bid, until the deadline', async () => {
    const own = world.fork();
    const { tenderId } = own;
    const noticeHash = await own.noticeHash();
    const lot = { tenderId, lotId: 'road' };
    await own.submit(people.officer, 'bid:confirm', { ...lot, noticeHash });
    await own.submit(people.officer, 'bid:withdraw', lot);
    own.awaitClose();
    expect(
      await own.ledger.refusal(people.officer, 'bid:withdraw', { requestId: 'late', ...lot }),
    ).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('opens with the bids, is examined, has no place and wins nothing', async () => {
    const own = world.fork();
    await own.open();
    await own.evaluate();
    const { lots: awarded } = await own.decide();
    expect(awarded).toMatchObject([{ lotId: 'road', vendorId: 'vendor-1' }, { lotId: 'bridge' }]);
    const { lots } = await own.ledger.query(people.auditor, 'award:get', {
      tenderId: own.tenderId,
    });
    const [lot] = lots as { bids: { vendorId: string }[]; ranks: { vendorId: string }[] }[];
    expect(lot?.bids.map(({ vendorId }) => vendorId)).toEqual(['.estimate', 'vendor-1']);
    expect(lot?.ranks.map(({ vendorId }) => vendorId)).toEqual(['vendor-1']);
  });

  test('is opened by the buyer itself where seats are missing', async () => {
    const own = world.fork();
    await own.close();
    const selfOpen = makeSelfOpen(estimate.secret);
    expect(
      await own.ledger.refusal(people.vendors[0]!, 'opening:selfOpen', {
        ...own.onTender,
        selfOpen,
      }),
    ).toMatchObject({
      code: 'STATE',
    });
    const opened = await own.submit(people.officer, 'opening:selfOpen', {
      ...{ tenderId: own.tenderId, selfOpen },
    });
    expect(opened).toMatchObject({ bids: [{ bidKey: selfOpen.bidKey, state: 'OPENED' }] });
  });
});
