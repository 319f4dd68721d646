/** Attacks on identity, time, order and evidence that no other test here makes already. */
import '../test-support/quiet';
import { hash, randomInt } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ClientIdentity } from 'fabric-shim';
import { EVENTS, instantFromMs, instantToMs } from '@procurement/protocol';
import { issueCertificate, utcTimeOf } from '../test-support/certificate';
import { holderOf, type Person } from '../test-support/ledger';
import { LOTS, newPeople, type People, Procurement, TENDER_ID } from '../test-support/procurement';

const road = { lotId: LOTS.road, rate: '500' };
const MINUTE_MS = 60_000;
const seed = Number(process.env['TEST_SEED'] ?? randomInt(2 ** 31));

const tenderId = TENDER_ID;
let people: People;
let published: Procurement;
let closed: Procurement;

beforeAll(async () => {
  people = newPeople();
  published = await (await Procurement.start(people)).untilPublished();
  closed = published.fork();
  await closed.bid(1, road);
  await closed.bid(2, { ...road, rate: '400' });
  await closed.close();
});

describe('whoever takes the name of another', () => {
  const role = { role: 'vendor' };

  async function registered(owner: Person): Promise<Procurement> {
    const world = published.fork();
    const vendor = { vendorId: 'alice', name: 'Alice', licence: 'L-alice' };
    await world.submit(owner, 'vendor:register', vendor);
    return world;
  }

  test('in another organisation is somebody else', async () => {
    const [alice, mallory] = ['VendorMSP', 'AuditorMSP'].map((mspId) =>
      holderOf(mspId, issueCertificate('alice', mspId === 'VendorMSP' ? role : AUDITOR)),
    ) as [Person, Person];
    const world = await registered(alice);
    expect(await world.ledger.query(alice, 'vendor:me', {})).toMatchObject({ vendorId: 'alice' });
    expect(await world.ledger.refusal(mallory, 'vendor:me', {})).toMatchObject({ code: 'ROLE' });
    const me = await world.ledger.query(mallory, 'audit:whoami', {});
    expect(me).toEqual({ mspId: 'AuditorMSP', role: 'auditor', spki: mallory.spki });
  });

  test('with a certificate of the same CA and another key may not bid', async () => {
    const rogue = holderOf('VendorMSP', issueCertificate('vendor', role));
    const bid = await published.sealedBid(1, road);
    expect(await published.ledger.refusal(rogue, 'bid:submit', bid)).toMatchObject({
      code: 'NOT_REGISTERED',
      args: { mspId: 'VendorMSP', spki: rogue.spki },
    });
  });

  test('by units that the framework writes like a name is somebody else', async () => {
    const units = [['v1/OU=client/OU=tender'], ['v1/OU=client', 'tender']];
    const holders = units.map((list) =>
      holderOf('VendorMSP', issueCertificate('alice', role, { units: list })),
    );
    const ids = holders.map(idOfFramework);
    expect(ids[0]).toBe(ids[1]);
    const world = await registered(holders[0]!);
    for (const other of holders.slice(1)) {
      expect(await world.ledger.refusal(other, 'vendor:me', {})).toMatchObject({
        code: 'NOT_REGISTERED',
      });
    }
  });

  const AUDITOR = { role: 'auditor' };

  /** What the framework's `getID` gives for a holder. */
  function idOfFramework({ mspId, certificatePem }: Person): string {
    const creator = { mspid: mspId, idBytes: Buffer.from(certificatePem) };
    const stub = { getCreator: () => creator, getChannelID: () => 'c', getTxID: () => 't' };
    return new ClientIdentity(stub as never).getID();
  }
});

describe('an expired certificate', () => {
  test('gives no right any more, neither to change anything nor to ask', async () => {
    const world = published.fork();
    const notAfter = utcTimeOf(world.ledger.nowMs + 2 * MINUTE_MS);
    const person = holderOf(
      'VendorMSP',
      issueCertificate('late', { role: 'vendor' }, { notAfter }),
    );
    const input = { vendorId: 'late', name: 'Late', licence: 'L-late' };
    await world.submit(person, 'vendor:register', input);
    world.ledger.nowMs += 2 * MINUTE_MS + 1000;
    const expired = { code: 'KEY', args: { spki: person.spki, state: 'expired' } };
    expect(await world.ledger.refusal(person, 'vendor:me', {})).toMatchObject(expired);
    const bid = await world.sealedBid(1, road);
    expect(await world.ledger.refusal(person, 'bid:submit', bid)).toMatchObject(expired);
  });
});

describe('an endorser whose clock is off', () => {
  test.each([-90_000, 90_000])('by %d ms refuses, and the others carry on', async (offMs) => {
    const [right, wrong] = [published.fork(), published.fork()];
    wrong.ledger.nowMs += offMs;
    const { ledger } = right;
    const input = await right.sealedBid(1, road);
    const atMs = ledger.nowMs;
    expect(
      await wrong.ledger.refusal(people.vendors[0]!, 'bid:submit', input, { atMs }),
    ).toMatchObject({ code: 'CLOCK', args: { at: instantFromMs(atMs), toleranceMs: MINUTE_MS } });
    expect(await ledger.submit(people.vendors[0]!, 'bid:submit', input, { atMs })).toMatchObject({
      version: 1,
    });
  });
});

describe('a random history of amendments', () => {
  test(`never moves the deadline back, nor changes what is bought (seed ${String(seed)})`, async () => {
    const step = fc.record({
      byMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
      mayChange: fc.constantFrom('nothing', 'items', 'lots', 'awardCriterion', 'currency'),
    });
    const before = await published.ledger.query(people.auditor, 'tender:get', { tenderId });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const world = published.fork();
        let deadline = (published.draft() as { deadline: string }).deadline;
        for (const { byMs, mayChange } of steps) {
          const asked = instantFromMs(instantToMs(deadline) + byMs);
          const change = mayChange === 'nothing' ? {} : { [mayChange]: before[mayChange] };
          const input = { ...world.onTender, text: 'Changed', deadline: asked, ...change };
          const code = (await world.ledger.refusal(people.officer, 'tender:amend', input))?.code;
          const due = byMs > 0 ? undefined : 'EXTENSION';
          expect(code).toBe(mayChange === 'nothing' ? due : 'FORMAT');
          if (code !== undefined) continue;
          await world.submit(people.officer, 'tender:amend', input);
          deadline = asked;
        }
        const after = await world.ledger.query(people.auditor, 'tender:get', { tenderId });
        for (const member of ['items', 'lots', 'awardCriterion', 'currency']) {
          expect(after[member]).toEqual(before[member]);
        }
      }),
      { seed, numRuns: 20 },
    );
  });
});

describe('at the end of a tender', () => {
  test('a bid held back until the evaluation comes too late, and the evaluation stands', async () => {
    const world = published.fork();
    const held = await world.sealedBid(3, { ...road, rate: '1' });
    const bid = await world.ledger.endorse(people.vendors[2]!, 'bid:submit', held);
    await world.bid(1, road);
    await world.open();
    const { ledger } = world;
    const evaluation = await ledger.endorse(people.officer, 'award:evaluate', world.onTender);
    expect(ledger.commit(bid)).toBe('MVCC_READ_CONFLICT');
    expect(ledger.commit(evaluation)).toBe('VALID');
    const { lots } = await ledger.query(people.auditor, 'award:get', { tenderId });
    expect((lots as { bids: unknown[] }[])[0]!.bids).toHaveLength(1);
  });

  test('of fifty awards at once one counts', async () => {
    const world = closed.fork();
    await world.postShares(1, 3, 5);
    await world.combine();
    await world.evaluate();
    const { ledger } = world;
    const awards = await Promise.all(
      Array.from({ length: 50 }, () =>
        ledger.endorse(people.officer, 'award:decide', world.onTender),
      ),
    );
    expect(awards.map(({ status }) => status)).toEqual(Array(50).fill(200));
    const codes = awards.map((award) => ledger.commit(award));
    expect(codes).toEqual(['VALID', ...Array<string>(49).fill('MVCC_READ_CONFLICT')]);
  });

  test('any pattern of officers who post false shares stops only those officers', async () => {
    const shares = await Promise.all([1, 2, 3, 4, 5].map((seat) => closed.sharesOf(seat)));
    for (let pattern = 0; pattern < 32; pattern += 1) {
      const world = closed.fork();
      const isBad = (seat: number): boolean => (pattern & (1 << (seat - 1))) !== 0;
      for (const honest of shares) {
        const { seat } = honest;
        const S = isBad(seat) ? [...honest.S].reverse() : honest.S;
        const input = { ...{ requestId: world.requestId }, shares: { ...honest, S } };
        const person = people.seats[seat - 1]!;
        const posting = await world.ledger.endorse(person, 'opening:postShares', input);
        expect([seat, posting.status]).toEqual([seat, isBad(seat) ? 500 : 200]);
        if (isBad(seat)) expect(posting.message).toContain('"code":"OPEN"');
        else world.ledger.commit(posting);
      }
      const goodCount = [1, 2, 3, 4, 5].filter((seat) => !isBad(seat)).length;
      const combined = world.ledger.refusal(people.auditor, 'opening:combine', world.onTender);
      expect((await combined)?.code).toBe(goodCount >= 3 ? undefined : 'FEW');
    }
  });
});

describe('what every reader of the channel is told', () => {
  test('is ids, hashes and small numbers, in every event', () => {
    const told = Object.values(EVENTS).flatMap((schema) => Object.keys(schema.shape));
    expect([...new Set(told)].sort()).toEqual([
      ...['chunk', 'committeeHash', 'envelopeHash', 'listHash', 'noticeHash', 'seat', 'spki'],
      ...['storeId', 'tenderId', 'vendorId'],
    ]);
    for (const schema of Object.values(EVENTS)) {
      const words = Object.keys(schema.shape).map((name) => [name, 'a text with blanks']);
      expect(schema.safeParse(Object.fromEntries(words)).success).toBe(false);
    }
  });

  test('names neither bidder nor lot, whatever the event of a bid', () => {
    const { BidSubmitted, BidConfirmed, BidWithdrawn } = EVENTS;
    const told = [BidSubmitted, BidConfirmed, BidWithdrawn].map(({ shape }) => Object.keys(shape));
    expect(told).toEqual([['tenderId', 'envelopeHash'], ['tenderId'], ['tenderId']]);
  });
});

describe('a guess', () => {
  test('at a million prices finds none of what stands on the ledger', async () => {
    const world = published.fork();
    await world.bid(1, road);
    const kept = world.ledger.state.entries().map(([, value]) => value.toString());
    const hashes = new Set(kept.flatMap((text) => text.match(/[\w-]{43}/g) ?? []));
    expect(hashes.size).toBeGreaterThan(10);
    for (let price = 0; price < 1_000_000; price += 1) {
      if (hashes.has(hash('sha256', String(price), 'base64url')))
        throw new Error(`the ledger tells ${price}`);
    }
  });
});
