import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deadlineOf, type ListedBid, type QueryResult, toBase64url } from '@procurement/protocol';
import { ready } from '@procurement/sealed';
import { makeOpening, type OpeningKey } from './officer';
import { type PreparedBid, sealBid } from './sealing';
import {
  apiOf,
  closedWith,
  type FakeTender,
  newFakeTender,
  spkiOf,
  written,
} from './test-support/fake-tender';

let fake: FakeTender;
let bids: PreparedBid[];
let openingKey: OpeningKey;
/** What the gateway shows of the list. */
let list: QueryResult<'opening:list'>;
let closed: ReturnType<typeof closedWith>;

beforeAll(async () => {
  await ready();
  fake = await newFakeTender();
  const { mspId, spki, y } = fake.view.records[0]!;
  openingKey = {
    ...{ schema: 'opening-key/1', tenderId: 'T-1', seat: 1, mspId, spki, y },
    secret: toBase64url(fake.secrets[0]!.slice()),
  };
  bids = [await sealedBy('vendor-1'), await sealedBy('vendor-2')];
  closed = closedWith(
    fake,
    bids.map(({ submission, secret: { bid, envelopeHash } }) => {
      return { ...submission, ...bid, envelopeHash };
    }),
  );
});

beforeEach(() => {
  ({ list } = closed);
});

function sealedBy(vendorId: string): Promise<PreparedBid> {
  const me = (): object => ({ mspId: 'VendorMSP', spki: spkiOf(9), role: 'vendor', vendorId });
  return sealBid({ api: apiOf(fake, { me }), tenderId: 'T-1', written });
}

function opening(nowMs?: number): ReturnType<typeof makeOpening> {
  const { tender } = closed;
  const api = apiOf({ ...fake, tender }, { opening: () => ({ status: {}, list }) });
  return makeOpening({ api, openingKey, ...(nowMs === undefined ? {} : { nowMs }) });
}

describe("an officer's shares of second envelopes", () => {
  const tenderId = 'T-1.financial';
  let second: ReturnType<typeof closedWith>;
  let key: OpeningKey;
  let of: FakeTender;

  beforeAll(async () => {
    of = await newFakeTender(tenderId);
    key = { ...openingKey, tenderId, y: of.view.records[0]!.y };
    key = { ...key, secret: toBase64url(of.secrets[0]!.slice()) };
    const { submission, secret } = await sealBid({ api: apiOf(of), tenderId, written });
    second = closedWith(of, [{ ...submission, ...secret.bid, envelopeHash: secret.envelopeHash }]);
  });

  function openedAfter(technical: object | undefined): ReturnType<typeof makeOpening> {
    const api = apiOf(
      { ...of, tender: second.tender },
      {
        opening: () => ({ status: {}, list: second.list }),
        award: (asked: string) => ({ tenderId: asked, lots: [], technical }),
      },
    );
    return makeOpening({ api, openingKey: key });
  }

  const passed = { lotId: 'L1', vendorId: 'vendor-1', state: 'OPENED', passed: true };

  test('are made for a bid whose first envelope passed', async () => {
    expect((await openedAfter({ results: [passed] })).bidCount).toBe(1);
  });

  test.each([
    ['did not pass', { results: [{ ...passed, passed: false }] }],
    ['passed for another lot', { results: [{ ...passed, lotId: 'L2' }] }],
    ["is another vendor's", { results: [{ ...passed, vendorId: 'vendor-2' }] }],
    ['was not judged yet', undefined],
  ])('are not made for a listed bid whose first envelope %s', async (_, technical) => {
    await expect(openedAfter(technical)).rejects.toMatchObject({
      code: 'LIST',
      message: `the first envelope of bid/${tenderId}/L1/vendor-1 did not pass`,
    });
  });
});

describe("an officer's shares", () => {
  test('are made for the whole list, once its bids are verified', async () => {
    const { postings, bidCount } = await opening();
    expect(bidCount).toBe(2);
    expect(postings.map(({ shares }) => [shares.S.length, shares.listHash])).toEqual([
      [2, closed.list.listHash],
    ]);
  });

  test('are not made before deadline and grace have passed by the own clock', async () => {
    const endMs = Date.parse(deadlineOf(closed.tender)) + closed.tender.graceMs;
    await expect(opening(endMs)).rejects.toMatchObject({
      message: 'by the clock of this machine the period for bids has not ended',
    });
    expect((await opening(endMs + 1)).bidCount).toBe(2);
  });

  test('are not made for bids in another order, which gave one the share of the other', async () => {
    list = { ...list, bids: [...list.bids].reverse() };
    await expect(opening()).rejects.toMatchObject({
      message: 'the list shown is not the one that was fixed',
    });
  });

  test('are not made for another list than the one that was fixed', async () => {
    list = { ...list, count: 1, bids: list.bids.slice(0, 1) };
    await expect(opening()).rejects.toMatchObject({
      message: 'the list shown is not the one that was fixed',
    });
  });

  test('are not made for another envelope of the same bid, although its deal holds', async () => {
    const { envelope } = (await sealedBy('vendor-1')).submission;
    const [first, ...others] = list.bids;
    const swapped = { ...first!, envelope: envelope as ListedBid['envelope'] };
    list = { ...list, bids: [swapped, ...others] };
    await expect(opening()).rejects.toMatchObject({
      message: `the envelope of ${swapped.bidKey} is another one`,
    });
  });
});
