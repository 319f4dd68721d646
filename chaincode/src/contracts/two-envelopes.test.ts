import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Reject } from '@procurement/protocol';
import { listHash, makeSelfOpen } from '@procurement/sealed';
import { CHAINCODE, CHANNEL, type Person } from '../test-support/ledger';
import { LOTS, newPeople, type People, Procurement } from '../test-support/procurement';
import { type Sealed, sealedFor } from '../test-support/sealed-bids';
import { Pair, withoutAmounts } from '../test-support/two-envelopes';

const road = { lotId: LOTS.road, rate: '500' };
const PERIOD_MS = 7 * 24 * 3600 * 1000;
const firstId = 'MoIT-2027-014.technical';
const secondId = 'MoIT-2027-014.financial';

let people: People;
let drafted: Pair;
let published: Pair;
/** Vendors 1 to 4 have handed in both envelopes for the road, vendor 4 one that is no offer. */
let closed: Pair;
let secondOf: ReadonlyMap<number, Sealed>;

beforeAll(async () => {
  people = newPeople();
  const start = await Procurement.start(people);
  await start.registerVendors();
  const pair = Pair.of(start);
  await pair.create();
  drafted = pair.fork();
  await pair.publish();
  published = pair.fork();
  const kept = new Map<number, Sealed>();
  for (const vendor of [1, 2, 3, 4]) {
    await pair.first.bid(vendor, vendor === 4 ? road : withoutAmounts(road));
    kept.set(vendor, await handIn(pair.second, vendor));
  }
  secondOf = kept;
  await pair.first.close();
  closed = pair;
});

async function handIn(world: Procurement, vendor: number): Promise<Sealed> {
  const { spki } = people.vendors[vendor - 1]!;
  const offer = { ...road, rate: `${400 + vendor}` };
  const document = await world.document(vendor, offer);
  const bidder = { vendorId: `vendor-${vendor}`, spki };
  const sealed = await sealedFor(world, bidder, { document, offer, version: 1 });
  await world.submit(people.vendors[vendor - 1]!, 'bid:submit', sealed.input);
  return sealed;
}

const keyOf = (tenderId: string, vendor: number): string => `bid/${tenderId}/road/vendor-${vendor}`;
const failing = [{ bidKey: keyOf(firstId, 3), reason: 'No asphalt plant within reach.' }];

async function refusal(
  world: Procurement,
  person: Person,
  name: string,
  input: object = {},
): Promise<Pick<Reject, 'code' | 'args'> | undefined> {
  const reject = await world.ledger.refusal(person, name, { ...world.onTender, ...input });
  return reject === undefined ? undefined : { code: reject.code, args: reject.args };
}

async function judged(pair: Pair, failed: readonly object[] = failing): Promise<Pair> {
  await pair.judge(failed);
  return pair;
}

describe('the drafts of two envelopes', () => {
  test('are one procurement, which has no tender of its own id beside them', async () => {
    const world = drafted.fork().first;
    const exists = { code: 'EXISTS', args: { kind: 'tender', id: firstId } };
    const tender = world.draft({ tenderId: 'MoIT-2027-014' });
    expect(
      await world.ledger.refusal(people.officer, 'tender:create', { requestId: 'r', tender }),
    ).toMatchObject(exists);
    const single = await Procurement.start(people);
    await single.create();
    const envelope = single.draft({ tenderId: firstId });
    expect(
      await single.ledger.refusal(people.officer, 'tender:create', {
        ...{ requestId: 'r', tender: envelope },
      }),
    ).toMatchObject({ code: 'EXISTS', args: { kind: 'tender', id: 'MoIT-2027-014' } });
  });

  test.each([
    ['buyer', { agency: 'MoIT', name: 'Another name' }],
    ['currency', 'USD'],
    ['deadline', '2027-03-01T05:00:00.000Z'],
    ['graceMs', 120_001],
    ['lots', [{ lotId: 'road', title: 'Road', itemIds: ['earthwork', 'asphalt', 'girder'] }]],
  ])('ask for the same: %s', async (path, value) => {
    const start = await Procurement.start(people);
    await start.envelope('technical').create();
    const tender = start.envelope('financial').draft({ [path]: value });
    expect(
      await start.ledger.refusal(people.officer, 'tender:create', { requestId: 'r', tender }),
    ).toMatchObject({ code: 'DRAFT', args: { path, problem: 'differs' } });
  });

  test('are published with the second first, so that whoever bids can bid for both', async () => {
    expect(await refusal(drafted.first, people.officer, 'tender:publish')).toEqual({
      code: 'ENVELOPE',
      args: { needed: secondId, tenderId: firstId },
    });
  });
});

describe('before the close of two envelopes', () => {
  test('the first never has more time than the second', async () => {
    const { first, second } = published.fork();
    const later = { text: 'Later', deadline: '2027-03-01T06:00:00.000Z' };
    expect(await refusal(first, people.officer, 'tender:amend', later)).toEqual({
      code: 'ENVELOPE',
      args: { needed: secondId, tenderId: firstId },
    });
    await second.submit(people.officer, 'tender:amend', { ...second.onTender, ...later });
    await first.submit(people.officer, 'tender:amend', { ...first.onTender, ...later });
  });

  test('the second does not close by itself, and the first waits for the deadline of both', async () => {
    const { first, second } = published.fork();
    const later = { text: 'Later', deadline: '2027-03-01T06:00:00.000Z' };
    await second.submit(people.officer, 'tender:amend', { ...second.onTender, ...later });
    first.awaitClose();
    expect(await refusal(second, people.auditor, 'tender:close')).toEqual({
      code: 'ENVELOPE',
      args: { needed: firstId, tenderId: secondId },
    });
    expect(await refusal(first, people.auditor, 'tender:close')).toMatchObject({
      code: 'EARLY',
      args: { opensAt: '2027-03-01T06:02:00.000Z', tenderId: secondId },
    });
  });

  test('both end when the buyer and the auditor cancel either', async () => {
    const { first, second } = published.fork();
    await first.submit(people.officer, 'tender:cancel', { tenderId: firstId, reason: 'Enough' });
    await second.submit(people.auditor, 'tender:cancel', { tenderId: secondId, reason: 'Enough' });
    for (const tenderId of [firstId, secondId]) {
      const { state } = await first.ledger.query(people.auditor, 'tender:get', { tenderId });
      expect(state).toBe('cancelled');
    }
  });
});

describe('the close of the first envelopes', () => {
  test('ends the submission of the second, also of what was endorsed before it', async () => {
    const pair = published.fork();
    const [person] = people.vendors;
    const sealed = await pair.second.sealedBid(1, road);
    const late = await pair.second.ledger.endorse(person!, 'bid:submit', sealed);
    expect(late.status).toBe(200);
    await pair.first.close();
    expect(pair.second.ledger.commit(late)).toBe('MVCC_READ_CONFLICT');
    expect(await refusal(pair.second, person!, 'bid:submit', sealed)).toMatchObject({
      code: 'PHASE',
      args: { tenderId: secondId, current: 'closed', allowed: ['published'] },
    });
  });

  test('fixes no list of the second: nothing can be opened or ended before the first are judged', async () => {
    const { second } = closed.fork();
    const [seat] = people.seats;
    second.ledger.nowMs += 10 * PERIOD_MS;
    const state = { code: 'STATE', args: { item: 'list' } };
    const zero = 'A'.repeat(43);
    const shares = { S: [zero], chunk: 0, listHash: zero, proof: 'A'.repeat(86), seat: 1 };
    const posted = { requestId: 'r', shares: { ...shares, tenderId: secondId } };
    expect(await second.ledger.refusal(seat!, 'opening:postShares', posted)).toMatchObject(state);
    const asked = { tenderId: secondId };
    expect(await second.ledger.refusal(seat!, 'opening:list', asked)).toMatchObject(state);
    for (const name of ['opening:combine', 'opening:recordMissing']) {
      expect(await refusal(second, people.auditor, name)).toEqual(state);
    }
    const bidKey = keyOf(secondId, 1);
    expect(await refusal(second, people.auditor, 'opening:strike', { bidKey })).toEqual(state);
    const selfOpen = makeSelfOpen(secondOf.get(1)!.secret);
    expect(await refusal(second, people.vendors[0]!, 'opening:selfOpen', { selfOpen })).toEqual(
      state,
    );
  });
});

describe('the technical evaluation', () => {
  test('takes an officer of the buyer and an auditor who give the same result', async () => {
    const { first } = closed.fork();
    await first.postShares(1, 3, 5);
    await first.combine();
    const input = { tenderId: firstId, failed: failing };
    const alone = await first.submit(people.officer, 'award:recordTechnical', input);
    expect(alone).toEqual({ tenderId: firstId, state: 'opened', recorded: false });
    expect(await refusal(first, people.officer, 'award:recordTechnical', input)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'approval', id: 'MinistryMSP' },
    });
    const other = { tenderId: firstId, failed: [] };
    const differing = await first.submit(people.auditor, 'award:recordTechnical', other);
    expect(differing).toMatchObject({ recorded: false });
    const both = await first.submit(people.auditor, 'award:recordTechnical', input);
    expect(both).toMatchObject({ state: 'evaluating', recorded: true });
  });

  test('passes every first envelope that opened, has no defect and is not named', async () => {
    const { first } = await judged(closed.fork());
    const { technical, lots } = await first.ledger.query(people.vendors[1]!, 'award:get', {
      tenderId: firstId,
    });
    const result = (vendor: number): object => ({
      ...{ bidKey: keyOf(firstId, vendor), lotId: 'road', vendorId: `vendor-${vendor}` },
      state: 'OPENED',
    });
    expect(lots).toEqual([]);
    expect(technical).toMatchObject({
      results: [
        { ...result(1), passed: true, defects: [] },
        { ...result(2), passed: true, defects: [] },
        { ...result(3), passed: false, defects: [], reason: failing[0]!.reason },
        { ...result(4), passed: false, defects: [{ code: 'NOT_A_BID_DOCUMENT' }] },
      ],
    });
  });

  test('refuses to judge what is not listed, twice, or not opened', async () => {
    const { first } = closed.fork();
    first.ledger.nowMs += PERIOD_MS;
    await first.submit(people.auditor, 'opening:recordMissing', { tenderId: firstId });
    const failed = [...failing, ...failing];
    const judge = (names: readonly object[]): ReturnType<typeof refusal> =>
      refusal(first, people.officer, 'award:recordTechnical', { failed: names });
    expect(await judge(failed)).toEqual({
      code: 'FORMAT',
      args: { path: 'failed[1]', problem: 'repeated' },
    });
    expect(await judge([{ bidKey: keyOf(secondId, 1), reason: 'No.' }])).toEqual({
      code: 'NOT_FOUND',
      args: { kind: 'bid', id: keyOf(secondId, 1) },
    });
    expect(await judge(failing)).toEqual({ code: 'STATE', args: { item: keyOf(firstId, 3) } });
  });

  test('is of first envelopes, which in turn are not ranked or awarded', async () => {
    const { first, second } = await judged(closed.fork());
    const needed = { code: 'ENVELOPE', args: { needed: secondId, tenderId: firstId } };
    expect(await refusal(first, people.officer, 'award:decide')).toEqual(needed);
    const opened = closed.fork().first;
    await opened.postShares(1, 3, 5);
    await opened.combine();
    expect(await refusal(opened, people.officer, 'award:evaluate')).toEqual(needed);
    await second.postShares(1, 3, 5);
    await second.combine();
    expect(await refusal(second, people.officer, 'award:recordTechnical', { failed: [] })).toEqual({
      code: 'ENVELOPE',
      args: { needed: firstId, tenderId: secondId },
    });
    const single = await (await Procurement.start(people)).untilPublished();
    await single.close();
    expect(await refusal(single, people.officer, 'award:recordTechnical', { failed: [] })).toEqual({
      code: 'FORMAT',
      args: { path: 'tenderId', problem: 'not of a first envelope' },
    });
  });
});

describe('the list of second envelopes', () => {
  test('holds exactly those whose first passed; the others stay beside it by their hashes', async () => {
    const { first, second } = await judged(closed.fork());
    const { tender } = await second.ledger.query(people.auditor, 'audit:record', {
      tenderId: secondId,
    });
    const { bids, listHash: told } = await second.ledger.query(people.seats[0]!, 'opening:list', {
      tenderId: secondId,
    });
    const entries = [1, 2].map((vendor) => {
      const listed = (bids as { bidKey: string; envelopeHash: string }[])[vendor - 1]!;
      expect(listed.bidKey).toBe(keyOf(secondId, vendor));
      return { bidKey: listed.bidKey, version: 1, envelopeHash: listed.envelopeHash };
    });
    expect(bids).toHaveLength(2);
    const name = { channel: CHANNEL, chaincode: CHAINCODE, tenderId: secondId };
    expect(told).toBe(listHash(name, entries));
    expect(tender).toMatchObject({ state: 'closed', listFixed: { listHash: told } });
    const { bids: firsts } = await first.ledger.query(people.auditor, 'bid:list', {
      tenderId: firstId,
    });
    expect(firsts).toHaveLength(4);
  });

  test('takes no shares and no self-opening for an excluded bid, and its vendor is told', async () => {
    const { second } = await judged(closed.fork());
    for (const vendor of [3, 4]) {
      const bidKey = keyOf(secondId, vendor);
      const person = people.vendors[vendor - 1]!;
      const selfOpen = makeSelfOpen(secondOf.get(vendor)!.secret);
      expect(await refusal(second, person, 'opening:selfOpen', { selfOpen })).toEqual({
        code: 'STATE',
        args: { item: bidKey },
      });
    }
    const shares = await second.sharesOf(1);
    const more = { ...shares, S: [...shares.S, shares.S[0]!] };
    expect(
      await second.ledger.refusal(people.seats[0]!, 'opening:postShares', {
        ...{ requestId: 'r', shares: more },
      }),
    ).toMatchObject({ code: 'COUNT', args: { item: 'S' } });
    await second.postShares(1, 3, 5);
    const bidKeys = [keyOf(secondId, 3)];
    expect(await refusal(second, people.auditor, 'opening:combine', { bidKeys })).toEqual({
      code: 'NOT_FOUND',
      args: { kind: 'bid', id: keyOf(secondId, 3) },
    });
    await second.combine();
    const { bids } = await second.ledger.query(people.vendors[2]!, 'bid:mine', {
      tenderId: secondId,
    });
    expect(bids).toMatchObject([{ bidKey: keyOf(secondId, 3), excluded: true }]);
    expect(bids).not.toMatchObject([{ state: expect.anything() }]);
    const all = await second.ledger.query(people.auditor, 'bid:list', { tenderId: secondId });
    const told = (all['bids'] as { state?: string; excluded?: true }[]).map(
      ({ state, excluded }) => state ?? excluded,
    );
    expect(told).toEqual(['OPENED', 'OPENED', true, true]);
  });

  test('still takes the self-opening of a listed bid, and its award follows from what was sealed', async () => {
    const { second } = await judged(closed.fork());
    for (const vendor of [1, 2]) {
      const person = people.vendors[vendor - 1]!;
      const selfOpen = makeSelfOpen(secondOf.get(vendor)!.secret);
      await second.submit(person, 'opening:selfOpen', { tenderId: secondId, selfOpen });
    }
    await second.evaluate();
    const { lots } = await second.decide();
    expect(lots).toMatchObject([
      { lotId: 'road', outcome: 'awarded', vendorId: 'vendor-1' },
      { lotId: 'bridge', outcome: 'unsuccessful' },
    ]);
  });

  test('is opened at once where no first envelope passed', async () => {
    const failed = [1, 2, 3].map((vendor) => ({
      ...{ bidKey: keyOf(firstId, vendor), reason: 'Not what was asked for.' },
    }));
    const { second } = await judged(closed.fork(), failed);
    const { state } = await second.ledger.query(people.auditor, 'tender:get', {
      tenderId: secondId,
    });
    expect(state).toBe('opened');
  });

  test('has its whole opening period from the day it is fixed', async () => {
    const pair = closed.fork();
    pair.first.ledger.nowMs += PERIOD_MS - 1;
    const { second } = await judged(pair);
    second.ledger.nowMs += PERIOD_MS - 1;
    expect(await refusal(second, people.auditor, 'opening:recordMissing')).toMatchObject({
      code: 'EARLY',
      args: { tenderId: secondId },
    });
    second.ledger.nowMs += 1;
    const ended = await second.submit(people.auditor, 'opening:recordMissing', {
      tenderId: secondId,
    });
    expect(ended).toMatchObject({ state: 'opened', remaining: 0 });
  });
});
