import { beforeAll, describe, expect, test } from '@jest/globals';
import { fromBase64url, toBase64url, toHex, utf8 } from '@procurement/protocol';
import type { SealCode } from './codes';
import { combine, combineShares, type SeatShare } from './combine';
import { ready } from './group';
import { chunkCount, chunkOf, chunkPlace, listHash, sortList } from './list';
import { checkShares, makeShares, type OpenShares } from './open';
import { checkSelfOpen, makeSelfOpen, openOwnBid } from './self-open';
import { subsets } from './test-support/check-set';
import {
  bidOf,
  listedIn,
  sealedBy,
  type TestBid,
  type TestList,
  tenderOf,
  type TestTender,
} from './test-support/tenders';
import { compareTickets, ticket } from './tie';

let three: TestTender;
let list: TestList;
let first: TestBid;

beforeAll(async () => {
  await ready();
  three = tenderOf({ n: 3, t: 2 });
  const vendors = ['vendor-1', 'vendor-2', 'vendor-3'];
  const bids = await Promise.all(
    vendors.map(async (vendor) => sealedBy(three.committee, bidOf(vendor))),
  );
  list = listedIn(three.committee, bids);
  first = list.bids[0]!;
});

function sharesOf(tender: TestTender, of: TestList, seat: number, chunk = 0): OpenShares {
  const deals = of.bids.map(({ sealed }) => sealed.envelope);
  const secret = tender.secrets[seat - 1]!;
  return makeShares({ ...tender, listHash: of.listHash, deals, chunk, seat, secret });
}

function posted(
  change: Partial<Parameters<typeof checkShares>[0]>,
  tender = three,
  of = list,
): SealCode | 'OK' {
  const message = change.message ?? sharesOf(tender, of, 1);
  const { seat, chunk } = message as OpenShares;
  const deals = chunkOf(of.bids, chunk).map(({ sealed }) => sealed.envelope);
  try {
    checkShares({
      committee: tender.committee,
      list: { listHash: of.listHash, count: of.bids.length },
      deals,
      posterSpki: tender.tender.keys[seat - 1]?.spki ?? '',
      isAccepted: false,
      ...change,
      message,
    });
    return 'OK';
  } catch (error) {
    return (error as { code: SealCode }).code;
  }
}

describe('shares', () => {
  test('of every seat are taken, and not a second time', () => {
    for (const seat of [1, 2, 3]) {
      expect(posted({ message: sharesOf(three, list, seat) })).toBe('OK');
    }
    expect(posted({ isAccepted: true })).toBe('REPEAT');
  });

  test('are refused before the list is fixed, from others, and for other lists', () => {
    const message = sharesOf(three, list, 1);
    expect(posted({ list: undefined })).toBe('STATE');
    expect(posted({ posterSpki: three.tender.keys[1]!.spki })).toBe('SEAT');
    expect(posted({ message: { ...message, seat: 0 }, posterSpki: message.S[0]! })).toBe('SEAT');
    expect(posted({ message: { ...message, seat: -1 } })).toBe('SEAT');
    expect(posted({ message: { ...message, chunk: 1 } })).toBe('CHUNK');
    expect(posted({ message: { ...message, chunk: -1 } })).toBe('CHUNK');
    const other = listHash(three.committee, list.entries.slice(1));
    expect(posted({ list: { listHash: other, count: 2 } })).toBe('LIST');
  });

  test('made for one tender do not serve in another', () => {
    const message = sharesOf(three, list, 1);
    const again = tenderOf({ n: 3, t: 2 }, 'T-again');
    expect(posted({ message, committee: again.committee })).toBe('STATE');
    const renamed = { ...message, tenderId: 'T-again' };
    const posterSpki = again.tender.keys[0]!.spki;
    expect(posted({ message: renamed, committee: again.committee, posterSpki })).toBe('OPEN');
  });

  test('are not made with the secret of another seat or for a chunk that is not there', () => {
    const secret = three.secrets[1]!;
    const deals = [first.sealed.envelope];
    const opening = { ...three, listHash: list.listHash, deals, chunk: 0, seat: 1 };
    expect(() => makeShares({ ...opening, secret })).toThrow(RangeError);
    const mine = { ...opening, secret: three.secrets[0]! };
    expect(() => makeShares({ ...mine, chunk: 1 })).toThrow(RangeError);
  });

  test('are made and taken chunk by chunk above 200 bids', async () => {
    // One envelope stands in for many: the proof does not care where the pairs come from.
    const many = Array.from({ length: 201 }, (_, index) => ({
      ...first,
      bid: { ...first.bid, vendorId: `vendor-${index}` },
    }));
    const long = listedIn(three.committee, many);
    expect(chunkCount(long.entries.length)).toBe(2);
    expect(chunkPlace(200)).toEqual({ chunk: 1, index: 0 });
    const shares = [0, 1].map((chunk) => sharesOf(three, long, 1, chunk));
    expect(shares.map(({ S }) => S.length)).toEqual([200, 1]);
    for (const message of shares) expect(posted({ message }, three, long)).toBe('OK');
    const swapped = { ...shares[1]!, chunk: 0 };
    expect(posted({ message: swapped }, three, long)).toBe('COUNT');
    const both = [shares[1]!, sharesOf(three, long, 3, 1)];
    const opened = await combine({
      committee: three.committee,
      bid: first.bid,
      envelope: first.sealed.envelope,
      shares: both.map(({ seat, S }) => ({ seat, S: S[0]! })),
    });
    expect(opened.state).toBe('OPENED');
  });
});

describe('combining', () => {
  function sharesOfFirst(): SeatShare[] {
    return [1, 2, 3].map((seat) => ({ seat, S: sharesOf(three, list, seat).S[0]! }));
  }

  test('gives the same secret from every t seats, which is the vendor’s own', async () => {
    const { secret } = await openOwnBid({ ...three, ...first, ...first.sealed });
    for (const two of subsets(sharesOfFirst(), 2)) {
      expect(combineShares(three.committee, two)).toBe(secret);
    }
  });

  test('is refused with one seat too few', () => {
    const [only] = sharesOfFirst();
    const refusal = expect.objectContaining({ code: 'FEW' });
    expect(() => combineShares(three.committee, [only!])).toThrow(refusal);
    expect(() => combineShares(three.committee, [])).toThrow(refusal);
  });

  test('works from eight of fifteen seats', async () => {
    const large = tenderOf({ n: 15, t: 8 });
    const bid = await sealedBy(large.committee, bidOf('vendor-1'));
    const one = listedIn(large.committee, [bid]);
    const shares = [15, 2, 13, 4, 11, 6, 9, 8].map((seat) => sharesOf(large, one, seat));
    for (const message of shares) expect(posted({ message }, large, one)).toBe('OK');
    const opened = await combine({
      committee: large.committee,
      bid: bid.bid,
      envelope: bid.sealed.envelope,
      shares: shares.map(({ seat, S }) => ({ seat, S: S[0]! })),
    });
    expect(opened).toMatchObject({
      state: 'OPENED',
      plain: utf8('{"amount":"1250000","currency":"BTN"}'),
    });
  });
});

describe('a self-opening', () => {
  test('is taken from the vendor while the bid has no final state', () => {
    const { envelope, seed } = first.sealed;
    const message = makeSelfOpen({ ...three, bid: first.bid, seed });
    const posting = { ...three, bid: first.bid, envelope, message, isOpenable: true };
    expect(checkSelfOpen(posting)).toEqual(message);
    const refusal = expect.objectContaining({ code: 'STATE' });
    expect(() => checkSelfOpen({ ...posting, isOpenable: false })).toThrow(refusal);
    const other = list.bids[1]!;
    const moved = { ...posting, bid: other.bid, envelope: other.sealed.envelope };
    expect(() => checkSelfOpen(moved)).toThrow(refusal);
  });
});

describe('the list', () => {
  test('is ordered by the bytes of its keys', () => {
    const keys = ['bid/T/L1/b', 'bid/T/L1-b/a', 'bid/T/L1/a', 'bid/T/L1/B', 'bid/T/L1/.estimate'];
    const rows = keys.map((bidKey) => ({ bidKey }));
    expect(sortList(rows).map(({ bidKey }) => bidKey)).toEqual([
      'bid/T/L1-b/a',
      'bid/T/L1/.estimate',
      'bid/T/L1/B',
      'bid/T/L1/a',
      'bid/T/L1/b',
    ]);
  });
});

describe('a ticket', () => {
  const secrets = ['A', 'B', 'C'].map((letter) => letter.repeat(42) + 'A');

  function ticketOf(change: Partial<Parameters<typeof ticket>[0]>): string {
    const tender = three.committee;
    const bidKey = list.entries[0]!.bidKey;
    return ticket({ tender, listHash: list.listHash, bidKey, secrets, ...change });
  }

  test('depends on the bid, the list and every secret in list order', () => {
    const tickets = [
      ticketOf({}),
      ticketOf({ bidKey: list.entries[1]!.bidKey }),
      ticketOf({ listHash: 'A'.repeat(43) }),
      ticketOf({ secrets: [...secrets].reverse() }),
      ticketOf({ secrets: secrets.slice(1) }),
      ticketOf({ tender: { ...three.committee, tenderId: 'T-other' } }),
    ];
    expect(new Set(tickets).size).toBe(tickets.length);
    expect(ticketOf({})).toBe(tickets[0]);
  });

  test('is compared by its bytes and not by its text', () => {
    const low = toBase64url(new Uint8Array(32).fill(0x68));
    const high = toBase64url(new Uint8Array(32).fill(0xf8));
    expect(low > high).toBe(true);
    expect(compareTickets(low, high)).toBe(-1);
    expect(compareTickets(high, low)).toBe(1);
    expect(compareTickets(low, low)).toBe(0);
    expect(toHex(fromBase64url(high))).toBe('f8'.repeat(32));
  });
});
