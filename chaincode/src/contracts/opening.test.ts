import { beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  type BidDocument,
  decodeCanonical,
  encodeCanonical,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import type { Envelope } from '@procurement/sealed';
import { personOf } from '../test-support/ledger';
import { changed, LOTS, newPeople, type People, Procurement } from '../test-support/procurement';

const road = { lotId: LOTS.road, rate: '500' };
const bridge = { lotId: LOTS.bridge, rate: '900000' };

let people: People;
let published: Procurement;
let closed: Procurement;

beforeAll(async () => {
  people = newPeople();
  published = await (await Procurement.start(people)).untilPublished();
  closed = published.fork();
  await closed.bid(3, road);
  await closed.bid(1, road);
  await closed.bid(2, bridge);
  await closed.close();
});

describe('the close', () => {
  test('may be called by anyone of the procurement, once', async () => {
    const { ledger } = published;
    for (const person of [people.officer, people.vendors[0]!, people.seats[0]!]) {
      const procurement = published.fork();
      procurement.awaitClose();
      await procurement.ledger.submit(person, 'tender:close', procurement.onTender);
      const again = procurement.ledger.refusal(person, 'tender:close', procurement.onTender);
      expect(await again).toMatchObject({ code: 'PHASE' });
    }
    expect(
      await ledger.query(people.officer, 'tender:get', { tenderId: 'MoIT-2027-014' }),
    ).toMatchObject({
      state: 'published',
    });
  });

  test('lists the last version of every bid in the order of the keys', async () => {
    const { tenderId } = closed;
    const list = await closed.ledger.query(people.seats[0]!, 'opening:list', { tenderId });
    const keys = (list['bids'] as { bidKey: string }[]).map(({ bidKey }) => bidKey);
    expect(keys).toEqual([
      `bid/${tenderId}/bridge/vendor-2`,
      `bid/${tenderId}/road/vendor-1`,
      `bid/${tenderId}/road/vendor-3`,
    ]);
  });

  test('records two facts of one transaction, and no number of bids', async () => {
    const tender = await closed.ledger.query(people.vendors[3]!, 'tender:get', {
      tenderId: closed.tenderId,
    });
    const { closed: close, listFixed } = tender as { closed: object; listFixed: object };
    expect(listFixed).toEqual({ ...close, listHash: expect.any(String) });
    expect(tender['opened']).toBeUndefined();
  });

  test('by a clock that lags behind the transaction is refused', async () => {
    const procurement = published.fork();
    procurement.awaitClose();
    const atMs = procurement.ledger.nowMs;
    procurement.ledger.nowMs -= 1;
    const reject = procurement.ledger.refusal(
      people.auditor,
      'tender:close',
      procurement.onTender,
      {
        atMs,
      },
    );
    expect(await reject).toMatchObject({ code: 'EARLY' });
  });
});

describe('the shares', () => {
  test('of someone who holds no seat, or another one, are refused', async () => {
    const shares = await closed.sharesOf(1);
    const stranger = personOf('MinistryMSP', { role: 'committee' });
    await closed.submit(stranger, 'key:register', { name: 'A stranger' });
    const input = { requestId: 'r', shares };
    for (const person of [stranger, people.seats[1]!]) {
      const reject = await closed.ledger.refusal(person, 'opening:postShares', input);
      expect(reject).toMatchObject({ code: 'SEAT', args: { item: 'poster' } });
    }
    const outOfRange = { requestId: 'r', shares: changed(shares, { seat: 9 }) };
    const reject = await closed.ledger.refusal(people.seats[0]!, 'opening:postShares', outOfRange);
    expect(reject).toMatchObject({ code: 'SEAT', args: { item: 'seat' } });
  });

  test('are refused when one of them is wrong, and do not count', async () => {
    const procurement = closed.fork();
    const { S, ...rest } = await procurement.sharesOf(2);
    const swapped = { requestId: 'r', shares: { ...rest, S: [S[1], S[0], S[2]] } };
    const reject = await procurement.ledger.refusal(
      people.seats[1]!,
      'opening:postShares',
      swapped,
    );
    expect(reject).toMatchObject({ code: 'OPEN' });
    await procurement.postShares(2);
  });

  test.each([[-1], [1]])('for chunk %d are refused', async (chunk) => {
    const shares = changed(await closed.sharesOf(1), { chunk });
    const input = { requestId: 'r', shares };
    const reject = await closed.ledger.refusal(people.seats[0]!, 'opening:postShares', input);
    expect(reject).toMatchObject({ code: 'CHUNK' });
  });

  test('show in the status seat by seat', async () => {
    const procurement = closed.fork();
    await procurement.postShares(2, 5);
    const { tenderId, ledger } = procurement;
    const status = await ledger.query(people.vendors[0]!, 'opening:status', { tenderId });
    const seats = status['seats'] as { seat: number; posted: boolean }[];
    expect(seats.filter(({ posted }) => posted).map(({ seat }) => seat)).toEqual([2, 5]);
    expect(status).toMatchObject({ ready: false, state: 'closed', t: 3 });
    await procurement.postShares(1);
    const after = await ledger.query(people.vendors[0]!, 'opening:status', { tenderId });
    expect(after).toMatchObject({ ready: true });
  });
});

describe('combining', () => {
  test.each([[[1, 2, 3]], [[1, 3, 5]], [[2, 4, 5]], [[1, 2, 3, 4, 5]]])(
    'opens the same bids whichever seats posted: %j',
    async (seats) => {
      const procurement = closed.fork();
      await procurement.postShares(...seats);
      const { bids, remaining, state } = await procurement.combine();
      expect({ remaining, state }).toEqual({ remaining: 0, state: 'opened' });
      const states = (bids as { state: string }[]).map((bid) => bid.state);
      expect(states).toEqual(['OPENED', 'OPENED', 'OPENED']);
      const { bids: views } = await procurement.ledger.query(people.vendors[3]!, 'bid:list', {
        tenderId: procurement.tenderId,
      });
      const documents = (views as { document: string }[]).map(
        ({ document }) => (JSON.parse(document) as BidDocument).vendorId,
      );
      expect(documents).toEqual(['vendor-2', 'vendor-1', 'vendor-3']);
    },
  );

  test('takes bids by name, refuses others one by one, and opens with the last', async () => {
    const procurement = closed.fork();
    const { ledger, tenderId } = procurement;
    await procurement.postShares(1, 2, 3);
    const first = `bid/${tenderId}/road/vendor-1`;
    const unknown = `bid/${tenderId}/road/vendor-9`;
    const combine = (bidKeys: string[]): Promise<Record<string, unknown>> =>
      procurement.submit(people.officer, 'opening:combine', { tenderId, bidKeys });
    const one = await combine([unknown, first]);
    expect(one).toEqual({
      tenderId,
      state: 'closed',
      bids: [{ bidKey: first, state: 'OPENED' }],
      refused: [{ bidKey: unknown, code: 'NOT_FOUND' }],
      remaining: 2,
    });
    expect(await ledger.query(people.auditor, 'bid:list', { tenderId })).toMatchObject({
      complete: false,
    });
    const rest = await combine([
      first,
      `bid/${tenderId}/road/vendor-3`,
      `bid/${tenderId}/bridge/vendor-2`,
    ]);
    expect(rest).toMatchObject({
      state: 'opened',
      refused: [{ bidKey: first, code: 'STATE' }],
      remaining: 0,
    });
  });

  test.each([
    [['bid/MoIT-2027-014/road/vendor-1', 'bid/MoIT-2027-014/road/vendor-1'], 'FORMAT'],
    [['road/vendor-1'], 'FORMAT'],
  ])('%j is refused as a whole with %s', async (bidKeys, code) => {
    const input = { ...closed.onTender, bidKeys };
    expect(await closed.ledger.refusal(people.auditor, 'opening:combine', input)).toMatchObject({
      code,
    });
  });

  test('tells nobody which bids there are before enough seats have posted', async () => {
    for (const bidKeys of [
      ['bid/MoIT-2027-014/road/vendor-1'],
      ['bid/MoIT-2027-014/road/vendor-9'],
      ['bid/MoIT-2027-014/road/vendor-1', 'bid/MoIT-2027-014/road/vendor-9'],
    ]) {
      const input = { ...closed.onTender, bidKeys };
      const refusal = await closed.ledger.refusal(people.vendors[0]!, 'opening:combine', input);
      expect(refusal).toMatchObject({ code: 'FEW', args: { item: 'shares' } });
    }
  });

  test('refuses a combine of unlisted bids alone', async () => {
    const procurement = closed.fork();
    await procurement.postShares(1, 2, 3);
    const input = { ...closed.onTender, bidKeys: ['bid/MoIT-2027-014/road/vendor-9'] };
    expect(
      await procurement.ledger.refusal(people.auditor, 'opening:combine', input),
    ).toMatchObject({ code: 'NOT_FOUND', args: { kind: 'bid', id: input.bidKeys[0] } });
  });

  test('twice at once opens a bid once', async () => {
    const procurement = closed.fork();
    await procurement.postShares(1, 2, 3);
    const { ledger } = procurement;
    const one = await ledger.endorse(people.auditor, 'opening:combine', procurement.onTender);
    const two = await ledger.endorse(people.officer, 'opening:combine', procurement.onTender);
    expect([ledger.commit(one), ledger.commit(two)]).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
    expect(one.event).toEqual({ name: 'TenderOpened', payload: { tenderId: closed.tenderId } });
  });

  test('gives every endorser the same writes', async () => {
    const procurement = closed.fork();
    await procurement.postShares(1, 2, 3);
    const input = procurement.onTender;
    const [one, two] = [procurement.fork(), procurement.fork()];
    two.ledger.nowMs += 1000;
    const atMs = procurement.ledger.nowMs;
    const first = await one.ledger.endorse(people.auditor, 'opening:combine', input, { atMs });
    const second = await two.ledger.endorse(people.auditor, 'opening:combine', input, { atMs });
    const writes = (endorsement: typeof first): [string, string][] =>
      [...endorsement.simulation.writes]
        .map(([key, value]): [string, string] => [key, value.toString()])
        .map(([key, value]) => [key, value.replaceAll(endorsement.transactionId, 'tx')]);
    expect(writes(second)).toEqual(writes(first));
  });
});

describe('a bid whose dealer sealed junk', () => {
  /** The bid of vendor 1 for the road, its envelope changed behind the chaincode's back. */
  async function statesAfter(change: (envelope: Envelope) => object): Promise<unknown> {
    const procurement = closed.fork();
    await procurement.postShares(1, 2, 3);
    const { state } = procurement.ledger;
    const [key, value] = state.entries().find(([name]) => /^\0bid\0.*road.*vendor-1/.test(name))!;
    const bid = decodeCanonical(value.toString());
    const envelope = { ...(bid['envelope'] as object), ...change(bid['envelope'] as never) };
    state.overwrite(key, utf8(encodeCanonical({ ...bid, envelope })));
    const { bids } = await procurement.combine();
    const { tenderId } = procurement;
    const views = await procurement.ledger.query(people.auditor, 'bid:list', { tenderId });
    const view = (views['bids'] as { bidKey: string; document?: string }[])[1];
    expect(view?.bidKey).toBe(`bid/${tenderId}/road/vendor-1`);
    expect(view?.document).toBeUndefined();
    await procurement.evaluate();
    expect(await procurement.decide()).toMatchObject({ lots: [{ vendorId: 'vendor-3' }, {}] });
    return (bids as { state: string }[]).map((bid) => bid.state);
  }

  const junk = new Uint8Array(1040);
  const hashOfJunk = createHash('sha256').update(junk).digest('base64url');

  test('is INVALID_GCM where the ciphertext is not under its key; others go on', async () => {
    const change = { ct: toBase64url(junk), ctHash: hashOfJunk };
    expect(await statesAfter(() => change)).toEqual(['OPENED', 'INVALID_GCM', 'OPENED']);
  });

  test('is INVALID_GCM where the commitment, which the nonce comes from, is another', async () => {
    const change = { cmt: 'A'.repeat(43) };
    expect(await statesAfter(() => change)).toEqual(['OPENED', 'INVALID_GCM', 'OPENED']);
  });

  test('is INVALID_FORM where its length is not the one stated', async () => {
    expect(await statesAfter(() => ({ ctLen: 4112 }))).toEqual([
      'OPENED',
      'INVALID_FORM',
      'OPENED',
    ]);
  });
});

describe('a tender without bids', () => {
  test('is opened by its close, and every lot is unsuccessful', async () => {
    const procurement = published.fork();
    await procurement.close();
    await procurement.evaluate();
    expect(await procurement.decide()).toEqual({
      tenderId: procurement.tenderId,
      state: 'awarded',
      lots: [
        { outcome: 'unsuccessful', lotId: LOTS.road },
        { outcome: 'unsuccessful', lotId: LOTS.bridge },
      ],
    });
  });
});
