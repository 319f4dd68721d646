import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  decodeCanonical,
  encodeCanonical,
  EVENTS,
  isRejectCode,
  utf8,
} from '@procurement/protocol';
import { envelopeHashOf, type Envelope } from '@procurement/sealed';
import { changed, LOTS, newPeople, type People, Procurement } from '../test-support/procurement';

const road = { lotId: LOTS.road, rate: '500' };

let people: People;
let published: Procurement;

beforeAll(async () => {
  people = newPeople();
  published = await (await Procurement.start(people)).untilPublished();
});

async function codeOf(input: object, vendor = 1, from = published): Promise<string | undefined> {
  const person = people.vendors[vendor - 1]!;
  return (await from.ledger.refusal(person, 'bid:submit', input))?.code;
}

describe('a submission', () => {
  test('is answered with its key, version and envelope hash, and told to no one else', async () => {
    const procurement = published.fork();
    const input = await procurement.sealedBid(2, road);
    const endorsement = await procurement.ledger.endorse(people.vendors[1]!, 'bid:submit', input);
    const envelopeHash = envelopeHashOf(input['envelope'] as Envelope);
    expect(endorsement.answer).toEqual({
      repeated: false,
      result: { bidKey: 'bid/MoIT-2027-014/road/vendor-2', version: 1, envelopeHash },
      transactionId: endorsement.transactionId,
    });
    expect(endorsement.event).toEqual({
      name: 'BidSubmitted',
      payload: { tenderId: procurement.tenderId, envelopeHash },
    });
    expect(EVENTS.BidSubmitted.safeParse(endorsement.event?.payload).success).toBe(true);
  });

  test('reads the key of the tender and writes its own keys only', async () => {
    const input = await published.sealedBid(1, road);
    const { simulation } = await published.ledger.endorse(people.vendors[0]!, 'bid:submit', input);
    const kinds = (keys: Iterable<string>): string[] =>
      [...keys].map((key) => key.split('\0')[1] ?? '').sort();
    expect(kinds(simulation.reads.keys())).toContain('tender');
    expect(kinds(simulation.writes.keys())).toEqual(['bid', 'bid-head', 'bid-slot', 'request']);
    expect(simulation.ranges).toEqual([]);
  });

  test('of another vendor does not disturb it, even in the same block', async () => {
    const procurement = published.fork();
    const { ledger } = procurement;
    const first = await procurement.sealedBid(1, road);
    const second = await procurement.sealedBid(2, road);
    const one = await ledger.endorse(people.vendors[0]!, 'bid:submit', first);
    const two = await ledger.endorse(people.vendors[1]!, 'bid:submit', second);
    expect([ledger.commit(one), ledger.commit(two)]).toEqual(['VALID', 'VALID']);
  });

  test('endorsed in time and ordered after the close fails', async () => {
    const procurement = published.fork();
    const { ledger } = procurement;
    const input = await procurement.sealedBid(1, road);
    const held = await ledger.endorse(people.vendors[0]!, 'bid:submit', input);
    await procurement.close();
    expect(held.status).toBe(200);
    expect(ledger.commit(held)).toBe('MVCC_READ_CONFLICT');
  });

  test('that arrives while the close is under way makes the close fail, not the bid', async () => {
    const procurement = published.fork();
    const { ledger } = procurement;
    const input = await procurement.sealedBid(1, road);
    const bid = await ledger.endorse(people.vendors[0]!, 'bid:submit', input);
    procurement.awaitClose();
    const close = await ledger.endorse(people.auditor, 'tender:close', procurement.onTender);
    expect(ledger.commit(bid)).toBe('VALID');
    expect(ledger.commit(close)).toBe('PHANTOM_READ_CONFLICT');
  });

  test.each([
    ['a signing time after the deadline', 3_600_001, 3_600_001],
    ['a time moved back by more than the tolerance', 3_660_001, 3_600_000],
    ['an envelope held back beyond the grace', 3_720_001, 3_660_001],
  ])('is refused for %s', async (_name, clockAfterMs, signedAfterMs) => {
    const procurement = published.fork();
    const input = await procurement.sealedBid(1, road);
    const startedAtMs = procurement.ledger.nowMs;
    procurement.ledger.nowMs = startedAtMs + clockAfterMs;
    const reject = await procurement.ledger.refusal(people.vendors[0]!, 'bid:submit', input, {
      atMs: startedAtMs + signedAfterMs,
    });
    expect(['DEADLINE', 'CLOCK']).toContain(reject?.code);
  });

  test('signed at the last millisecond is taken while the grace lasts', async () => {
    const procurement = published.fork();
    const input = await procurement.sealedBid(1, road);
    const deadlineMs = procurement.ledger.nowMs + 3_600_000;
    procurement.ledger.nowMs = deadlineMs + 60_000;
    const options = { atMs: deadlineMs };
    await procurement.ledger.submit(people.vendors[0]!, 'bid:submit', input, options);
  });

  test('copied from another vendor is refused, for any lot and any version', async () => {
    const procurement = published.fork();
    await procurement.bid(2, road);
    const copied = await procurement.sealedBid(1, road);
    expect(await codeOf({ ...copied, requestId: 'copy' }, 2, procurement)).toBe('VERSION');
    expect(await codeOf({ ...copied, version: 2 }, 2, procurement)).toBe('DEAL');
    expect(await codeOf(copied, 3, procurement)).toBe('DEAL');
    expect(await codeOf({ ...copied, lotId: LOTS.bridge }, 1, procurement)).toBe('DEAL');
  });

  test('made for another tender is refused', async () => {
    const other = await (await Procurement.start(people, 'Another-1')).untilPublished();
    const foreign = await other.sealedBid(1, road);
    const { noticeHash, tenderId } = await published.sealedBid(1, road);
    expect(await codeOf({ ...foreign, tenderId })).toBe('NOTICE');
    expect(await codeOf({ ...foreign, tenderId, noticeHash })).toBe('DEAL');
  });

  test('replaces the one before, version by version', async () => {
    const procurement = published.fork();
    await procurement.bid(1, road);
    await procurement.bid(1, { ...road, rate: '450' }, 2);
    expect(await codeOf(await procurement.sealedBid(1, road, 2), 1, procurement)).toBe('VERSION');
    const { bids } = await procurement.ledger.query(people.vendors[0]!, 'bid:mine', {
      tenderId: procurement.tenderId,
    });
    expect(bids).toEqual([expect.objectContaining({ version: 2, vendorId: 'vendor-1' })]);
  });

  test('beyond the hundredth version is refused', async () => {
    const procurement = published.fork();
    await procurement.bid(1, road);
    const { state } = procurement.ledger;
    const [key, value] = state.entries().find(([name]) => name.startsWith('\0bid-head\0'))!;
    const head = decodeCanonical(value.toString());
    state.overwrite(key, utf8(encodeCanonical({ ...head, version: 100 })));
    const input = await procurement.sealedBid(1, road, 101);
    const reject = await procurement.ledger.refusal(people.vendors[0]!, 'bid:submit', input);
    expect(reject).toMatchObject({ code: 'LIMIT', args: { limit: 100 } });
  });

  test.each([
    ['an additional member', { more: 1 }],
    ['another suite', { suite: 'none' }],
    ['a member of the prototype', JSON.parse('{"__proto__":1}') as object],
    ['a version as text', { v: '1' }],
  ])('is refused for an envelope with %s', async (_name, change) => {
    const input = await published.sealedBid(1, road);
    const envelope = Object.defineProperties(
      changed(input['envelope'] as object, {}),
      Object.getOwnPropertyDescriptors(change),
    );
    expect(await codeOf({ ...input, envelope })).toBe('FORMAT');
  });

  test.each(['C', 'Y', 'z'])('is refused for too few of %s', async (member) => {
    const input = await published.sealedBid(1, road);
    const envelope = input['envelope'] as Record<string, string[]>;
    const short = changed(envelope, { [member]: envelope[member]!.slice(1) });
    expect(await codeOf({ ...input, envelope: short })).toBe('COUNT');
  });

  test('is refused whichever member of the envelope is exchanged', async () => {
    const input = await published.sealedBid(1, road);
    const envelope = input['envelope'] as Record<string, unknown>;
    const other = (await published.sealedBid(1, road))['envelope'] as Record<string, unknown>;
    const exchanged = ['C', 'Y', 'cmt', 'ct', 'ctHash', 'e', 'z'];
    for (const member of exchanged) {
      const mixed = { ...input, envelope: changed(envelope, { [member]: other[member] }) };
      const code = await codeOf(mixed);
      expect(code !== undefined && isRejectCode(code)).toBe(true);
    }
  });
});

describe('a repeated request', () => {
  test('gets the first answer, and changes nothing', async () => {
    const procurement = published.fork();
    const input = await procurement.sealedBid(1, road);
    const vendor = people.vendors[0]!;
    const first = await procurement.ledger.endorse(vendor, 'bid:submit', input);
    procurement.ledger.commit(first);
    const again = await procurement.ledger.endorse(vendor, 'bid:submit', input);
    expect(again.answer).toEqual({ ...(first.answer as object), repeated: true });
    expect(again.simulation.writes.size).toBe(0);
    expect(again.event).toBeUndefined();
  });

  test('is answered even when the phase has moved on', async () => {
    const procurement = published.fork();
    procurement.awaitClose();
    const input = procurement.onTender;
    await procurement.ledger.submit(people.auditor, 'tender:close', input);
    const again = await procurement.ledger.endorse(people.auditor, 'tender:close', input);
    expect(again.answer).toMatchObject({ repeated: true, result: { state: 'opened' } });
  });

  test('with another content is refused, under another transaction too', async () => {
    const procurement = published.fork();
    const { officer } = people;
    const input = { requestId: 'once', tenderId: procurement.tenderId, reason: 'No budget' };
    await procurement.ledger.submit(officer, 'tender:cancel', input);
    const { ledger } = procurement;
    const other = { ...input, reason: 'Another' };
    expect(await ledger.refusal(officer, 'tender:cancel', other)).toMatchObject({
      code: 'REQUEST_REUSED',
    });
    const elsewhere = { requestId: 'once', tenderId: procurement.tenderId };
    expect(await ledger.refusal(officer, 'award:decide', elsewhere)).toMatchObject({
      code: 'REQUEST_REUSED',
    });
  });

  test('of another caller with the same id is a request of its own', async () => {
    const procurement = published.fork();
    const one = { ...(await procurement.sealedBid(1, road)), requestId: 'same' };
    const two = { ...(await procurement.sealedBid(2, road)), requestId: 'same' };
    await procurement.ledger.submit(people.vendors[0]!, 'bid:submit', one);
    await procurement.ledger.submit(people.vendors[1]!, 'bid:submit', two);
  });

  test('sent twice at once takes effect once', async () => {
    const procurement = published.fork();
    const { ledger } = procurement;
    const input = await procurement.sealedBid(1, road);
    const one = await ledger.endorse(people.vendors[0]!, 'bid:submit', input);
    const two = await ledger.endorse(people.vendors[0]!, 'bid:submit', input);
    expect([ledger.commit(one), ledger.commit(two)]).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  });
});

describe('before the opening', () => {
  test('nobody but the owner learns of a bid, a bidder or their number', async () => {
    const procurement = published.fork();
    await procurement.bid(1, road);
    await procurement.bid(2, road);
    const { ledger, tenderId } = procurement;
    const others = [people.officer, people.auditor, people.seats[0]!, people.vendors[2]!];
    const reads = ['tender:get', 'tender:committee', 'bid:list', 'audit:record'];
    for (const person of others) {
      for (const name of reads) {
        const answer = JSON.stringify(await ledger.query(person, name, { tenderId }));
        expect(answer).not.toMatch(/vendor-[12]/);
      }
      const { bids, complete } = await ledger.query(person, 'bid:list', { tenderId });
      expect({ bids, complete }).toEqual({ bids: [], complete: false });
    }
    const own = await ledger.query(people.vendors[0]!, 'bid:list', { tenderId });
    expect(own['bids']).toEqual([expect.objectContaining({ vendorId: 'vendor-1' })]);
  });

  test('after the close, the list is for seat holders and the status counts nothing', async () => {
    const procurement = published.fork();
    await procurement.bid(1, road);
    await procurement.close();
    const { ledger, tenderId } = procurement;
    const list = await ledger.query(people.seats[4]!, 'opening:list', { tenderId });
    expect(list).toMatchObject({ count: 1, chunks: 1, bids: [{ vendorId: 'vendor-1' }] });
    for (const person of [people.officer, people.auditor, people.vendors[1]!]) {
      const status = await ledger.query(person, 'opening:status', { tenderId });
      expect(status['counts']).toBeUndefined();
      expect(JSON.stringify(status)).not.toMatch(/vendor-/);
      const record = await ledger.query(person, 'audit:record', { tenderId });
      expect(JSON.stringify(record)).not.toMatch(/vendor-1/);
    }
  });
});
