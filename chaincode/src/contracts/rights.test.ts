import { beforeAll, describe, expect, test } from '@jest/globals';
import { ORGANIZATIONS, ROLES, TENDER_STATES, TRANSACTIONS } from '@procurement/protocol';
import { type Person, personOf } from '../test-support/ledger';
import { LOTS, newPeople, type People, Procurement } from '../test-support/procurement';

const ZERO = 'A'.repeat(43);
const ZERO_64 = 'A'.repeat(86);
const tenderId = 'MoIT-2027-014';

/**
 * Who may do what, written down a second time: role and phases, `-` for a transaction that concerns
 * no existing tender. Phases are d(raft) p(ublished) c(losed) o(pened) e(valuating) a(warded)
 * x (cancelled).
 */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'key:register': { officer: '-', auditor: '-', committee: '-' },
  'key:revoke': { officer: '-', vendor: '-', auditor: '-', committee: '-' },
  'key:get': { officer: '-', vendor: '-', auditor: '-', committee: '-' },
  'vendor:register': { vendor: '-' },
  'vendor:renewKey': { vendor: '-' },
  'vendor:recoverKey': { officer: '-', auditor: '-' },
  'tender:create': { officer: '-' },
  'opening:registerKey': { committee: 'd' },
  'opening:rehearse': { committee: 'dpc' },
  'tender:publish': { officer: 'd' },
  'tender:amend': { officer: 'p' },
  'bid:confirm': { vendor: 'p', officer: 'p' },
  'bid:withdraw': { vendor: 'p', officer: 'p' },
  'tender:cancel': { officer: 'dpcoe', auditor: 'dpcoe' },
  'bid:submit': { vendor: 'p', officer: 'p' },
  'tender:close': { officer: 'p', vendor: 'p', auditor: 'p', committee: 'p', gateway: 'p' },
  'opening:postShares': { committee: 'c' },
  'opening:combine': { officer: 'c', vendor: 'c', auditor: 'c', committee: 'c' },
  'opening:strike': { officer: 'c', vendor: 'c', auditor: 'c', committee: 'c' },
  'opening:selfOpen': { vendor: 'c', officer: 'c' },
  'opening:recordMissing': { officer: 'c', vendor: 'c', auditor: 'c', committee: 'c' },
  'store:register': { gateway: '-' },
  'store:replaceKey': { officer: '-', auditor: '-' },
  'store:list': { officer: '-', vendor: '-', auditor: '-', committee: '-', gateway: '-' },
  'award:evaluate': { officer: 'o' },
  'award:recordTechnical': { officer: 'o', auditor: 'o' },
  'award:decide': { officer: 'e' },
  'vendor:get': { officer: '-', vendor: '-', auditor: '-', committee: '-' },
  'vendor:me': { vendor: '-' },
  'tender:get': {
    ...{ officer: 'dpcoeax', vendor: 'pcoeax', auditor: 'dpcoeax', committee: 'dpcoeax' },
    ...{ gateway: 'pcoeax' },
  },
  'tender:list': { officer: '-', vendor: '-', auditor: '-', committee: '-', gateway: '-' },
  'tender:committee': {
    ...{ officer: 'dpcoeax', vendor: 'pcoeax', auditor: 'dpcoeax', committee: 'dpcoeax' },
  },
  'bid:mine': { vendor: 'pcoeax', officer: 'pcoeax' },
  'bid:list': { officer: 'pcoeax', vendor: 'pcoeax', auditor: 'pcoeax', committee: 'pcoeax' },
  'opening:list': { officer: 'oeax', vendor: 'oeax', auditor: 'oeax', committee: 'coeax' },
  'opening:status': { officer: 'coeax', vendor: 'coeax', auditor: 'coeax', committee: 'coeax' },
  'award:get': { officer: 'eax', vendor: 'eax', auditor: 'eax', committee: 'eax' },
  'audit:record': {
    ...{ officer: 'dpcoeax', vendor: 'pcoeax', auditor: 'dpcoeax', committee: 'dpcoeax' },
  },
  'audit:clock': { gateway: '-' },
  'audit:whoami': { officer: '-', vendor: '-', auditor: '-', committee: '-', gateway: '-' },
};

const LETTERS = ['d', 'p', 'c', 'o', 'e', 'a', 'x'];
const HOME: Readonly<Record<string, string>> = {
  officer: 'MinistryMSP',
  vendor: 'VendorMSP',
  auditor: 'AuditorMSP',
};

/** Which answer a cell of the table gives. */
type Answer = 'ROLE' | 'PHASE' | 'NOT_FOUND' | 'EXISTS' | 'taken';

let people: People;
const worlds = new Map<string, Procurement>();
const callers = new Map<string, Person>();

beforeAll(async () => {
  people = newPeople();
  const procurement = await Procurement.start(people);
  for (const mspId of ORGANIZATIONS) {
    for (const role of ROLES) callers.set(`${mspId} ${role}`, callerOf(mspId, role));
  }
  // Whoever has a role of an organisation and no key in the register is refused for that.
  for (const [name, person] of callers) {
    const isNew = !Object.values(people).flat().includes(person);
    const mayRegister = /MinistryMSP officer|AuditorMSP auditor/.test(name);
    if (isNew && mayRegister) await procurement.submit(person, 'key:register', { name });
  }
  await procurement.registerVendors();
  worlds.set('none', procurement.fork());
  const step = async (state: string, act: () => Promise<unknown>): Promise<void> => {
    await act();
    worlds.set(state, procurement.fork());
  };
  await step('draft', () => procurement.create());
  await procurement.registerKeys();
  await step('published', () => procurement.publish());
  await procurement.bid(1, { lotId: LOTS.road, rate: '500' });
  await step('closed', () => procurement.close());
  await procurement.postShares(1, 2, 3);
  await step('opened', () => procurement.combine());
  await step('evaluating', () => procurement.evaluate());
  const cancelled = procurement.fork();
  await step('awarded', () => procurement.decide());
  await cancelled.cancel();
  worlds.set('cancelled', cancelled);
});

function callerOf(mspId: string, role: string): Person {
  const seat = people.seats.find((person) => person.mspId === mspId);
  if (role === 'committee' && seat !== undefined) return seat;
  if (role === 'vendor' && mspId === 'VendorMSP') return people.vendors[0]!;
  return personOf(mspId, { role, agency: 'MoIT' });
}

const requestId = 'cell';
const onTender = { requestId, tenderId };

/** Inputs of the right form; what else is wrong with them comes after role and phase. */
const INPUTS: Readonly<Record<string, object | ((world: Procurement) => object)>> = {
  'key:register': { requestId, name: 'A person' },
  'key:revoke': { requestId, spki: ZERO, reason: 'Lost' },
  'key:get': { spki: ZERO },
  'vendor:renewKey': { requestId, publicKey: 'A'.repeat(122), possession: 'A'.repeat(96) },
  'vendor:recoverKey': {
    ...{ requestId, vendorId: 'vendor-1' },
    ...{ publicKey: 'A'.repeat(122), possession: 'A'.repeat(96) },
  },
  'tender:amend': { ...onTender, text: 'Explained' },
  'bid:confirm': { ...onTender, lotId: 'road', noticeHash: ZERO },
  'bid:withdraw': { ...onTender, lotId: 'road' },
  'opening:rehearse': {
    requestId,
    rehearsal: { moment: 'publication', proof: ZERO_64, seat: 1, tenderId },
  },
  'vendor:register': { requestId, vendorId: 'vendor-9', name: 'Nine', licence: 'L-9' },
  'tender:create': (world: Procurement) => ({ requestId, tender: world.draft() }),
  'opening:registerKey': (world: Procurement) => ({ requestId, key: world.newKey(1).key }),
  'tender:publish': onTender,
  'tender:cancel': { ...onTender, reason: 'Budget withdrawn' },
  'bid:submit': { ...onTender, lotId: 'road', noticeHash: ZERO, version: 1, envelope: {} },
  'tender:close': onTender,
  'opening:postShares': {
    requestId,
    shares: { S: [ZERO], chunk: 0, listHash: ZERO, proof: ZERO_64, seat: 1, tenderId },
  },
  'opening:combine': onTender,
  'opening:strike': { ...onTender, bidKey: `bid/${tenderId}/road/vendor-9` },
  'opening:selfOpen': {
    ...onTender,
    selfOpen: { S: ZERO, bidKey: `bid/${tenderId}/road/vendor-1`, proof: ZERO_64 },
  },
  'opening:recordMissing': onTender,
  'store:register': {
    ...{ requestId, storeId: 'store-one', url: 'https://store.example' },
    ...{ publicKey: 'A'.repeat(122), possession: 'A'.repeat(96) },
  },
  'store:replaceKey': {
    ...{ requestId, storeId: 'store-one' },
    ...{ publicKey: 'A'.repeat(122), possession: 'A'.repeat(96) },
  },
  'store:list': {},
  'award:evaluate': onTender,
  'award:recordTechnical': { ...onTender, failed: [] },
  'award:decide': onTender,
  'vendor:get': { vendorId: 'vendor-1' },
  'vendor:me': {},
  'tender:list': {},
  'audit:clock': {},
  'audit:whoami': {},
};

function inputOf(transaction: string, world: Procurement): object {
  const input = INPUTS[transaction] ?? { tenderId };
  return typeof input === 'function' ? (input as (world: Procurement) => object)(world) : input;
}

function isHome(role: string, mspId: string): boolean {
  return HOME[role] === undefined || HOME[role] === mspId;
}

function expectedAnswer(cell: {
  readonly transaction: string;
  readonly mspId: string;
  readonly role: string;
  readonly phase: string;
}): Answer {
  const { transaction, mspId, role, phase } = cell;
  const phases = EXPECTED[transaction]?.[role];
  if (phases === undefined || !isHome(role, mspId)) return 'ROLE';
  if (transaction === 'tender:create' && phase !== 'none') return 'EXISTS';
  if (phases === '-') return 'taken';
  if (phase === 'none') return 'NOT_FOUND';
  const isAllowed = phases.includes(letterOf(phase)) && !isOtherMoment(transaction, phase);
  return isAllowed ? 'taken' : 'PHASE';
}

function letterOf(phase: string): string {
  return LETTERS[TENDER_STATES.findIndex((state) => state === phase)] ?? '';
}

/** A rehearsal's moment decides too: the publication is rehearsed in a draft. */
function isOtherMoment(transaction: string, phase: string): boolean {
  return transaction === 'opening:rehearse' && ['published', 'closed'].includes(phase);
}

async function answerOf(transaction: string, caller: Person, phase: string): Promise<Answer> {
  const world = worlds.get(phase)!;
  const reject = await world.ledger.refusal(caller, transaction, inputOf(transaction, world));
  const code = reject?.code;
  // A tender that is there, and something in it that is not, comes after role and phase.
  if (code === 'NOT_FOUND' && reject?.args['kind'] !== 'tender') return 'taken';
  if (code === 'EXISTS') return transaction === 'tender:create' ? code : 'taken';
  return code === 'ROLE' || code === 'PHASE' || code === 'NOT_FOUND' ? code : 'taken';
}

describe('the table of rights', () => {
  test('is written down for every transaction', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...TRANSACTIONS].sort());
  });

  test.each(TRANSACTIONS)('%s answers every organisation, role and phase by it', async (name) => {
    const wrong: object[] = [];
    for (const mspId of ORGANIZATIONS) {
      for (const role of ROLES) {
        for (const phase of worlds.keys()) {
          const cell = { transaction: name, mspId, role, phase };
          const due = expectedAnswer(cell);
          const given = await answerOf(name, callers.get(`${mspId} ${role}`)!, phase);
          if (given !== due) wrong.push({ ...cell, due, given });
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each([
    ['a certificate without attributes', {}],
    ['an invented role', { role: 'admin' }],
    ['a role in another spelling', { role: 'Officer', agency: 'MoIT' }],
  ])('gives %s nothing', async (_name, attributes) => {
    const nobody = personOf('MinistryMSP', attributes);
    const world = worlds.get('draft')!;
    for (const transaction of TRANSACTIONS) {
      const reject = await world.ledger.refusal(nobody, transaction, inputOf(transaction, world));
      expect(reject?.code).toBe('ROLE');
    }
  });

  test('gives an organisation outside the network nothing', async () => {
    const stranger = personOf('OtherMSP', { role: 'officer', agency: 'MoIT' });
    const { ledger } = worlds.get('none')!;
    expect(await ledger.refusal(stranger, 'audit:whoami', {})).toMatchObject({ code: 'ROLE' });
  });
});
