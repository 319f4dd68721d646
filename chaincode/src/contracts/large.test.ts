import '../test-support/quiet';
import { describe, expect, test } from '@jest/globals';
import { type People, newPeople, Procurement } from '../test-support/procurement';
import { personOf } from '../test-support/ledger';

const ORGANIZATIONS = ['MinistryMSP', 'AuditorMSP', 'VendorMSP'];
const MINUTE_MS = 60_000;

/** People with so many seats, of the three organisations in turn, and so many vendors. */
function peopleOf(seatCount: number, vendorCount: number): People {
  const seats = Array.from({ length: seatCount }, (_, index) =>
    personOf(ORGANIZATIONS[index % ORGANIZATIONS.length]!, { role: 'committee' }),
  );
  const vendors = Array.from({ length: vendorCount }, () =>
    personOf('VendorMSP', { role: 'vendor' }),
  );
  return { ...newPeople(), seats, vendors };
}

/** A published tender of lots L1, L2, … whose committee opens with `t` of its seats. */
async function published(people: People, t: number, lotCount: number): Promise<Procurement> {
  const procurement = await Procurement.start(people);
  const numbers = Array.from({ length: lotCount }, (_, index) => index + 1);
  const seats = people.seats.map(({ mspId, spki }, index) => ({ seat: index + 1, mspId, spki }));
  const item = { description: 'Item', unit: 'piece', quantity: '10' };
  await procurement.create({
    items: numbers.map((number) => ({ itemId: `I${number}`, ...item })),
    lots: numbers.map((number) => ({
      ...{ lotId: `L${number}`, title: `Lot ${number}`, itemIds: [`I${number}`] },
    })),
    committee: { t, seats },
  });
  await procurement.registerKeys();
  await procurement.publish();
  await procurement.registerVendors();
  return procurement;
}

describe('a tender of more than two hundred bids', () => {
  test(
    'is listed in chunks, each of which needs its own shares, and opened with the last',
    async () => {
      const lotCount = 41;
      const people = peopleOf(3, 5);
      const procurement = await published(people, 2, lotCount);
      for (let lot = 1; lot <= lotCount; lot += 1) {
        for (let vendor = 1; vendor <= people.vendors.length; vendor += 1) {
          await procurement.bid(vendor, { lotId: `L${lot}`, rate: '500' });
        }
      }
      await procurement.close();
      const { tenderId, ledger } = procurement;
      const list = await ledger.query(people.seats[0]!, 'opening:list', { tenderId });
      expect(list).toMatchObject({ count: 205, chunks: 2 });
      for (const seat of [1, 3]) {
        const shares = await procurement.sharesOf(seat, 0);
        await procurement.submit(people.seats[seat - 1]!, 'opening:postShares', { shares });
      }
      let left = 205;
      while (left > 5)
        ({ remaining: left } = (await procurement.combine()) as { remaining: number });
      // The last five stand in the second chunk, for which nobody has posted.
      expect(
        await ledger.refusal(people.auditor, 'opening:combine', procurement.onTender),
      ).toMatchObject({ code: 'FEW' });
      for (const seat of [2, 3]) {
        const shares = await procurement.sharesOf(seat, 1);
        expect(shares.S).toHaveLength(5);
        await procurement.submit(people.seats[seat - 1]!, 'opening:postShares', { shares });
      }
      expect(await procurement.combine()).toMatchObject({ remaining: 0, state: 'opened' });
    },
    3 * MINUTE_MS,
  );
});

describe('a committee of fifteen', () => {
  test(
    'opens with any eight of its seats, and not with seven',
    async () => {
      const people = peopleOf(15, 1);
      const procurement = await published(people, 8, 1);
      await procurement.bid(1, { lotId: 'L1', rate: '500' });
      await procurement.close();
      await procurement.postShares(2, 3, 5, 8, 11, 14, 15);
      const { ledger } = procurement;
      expect(
        await ledger.refusal(people.auditor, 'opening:combine', procurement.onTender),
      ).toMatchObject({ code: 'FEW' });
      await procurement.postShares(9);
      expect(await procurement.combine()).toMatchObject({ remaining: 0, state: 'opened' });
    },
    MINUTE_MS,
  );
});
