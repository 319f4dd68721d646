import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { REJECT_CODES, REJECTS, type Reject, type RejectCode } from '@procurement/protocol';
import type { Person } from '../test-support/ledger';
import { personOf } from '../test-support/ledger';
import { scenariosOfEnds } from '../test-support/opening-scenarios';
import { changed, LOTS, newPeople, type People, Procurement } from '../test-support/procurement';

const ZERO = 'A'.repeat(43);
const NO_POINT = `${'_'.repeat(42)}8`;
const road = { lotId: LOTS.road, rate: '500' };
const bridge = { lotId: LOTS.bridge, rate: '900000' };

let people: People;
let vendor: Person;
let empty: Procurement;
let draft: Procurement;
let published: Procurement;
let closed: Procurement;
let bid: Record<string, unknown>;

beforeAll(async () => {
  people = newPeople();
  vendor = people.vendors[0]!;
  empty = await Procurement.start(people);
  draft = empty.fork();
  await draft.create();
  published = draft.fork();
  await published.registerKeys();
  await published.publish();
  await published.registerVendors();
  bid = await published.sealedBid(1, road);
  closed = published.fork();
  await closed.bid(1, road);
  await closed.bid(1, bridge);
  await closed.close();
});

/** Refusal of a registration of the key of seat 1 with some members changed. */
async function ofKey(change: object): Promise<Reject | undefined> {
  const key = changed(draft.newKey(1).key, change);
  const input = { requestId: 'r', key };
  return draft.ledger.refusal(people.seats[0]!, 'opening:registerKey', input);
}

/** Refusal of vendor 1's bid with some members changed, of the input or of the envelope. */
async function ofBid(change: object, envelopeChange: object = {}): Promise<Reject | undefined> {
  const envelope = changed(bid['envelope'] as object, envelopeChange);
  const input = { ...changed(bid, change), envelope };
  return published.ledger.refusal(vendor, 'bid:submit', input);
}

/** Refusal of shares of seat 1 with some members changed. */
async function ofShares(change: object, from = closed): Promise<Reject | undefined> {
  const shares = changed(await closed.sharesOf(1), change);
  const input = { requestId: 'r', shares };
  return from.ledger.refusal(people.seats[0]!, 'opening:postShares', input);
}

async function ofCreate(change: object): Promise<Reject | undefined> {
  const input = { requestId: 'r', tender: empty.draft(change) };
  return empty.ledger.refusal(people.officer, 'tender:create', input);
}

async function ofCombine(from: Procurement, bidKeys?: string[]): Promise<Reject | undefined> {
  const input = { ...from.onTender, ...(bidKeys === undefined ? {} : { bidKeys }) };
  return from.ledger.refusal(people.auditor, 'opening:combine', input);
}

async function ofPublish(from: Procurement, person: Person): Promise<Reject | undefined> {
  return from.ledger.refusal(person, 'tender:publish', from.onTender);
}

const whoami = (name: string, raw?: readonly Uint8Array[]): Promise<Reject | undefined> =>
  empty.ledger.refusal(people.auditor, name, {}, raw === undefined ? {} : { rawArguments: raw });

function seatsOf(mspIds: readonly string[]): object[] {
  return mspIds.map((mspId, index) => ({ seat: index + 1, mspId, spki: spkiOf(index) }));
}

function spkiOf(index: number): string {
  return people.seats[index]!.spki;
}

async function afterOneIsOpened(): Promise<Procurement> {
  const procurement = closed.fork();
  await procurement.postShares(1, 2, 3);
  const bidKeys = [`bid/${procurement.tenderId}/road/vendor-1`];
  await procurement.submit(people.auditor, 'opening:combine', {
    tenderId: procurement.tenderId,
    bidKeys,
  });
  return procurement;
}

/** For every code a call that it refuses, and its arguments. */
const scenarios: Record<RejectCode, [() => Promise<Reject | undefined>, object]> = {
  UNKNOWN_TRANSACTION: [() => whoami('tender:delete'), { transaction: 'tender:delete' }],
  CALL: [() => whoami('audit:whoami', []), { problem: '1 arguments' }],
  FOREIGN_CALL: [
    () => empty.ledger.refusal(people.auditor, 'audit:whoami', {}, { chaincode: 'proxy' }),
    { chaincode: 'proxy' },
  ],
  ROLE: [
    () => empty.ledger.refusal(vendor, 'tender:create', {}),
    { mspId: 'VendorMSP', role: 'vendor', transaction: 'tender:create' },
  ],
  KEY: [
    async () => {
      const procurement = empty.fork();
      const { spki } = people.officer;
      await procurement.submit(people.officer, 'key:revoke', { spki, reason: 'Lost' });
      return procurement.ledger.refusal(people.officer, 'tender:list', {});
    },
    { spki: expect.stringMatching(/^[\w-]{43}$/), state: 'revoked' },
  ],
  POSSESSION: [
    async () => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
      return published.ledger.refusal(vendor, 'vendor:renewKey', {
        ...{ requestId: published.requestId, publicKey: der, possession: 'MAYCAQECAQE' },
      });
    },
    { spki: expect.stringMatching(/^[\w-]{43}$/) },
  ],
  EXTENSION: [
    async () => {
      const { deadline } = published.draft() as { deadline: string };
      const input = { ...published.onTender, text: 'Sooner', deadline };
      return published.ledger.refusal(people.officer, 'tender:amend', input);
    },
    { deadline: expect.stringMatching(/Z$/), tenderId: 'MoIT-2027-014' },
  ],
  REHEARSAL: [
    async () => {
      const procurement = draft.fork();
      await procurement.registerKeys();
      return ofPublish(procurement, people.officer);
    },
    { seats: ['1', '2', '3', '4', '5'] },
  ],
  FORMAT: [() => ofBid({ lotId: 'no lot' }), { path: 'lotId', problem: 'invalid' }],
  CLOCK: [
    () =>
      draft.ledger.refusal(people.officer, 'tender:publish', draft.onTender, {
        atMs: draft.ledger.nowMs - 60_001,
      }),
    { at: '2027-03-01T02:58:59.999Z', toleranceMs: 60_000 },
  ],
  REQUEST_REUSED: [
    async () => {
      const procurement = empty.fork();
      const first = { requestId: 'same', tender: empty.draft() };
      await procurement.submit(people.officer, 'tender:create', first);
      const second = { requestId: 'same', tender: empty.draft({ title: 'Another' }) };
      return procurement.ledger.refusal(people.officer, 'tender:create', second);
    },
    { requestId: 'same', transactionId: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ],
  NOT_FOUND: [() => ofPublish(empty, people.officer), { kind: 'tender', id: 'MoIT-2027-014' }],
  AGENCY: [() => ofPublish(draft, people.otherOfficer), { agency: 'MoH', buyerAgency: 'MoIT' }],
  PHASE: [
    () => ofPublish(published, people.officer),
    { tenderId: 'MoIT-2027-014', current: 'published', allowed: ['draft'] },
  ],
  EXISTS: [
    () => {
      const input = { requestId: 'r', tender: draft.draft() };
      return draft.ledger.refusal(people.officer, 'tender:create', input);
    },
    { kind: 'tender', id: 'MoIT-2027-014' },
  ],
  ENVELOPE: [
    () => ofCreate({ tenderId: 'MoIT-2027-014.financial' }),
    { needed: 'MoIT-2027-014.technical', tenderId: 'MoIT-2027-014.financial' },
  ],
  DRAFT: [
    () => ofCreate({ lots: [{ lotId: 'road', title: 'Road', itemIds: ['earthwork', 'girder'] }] }),
    { path: 'items[1]', problem: 'in no lot' },
  ],
  PERIOD: [
    async () => {
      const procurement = empty.fork();
      await procurement.create({ deadline: procurement.ledger.now });
      return ofPublish(procurement, people.officer);
    },
    { period: 'bidding', actualMs: 0, minimumMs: 1000 },
  ],
  NOT_REGISTERED: [
    () => {
      const stranger = personOf('VendorMSP', { role: 'vendor' });
      return published.ledger.refusal(stranger, 'bid:submit', bid);
    },
    { mspId: 'VendorMSP', spki: expect.any(String) },
  ],
  LOT: [() => ofBid({ lotId: 'tunnel' }), { lotId: 'tunnel', tenderId: 'MoIT-2027-014' }],
  LIMIT: [
    () =>
      ofCombine(
        closed,
        [...Array(51).keys()].map((index) => `bid/T/L/vendor-${index}`),
      ),
    { what: 'bids of a combine', limit: 50 },
  ],
  DEADLINE: [
    () => {
      const procurement = published.fork();
      procurement.ledger.nowMs += 3_600_001;
      return procurement.ledger.refusal(vendor, 'bid:submit', bid);
    },
    {
      at: '2027-03-01T04:00:00.001Z',
      deadline: '2027-03-01T04:00:00.000Z',
      tenderId: 'MoIT-2027-014',
    },
  ],
  EARLY: [
    () => {
      const procurement = published.fork();
      procurement.awaitClose();
      procurement.ledger.nowMs -= 1;
      return procurement.ledger.refusal(vendor, 'tender:close', procurement.onTender);
    },
    {
      at: '2027-03-01T04:01:59.999Z',
      opensAt: '2027-03-01T04:02:00.000Z',
      tenderId: 'MoIT-2027-014',
    },
  ],
  NOTICE: [
    () => ofBid({ noticeHash: ZERO }),
    { noticeHash: expect.any(String), tenderId: 'MoIT-2027-014' },
  ],
  RECEIPT: [() => ofBid({}, { ref: ['one', 'two'] }), { item: 'receipts' }],
  SIGNER: [() => ofKey({ seat: 2 }), { item: 'seat' }],
  SIZE: [() => ofPublish(draft, people.officer), { item: 'records' }],
  STATE: [
    async () => ofCombine(await afterOneIsOpened(), ['bid/MoIT-2027-014/road/vendor-1']),
    { item: 'bid/MoIT-2027-014/road/vendor-1' },
  ],
  SEAT: [() => ofShares({ seat: 2 }), { item: 'poster' }],
  LIST: [() => ofShares({ listHash: ZERO }), { item: 'listHash' }],
  CHUNK: [() => ofShares({ chunk: 1 }), { item: 'chunk' }],
  REPEAT: [
    async () => {
      const procurement = closed.fork();
      await procurement.postShares(1);
      return ofShares({}, procurement);
    },
    { item: 'seat 1 chunk 0' },
  ],
  COUNT: [() => ofShares({ S: [] }), { item: 'S' }],
  CT_LEN: [() => ofBid({}, { ctLen: 1041 }), { item: 'ctLen' }],
  SCALAR: [() => ofBid({}, { e: ZERO }), { item: 'e' }],
  POINT: [() => ofKey({ y: NO_POINT }), { item: 'seat 1 y' }],
  IDENTITY: [() => ofKey({ y: ZERO }), { item: 'seat 1 y' }],
  DUPLICATE: [
    async () => {
      const procurement = draft.fork();
      const { key } = procurement.newKey(1);
      await procurement.submit(people.seats[0]!, 'opening:registerKey', { key });
      const input = { requestId: 'again', key };
      return procurement.ledger.refusal(people.seats[0]!, 'opening:registerKey', input);
    },
    { item: 'y' },
  ],
  POP: [() => ofKey({ pop: draft.newKey(1).key.pop }), { item: 'seat 1' }],
  ORG: [
    () =>
      ofCreate({
        committee: { t: 2, seats: seatsOf(['MinistryMSP', 'MinistryMSP', 'AuditorMSP']) },
      }),
    { item: 'MinistryMSP' },
  ],
  CT_HASH: [() => ofBid({}, { ctHash: ZERO }), { item: 'ctHash' }],
  VERSION: [() => ofBid({ version: 2 }), { item: 'version' }],
  DEAL: [() => published.ledger.refusal(people.vendors[1]!, 'bid:submit', bid), { item: 'e' }],
  OPEN: [async () => ofShares({ S: (await closed.sharesOf(3)).S }), { item: 'proof' }],
  FEW: [
    async () => {
      const procurement = closed.fork();
      await procurement.postShares(2, 4);
      return ofCombine(procurement);
    },
    { item: 'shares' },
  ],
  ...scenariosOfEnds({ people: () => people, closed: () => closed }),
};

describe('every refusal', () => {
  test.each(REJECT_CODES)('%s is given with its arguments', async (code) => {
    const [provoke, args] = scenarios[code];
    const reject = await provoke();
    expect(reject?.code).toBe(code);
    expect(reject?.args).toEqual(args);
    expect(Object.keys(reject?.args ?? {}).sort()).toEqual(REJECTS[code].args);
  });

  test('changes nothing: a refused call has no event', async () => {
    const { event, status } = await draft.ledger.endorse(vendor, 'tender:publish', draft.onTender);
    expect({ event, status }).toEqual({ event: undefined, status: 500 });
  });
});

describe('where two refusals apply', () => {
  const far = 10 * 60_000;
  const cases: [RejectCode, RejectCode, () => Promise<Reject | undefined>][] = [
    [
      'FOREIGN_CALL',
      'ROLE',
      () => empty.ledger.refusal(vendor, 'tender:create', {}, { chaincode: 'proxy' }),
    ],
    ['ROLE', 'FORMAT', () => empty.ledger.refusal(vendor, 'tender:create', '{')],
    [
      'FORMAT',
      'CLOCK',
      () => empty.ledger.refusal(people.officer, 'tender:publish', {}, { atMs: far }),
    ],
    [
      'CLOCK',
      'NOT_FOUND',
      () => empty.ledger.refusal(people.officer, 'tender:publish', empty.onTender, { atMs: far }),
    ],
    [
      'EXISTS',
      'ENVELOPE',
      async () => {
        const procurement = empty.fork();
        await procurement.create({ tenderId: 'MoIT-2027-014.technical' });
        await procurement.create({ tenderId: 'MoIT-2027-014.financial' });
        const tenderId = 'MoIT-2027-014.financial';
        const tender = procurement.draft({ tenderId, title: 'Another' });
        for (const person of [people.officer, people.auditor]) {
          await procurement.submit(person, 'tender:cancel', { tenderId, reason: 'Enough' });
        }
        return procurement.ledger.refusal(people.officer, 'tender:create', {
          ...{ requestId: 'r', tender },
        });
      },
    ],
    ['AGENCY', 'PHASE', () => ofPublish(published, people.otherOfficer)],
    [
      'PHASE',
      'NOT_REGISTERED',
      () => {
        const stranger = personOf('VendorMSP', { role: 'vendor' });
        return closed.ledger.refusal(stranger, 'bid:submit', bid);
      },
    ],
    ['LOT', 'NOTICE', () => ofBid({ lotId: 'tunnel', noticeHash: ZERO })],
    ['NOTICE', 'RECEIPT', () => ofBid({ noticeHash: ZERO }, { ref: ['one', 'two'] })],
    ['RECEIPT', 'COUNT', () => ofBid({}, { ref: ['one', 'two'], C: [] })],
    ['COUNT', 'CT_LEN', () => ofBid({}, { C: [], ctLen: 5 })],
    ['CT_LEN', 'SCALAR', () => ofBid({}, { ctLen: 5, e: ZERO })],
    ['SCALAR', 'VERSION', () => ofBid({ version: 7 }, { e: ZERO })],
    ['CT_HASH', 'VERSION', () => ofBid({ version: 7 }, { ctHash: ZERO })],
    ['VERSION', 'DEAL', () => ofBid({ version: 7 })],
  ];

  test.each(cases)('%s comes before %s', async (code, _lower, provoke) => {
    expect((await provoke())?.code).toBe(code);
  });
});
