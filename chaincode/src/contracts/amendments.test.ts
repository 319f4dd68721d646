import { beforeAll, describe, expect, test } from '@jest/globals';
import { instantFromMs, instantToMs, utf8 } from '@procurement/protocol';
import { issueCertificate, utcTimeOf } from '../test-support/certificate';
import { holderOf } from '../test-support/ledger';
import { LOTS, newPeople, type People, Procurement, START_MS } from '../test-support/procurement';
import { BIDS_MAX, slotsOf } from './bid-slots';

const road = { lotId: LOTS.road, rate: '500' };
const HOUR_MS = 3_600_000;

let people: People;
let published: Procurement;

beforeAll(async () => {
  people = newPeople();
  published = await (await Procurement.start(people)).untilPublished();
});

async function noticeHashOf(world: Procurement): Promise<string> {
  const { tenderId } = world;
  const view = await world.ledger.query(people.auditor, 'tender:committee', { tenderId });
  return view['noticeHash'] as string;
}

function later(world: Procurement, byMs: number): string {
  const { deadline } = published.draft() as { deadline: string };
  return instantFromMs(
    instantToMs(deadline) + byMs - (world.ledger.nowMs - published.ledger.nowMs),
  );
}

async function amend(world: Procurement, change: object = {}): Promise<Record<string, unknown>> {
  const { tenderId } = world;
  return world.submit(people.officer, 'tender:amend', { tenderId, text: 'Explained', ...change });
}

describe('an amendment', () => {
  test('gives the notice a new hash, which every later bid has to name', async () => {
    const world = published.fork();
    const before = await world.sealedBid(1, road);
    const { number, noticeHash } = await amend(world);
    expect(number).toBe(1);
    expect(await noticeHashOf(world)).toBe(noticeHash);
    expect(await world.ledger.refusal(people.vendors[0]!, 'bid:submit', before)).toMatchObject({
      code: 'NOTICE',
      args: { noticeHash, tenderId: world.tenderId },
    });
    expect((await amend(world))['noticeHash']).not.toBe(noticeHash);
  });

  test('moves a deadline to a later time only', async () => {
    const world = published.fork();
    const { deadline } = published.draft() as { deadline: string };
    for (const at of [deadline, later(world, -1)]) {
      const input = { ...world.onTender, text: 'Sooner', deadline: at };
      expect(await world.ledger.refusal(people.officer, 'tender:amend', input)).toMatchObject({
        code: 'EXTENSION',
        args: { deadline, tenderId: world.tenderId },
      });
    }
    await amend(world, { deadline: later(world, HOUR_MS) });
    world.awaitClose();
    expect(
      await world.ledger.refusal(people.auditor, 'tender:close', world.onTender),
    ).toMatchObject({ code: 'EARLY' });
    world.ledger.nowMs += HOUR_MS;
    await world.submit(people.auditor, 'tender:close', { tenderId: world.tenderId });
  });

  test('comes before the deadline, also where it would move it', async () => {
    const world = published.fork();
    const { deadline } = published.draft() as { deadline: string };
    world.ledger.nowMs = instantToMs(deadline) + 1;
    const at = instantFromMs(world.ledger.nowMs);
    for (const change of [{}, { deadline: instantFromMs(world.ledger.nowMs + HOUR_MS) }]) {
      const input = { ...world.onTender, text: 'Reopened', ...change };
      expect(await world.ledger.refusal(people.officer, 'tender:amend', input)).toMatchObject({
        code: 'DEADLINE',
        args: { at, deadline, tenderId: world.tenderId },
      });
    }
  });

  test('leaves as much time to answer it as a publication does', async () => {
    const world = published.fork();
    const { deadline } = published.draft() as { deadline: string };
    world.ledger.nowMs = instantToMs(deadline) - 999;
    const input = { ...world.onTender, text: 'In the last second' };
    expect(await world.ledger.refusal(people.officer, 'tender:amend', input)).toMatchObject({
      code: 'PERIOD',
      args: { period: 'bidding', actualMs: 999, minimumMs: 1000 },
    });
    await amend(world, { deadline: instantFromMs(instantToMs(deadline) + 1) });
  });

  test('leaves items, lots and the criterion as they were published', async () => {
    for (const change of [{ items: [] }, { lots: [] }, { awardCriterion: 'other' }]) {
      const input = { ...published.onTender, text: 'Changed', ...change };
      expect(await published.ledger.refusal(people.officer, 'tender:amend', input)).toMatchObject({
        code: 'FORMAT',
      });
    }
  });

  test('makes a bid that nobody confirmed not responsive, and one that was confirmed count', async () => {
    const world = published.fork();
    await world.bid(1, road);
    await world.bid(2, { ...road, rate: '400' });
    await amend(world);
    const noticeHash = await noticeHashOf(world);
    const { tenderId } = world;
    const confirm = { tenderId, lotId: LOTS.road, noticeHash };
    expect(await world.submit(people.vendors[0]!, 'bid:confirm', confirm)).toMatchObject({
      version: 1,
      noticeHash,
    });
    await world.open();
    await world.evaluate();
    const { lots } = await world.ledger.query(people.auditor, 'award:get', { tenderId });
    const [first] = lots as { bids: { vendorId: string; defects: unknown[] }[] }[];
    expect(first?.bids.map(({ vendorId, defects }) => [vendorId, defects])).toEqual([
      ['vendor-1', []],
      ['vendor-2', [{ code: 'NOT_CONFIRMED' }]],
    ]);
    expect(await world.decide()).toMatchObject({
      lots: [{ lotId: LOTS.road, vendorId: 'vendor-1' }, { outcome: 'unsuccessful' }],
    });
  });

  test('is confirmed by the deadline only', async () => {
    const world = published.fork();
    const { deadline } = published.draft() as { deadline: string };
    await world.bid(1, road);
    await amend(world);
    const noticeHash = await noticeHashOf(world);
    world.ledger.nowMs = instantToMs(deadline) + 1;
    const input = { ...world.onTender, lotId: LOTS.road, noticeHash };
    expect(await world.ledger.refusal(people.vendors[0]!, 'bid:confirm', input)).toMatchObject({
      code: 'DEADLINE',
      args: { deadline, tenderId: world.tenderId },
    });
  });

  test('is confirmed only for the notice as it stands', async () => {
    const world = published.fork();
    const old = await noticeHashOf(world);
    await world.bid(1, road);
    await amend(world);
    const input = { ...world.onTender, lotId: LOTS.road, noticeHash: old };
    expect(await world.ledger.refusal(people.vendors[0]!, 'bid:confirm', input)).toMatchObject({
      code: 'NOTICE',
    });
  });
});

describe('a cancellation', () => {
  const reason = 'Budget withdrawn';

  test('takes the word of the buyer and of the auditor, and is an event either time', async () => {
    const world = published.fork();
    const asked = await world.ledger.endorse(people.officer, 'tender:cancel', {
      ...{ ...world.onTender, reason },
    });
    expect(asked).toMatchObject({
      answer: { result: { state: 'published', cancelled: false } },
      event: { name: 'TenderCancellationAsked', payload: { tenderId: world.tenderId } },
    });
    world.ledger.commit(asked);
    const carriedOut = await world.ledger.endorse(people.auditor, 'tender:cancel', {
      ...{ ...world.onTender, reason },
    });
    expect(carriedOut).toMatchObject({
      answer: { result: { state: 'cancelled', cancelled: true } },
      event: { name: 'TenderCancelled', payload: { tenderId: world.tenderId } },
    });
  });

  test('is none by one organisation, however often it asks', async () => {
    const world = published.fork();
    const { tenderId } = world;
    await world.submit(people.officer, 'tender:cancel', { tenderId, reason });
    const again = { ...world.onTender, requestId: 'again', reason };
    expect(await world.ledger.refusal(people.officer, 'tender:cancel', again)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'approval', id: 'MinistryMSP' },
    });
    expect(await world.ledger.refusal(people.otherOfficer, 'tender:cancel', again)).toMatchObject({
      code: 'AGENCY',
    });
    await world.bid(1, road);
    await world.close();
  });
});

describe('a withdrawal', () => {
  test('takes the bid off the list and keeps the number of its version', async () => {
    const world = published.fork();
    const { tenderId } = world;
    await world.bid(1, road);
    await world.bid(2, road);
    const withdrawn = { tenderId, lotId: LOTS.road };
    expect(await world.submit(people.vendors[0]!, 'bid:withdraw', withdrawn)).toEqual({
      bidKey: `bid/${tenderId}/road/vendor-1`,
      version: 1,
    });
    const again = { requestId: 'again', ...withdrawn };
    expect(await world.ledger.refusal(people.vendors[0]!, 'bid:withdraw', again)).toMatchObject({
      code: 'NOT_FOUND',
      args: { kind: 'bid', id: LOTS.road },
    });
    const asFirst = await world.sealedBid(1, road, 1);
    expect(await world.ledger.refusal(people.vendors[0]!, 'bid:submit', asFirst)).toMatchObject({
      code: 'VERSION',
    });
    const mine = await world.ledger.query(people.vendors[0]!, 'bid:mine', { tenderId });
    expect(mine['bids']).toMatchObject([{ version: 1, withdrawn: { by: { mspId: 'VendorMSP' } } }]);
    await world.open();
    const record = await world.ledger.query(people.auditor, 'audit:record', { tenderId });
    expect(record['bids']).toMatchObject([{ vendorId: 'vendor-2' }]);
  });

  test('is followed by a bid of the next version, which counts', async () => {
    const world = published.fork();
    const { tenderId } = world;
    await world.bid(1, road);
    await world.submit(people.vendors[0]!, 'bid:withdraw', { tenderId, lotId: LOTS.road });
    await world.bid(1, { ...road, rate: '300' }, 2);
    await world.open();
    const record = await world.ledger.query(people.auditor, 'audit:record', { tenderId });
    expect(record['bids']).toMatchObject([{ vendorId: 'vendor-1', version: 2 }]);
  });

  test('after the deadline is refused', async () => {
    const world = published.fork();
    await world.bid(1, road);
    world.awaitClose();
    const input = { ...world.onTender, lotId: LOTS.road };
    expect(await world.ledger.refusal(people.vendors[0]!, 'bid:withdraw', input)).toMatchObject({
      code: 'DEADLINE',
    });
  });
});

describe('the places for bids', () => {
  test('are as many as the cap, and tried one after the other', () => {
    const slots = slotsOf('bid/T-1/L-1/vendor-1');
    expect(new Set(slots).size).toBe(slots.length);
    expect(slots.every((slot) => slot >= 0 && slot < BIDS_MAX)).toBe(true);
    expect(slotsOf('bid/T-1/L-1/vendor-1')).toEqual(slots);
  });

  test('that are all taken refuse a new bid, and not a new version', async () => {
    const world = published.fork();
    const { tenderId } = world;
    await world.bid(1, road);
    for (const slot of slotsOf(`bid/${tenderId}/road/vendor-2`)) {
      const key = `\0bid-slot\0${tenderId}\0${String(slot).padStart(10, '0')}\0`;
      world.ledger.state.overwrite(key, utf8('{"bidKey":"bid/x/y/z","schema":"bid-slot/1"}'));
    }
    const input = await world.sealedBid(2, road);
    expect(await world.ledger.refusal(people.vendors[1]!, 'bid:submit', input)).toMatchObject({
      code: 'LIMIT',
      args: { what: 'bids of a tender', limit: BIDS_MAX },
    });
    await world.bid(1, road, 2);
  });

  test('that do not agree with the bids read stop the close', async () => {
    const world = published.fork();
    const { tenderId } = world;
    await world.bid(1, road);
    world.ledger.state.overwrite(
      `\0bid-slot\0${tenderId}\0${'7'.padStart(10, '0')}\0`,
      utf8('{"bidKey":"bid/x/y/z","schema":"bid-slot/1"}'),
    );
    world.awaitClose();
    expect(
      await world.ledger.refusal(people.auditor, 'tender:close', world.onTender),
    ).toMatchObject({ code: 'LIMIT', args: { what: 'rows of a range', limit: 1 } });
  });
});

describe('a rehearsal', () => {
  test('of every seat comes before the publication, with the keys that are registered now', async () => {
    const world = await Procurement.start(people);
    await world.create();
    await world.registerKeys();
    await world.rehearse();
    const key = world.newKey(2);
    await world.submit(people.seats[1]!, 'opening:registerKey', { key: key.key });
    expect(
      await world.ledger.refusal(people.officer, 'tender:publish', world.onTender),
    ).toMatchObject({ code: 'REHEARSAL', args: { seats: ['2'] } });
  });

  test('is refused to a member whose certificate ends before the opening does', async () => {
    // An hour for bids, two minutes of grace and the time to open follow.
    const notAfter = utcTimeOf(START_MS + 1.5 * HOUR_MS);
    const certificate = issueCertificate('seat-1', { role: 'committee' }, { notAfter });
    const short = holderOf('MinistryMSP', certificate);
    const seats = [short, ...people.seats.slice(1)];
    const world = await Procurement.start({ ...people, seats });
    await world.create();
    await world.registerKeys();
    const input = { requestId: 'r', rehearsal: await world.rehearsal(1, 'publication') };
    expect(await world.ledger.refusal(short, 'opening:rehearse', input)).toMatchObject({
      code: 'KEY',
      args: { spki: short.spki, state: 'ending' },
    });
  });

  test('with another key, of another seat or for another moment is refused', async () => {
    const rehearsal = (await published.rehearsal(1, 'opening')) as Record<string, unknown>;
    const refusal = (seat: number, change: object = {}): Promise<unknown> =>
      published.ledger.refusal(people.seats[seat - 1]!, 'opening:rehearse', {
        ...{ requestId: 'r', rehearsal: { ...rehearsal, ...change } },
      });
    const other = (await published.rehearsal(2, 'opening')) as { proof: string };
    expect(await refusal(1, { proof: other.proof })).toMatchObject({ code: 'POP' });
    expect(await refusal(2)).toMatchObject({ code: 'SIGNER' });
    expect(await refusal(1, { moment: 'publication' })).toMatchObject({
      code: 'PHASE',
      args: { allowed: ['draft'], current: 'published' },
    });
  });

  test('after the publication shows who still has the key', async () => {
    const world = published.fork();
    for (const seat of [1, 4]) {
      const rehearsal = await world.rehearsal(seat, 'opening');
      await world.submit(people.seats[seat - 1]!, 'opening:rehearse', { rehearsal });
    }
    await world.close();
    const { tenderId } = world;
    const status = await world.ledger.query(people.auditor, 'opening:status', { tenderId });
    const seats = status['seats'] as { seat: number; rehearsed: boolean }[];
    expect(seats.filter(({ rehearsed }) => rehearsed).map(({ seat }) => seat)).toEqual([1, 4]);
  });
});
