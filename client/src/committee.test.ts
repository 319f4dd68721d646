import { beforeAll, describe, expect, test } from '@jest/globals';
import type { TenderView } from '@procurement/protocol';
import { ready } from '@procurement/sealed';
import type { ProcurementApi } from './api';
import { noticeHashOf, readCommittee } from './committee';
import { apiOf, type FakeTender, newFakeTender, spkiOf } from './test-support/fake-tender';

let fake: FakeTender;

beforeAll(async () => {
  await ready();
  fake = await newFakeTender();
});

/** A gateway that shows the tender with some members changed, and a hash that fits them. */
async function showing(change: Partial<TenderView>): Promise<ProcurementApi> {
  const changed = { ...fake.tender, ...change };
  const noticeHash = await noticeHashOf(changed, fake.view.committeeHash!);
  const tender = { ...changed, published: { ...fake.tender.published!, noticeHash } };
  return apiOf({ ...fake, tender });
}

describe('a committee', () => {
  test('is taken where it is the one that the notice appoints', async () => {
    const { committee } = await readCommittee({ api: await showing({}), tenderId: 'T-1' });
    expect(committee).toMatchObject({ n: 3, t: 2, tenderId: 'T-1' });
  });

  test.each<[string, () => Partial<TenderView>, string]>([
    [
      'somebody whom the notice does not appoint',
      () => {
        const { t, seats } = fake.tender.committee;
        const [first, ...others] = seats;
        return { committee: { t, seats: [{ ...first!, spki: spkiOf(50) }, ...others] } };
      },
      'a seat is held by someone whom the notice does not appoint',
    ],
    [
      'fewer who open than the notice says',
      () => ({ committee: { ...fake.tender.committee, t: 3 } }),
      'the committee is not of the size announced',
    ],
    [
      'fewer seats than the notice says',
      () => {
        const { t, seats } = fake.tender.committee;
        return { committee: { t, seats: [...seats, { ...seats[0]!, seat: 4 }] } };
      },
      'the committee is not of the size announced',
    ],
  ])('is not taken with %s, although every hash fits', async (_, change, message) => {
    const api = await showing(change());
    await expect(readCommittee({ api, tenderId: 'T-1' })).rejects.toMatchObject({ message });
  });

  test('is not taken where its records are others than those that were frozen', async () => {
    const other = await newFakeTender();
    const api = apiOf({ ...fake, view: other.view });
    await expect(readCommittee({ api, tenderId: 'T-1' })).rejects.toMatchObject({
      message: 'the committee shown is not the one that was frozen',
    });
  });

  test('is not taken of a tender whose text is not the notice that was published', async () => {
    const tender = { ...fake.tender, description: 'A road of two kilometres.' };
    const api = apiOf({ ...fake, tender });
    await expect(readCommittee({ api, tenderId: 'T-1' })).rejects.toMatchObject({
      message: 'the tender shown is not the notice published',
    });
  });
});
