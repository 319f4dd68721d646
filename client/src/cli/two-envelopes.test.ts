import { writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fromBase64url } from '@procurement/protocol';
import { type Envelope, freezeCommittee, openOwnBid, ready } from '@procurement/sealed';
import { CommandLine, lock } from '../test-support/command-line';
import { closedWith, type FakeTender, newFakeTender, spkiOf } from '../test-support/fake-tender';
import { newTestWorld, type TestWorld } from '../test-support/test-authority';
import { KeptBid } from './folder/kept-bids';

const [firstId, secondId] = ['T-1.technical', 'T-1.financial'] as const;
const outcome = { transactionId: 'b'.repeat(64), blockNumber: '7', repeated: false };
const officer = { mspId: 'MinistryMSP', role: 'officer', spki: spkiOf(7), agency: 'MoIT' };
const vendor = { mspId: 'VendorMSP', role: 'vendor', spki: spkiOf(9), vendorId: 'vendor-1' };
const statement = 'Two graders and a crew of nine.';
const amounts = {
  lotId: 'L1',
  lines: [{ itemId: 'I1', quantity: '10', rate: '500', amount: '5000' }],
  total: '5000',
};

let world: TestWorld;
let line: CommandLine;
let first: FakeTender;
let second: FakeTender;

beforeAll(async () => {
  await ready();
  world = await newTestWorld();
});

beforeEach(async () => {
  line = await CommandLine.start(world);
  [first, second] = [await newFakeTender(firstId), await newFakeTender(secondId)];
  line.tells(first);
  line.tells(second);
  line.callerIs(vendor);
  writeFileSync(line.path('statement.json'), JSON.stringify({ lotId: 'L1', statement }));
  writeFileSync(line.path('amounts.json'), JSON.stringify(amounts));
});

afterEach(() => line.stop());

function answers(route: string, body: unknown): void {
  line.gateway.routes.set(route, { body });
}

const sent = (): unknown => line.gateway.requests.at(-1)?.body;

/** What lies in the envelope that was kept last for lot L1. */
async function sealedText({ tender, view }: FakeTender): Promise<unknown> {
  const kept = KeptBid.find(line.folder, { tenderId: tender.tenderId, lotId: 'L1' });
  const { bid, seed } = await kept.secret(lock);
  const committee = freezeCommittee({ ...view, keys: view.records });
  const envelope = kept.submission().envelope as Envelope;
  const opened = await openOwnBid({ committee, bid, envelope, seed: fromBase64url(seed) });
  return opened.state === 'OPENED' ? JSON.parse(new TextDecoder().decode(opened.plain)) : opened;
}

describe('procure bid, where bids have two envelopes', () => {
  test('seals a statement without amounts in the first, and the amounts in the second', async () => {
    const seal = ['bid', 'seal'];
    expect(await line.procure(...seal, firstId, line.path('statement.json'))).toMatchObject({
      code: 0,
    });
    expect(await line.procure(...seal, secondId, line.path('amounts.json'))).toMatchObject({
      code: 0,
    });
    const named = { v: 1, lotId: 'L1', vendorId: 'vendor-1', documents: [] };
    const { noticeHash } = first.view;
    expect(await sealedText(first)).toEqual({
      ...{ ...named, tenderId: firstId, noticeHash, statement },
    });
    expect(await sealedText(second)).toMatchObject({ ...named, ...amounts, tenderId: secondId });
  });

  test('seals no amount in the first and no statement in the second', async () => {
    const mixed = line.path('mixed.json');
    for (const [tenderId, written] of [
      [firstId, amounts],
      [firstId, { lotId: 'L1', statement, currency: 'BTN' }],
      [secondId, { ...amounts, statement }],
    ] as const) {
      writeFileSync(mixed, JSON.stringify(written));
      const { code, err } = await line.procure('bid', 'seal', tenderId, mixed);
      expect(code).toBe(5);
      expect(err).toContain('the bid is not of its form');
    }
  });

  test('submit shows the statement and which envelope it is', async () => {
    await line.procure('bid', 'seal', firstId, line.path('statement.json'));
    answers(`POST /tenders/${firstId}/bids`, { ...outcome, result: {} });
    const { code, err } = await line.procure('bid', 'submit', firstId, 'L1');
    expect(code).toBe(0);
    expect(err).toContain(statement);
    expect(err).toMatch(/envelope +the first, without amounts; the other one is T-1\.financial/);
    expect(err).not.toContain('BTN');
  });

  test('list marks what stays sealed, and says why', async () => {
    const bid = { lotId: 'L1', version: 1, envelopeHash: spkiOf(1) };
    const bids = [
      { ...bid, vendorId: '.estimate', state: 'OPENED' },
      { ...bid, vendorId: 'vendor-1', excluded: true },
    ];
    answers(`GET /tenders/${secondId}/bids`, { tenderId: secondId, complete: true, bids });
    const { out } = await line.procure('bid', 'list', secondId);
    expect(out).toMatch(/L1 +official estimate +1 +OPENED/);
    expect(out).toMatch(/L1 +vendor-1 +1 +excluded/);
    expect(out).toContain('its first envelope did not pass');
    const { out: json } = await line.procure('bid', 'list', secondId, '--json');
    expect(JSON.parse(json)).toMatchObject({ bids });
  });

  test('self-open of a second envelope waits until the first are judged', async () => {
    await line.procure('bid', 'seal', secondId, line.path('amounts.json'));
    const { listFixed, ...waiting } = closedWith(second, []).tender;
    expect(listFixed).toBeDefined();
    answers(`GET /tenders/${secondId}`, waiting);
    for (const words of [
      ['bid', 'self-open', secondId, 'L1'],
      ['committee', 'combine', secondId],
    ]) {
      const { code, err } = await line.procure(...words);
      expect(code).toBe(2);
      expect(err).toContain('The first envelopes have to be judged first');
    }
    const shown = await line.procure('tender', 'show', secondId);
    expect(shown.out).toMatch(/waits +until the first envelopes are judged/);
  });
});

describe('procure bid for an officer of the buyer', () => {
  beforeEach(() => {
    line.callerIs(officer);
  });

  test('seals and hands in the official estimate, and replaces it', async () => {
    const bids = [{ lotId: 'L1', vendorId: '.estimate', version: 1 }];
    answers(`GET /tenders/${secondId}/bids`, { tenderId: secondId, complete: false, bids });
    answers(`POST /tenders/${secondId}/bids`, { ...outcome, result: {} });
    const words = ['bid', 'replace', secondId, line.path('amounts.json')];
    const { code, out, err } = await line.procure(...words);
    expect(code).toBe(0);
    expect(err).toMatch(/bidder +official estimate/);
    expect(out).toContain('Handed in version 2');
    expect(sent()).toMatchObject({ lotId: 'L1', version: 2 });
    expect(await sealedText(second)).toMatchObject({ ...amounts, vendorId: '.estimate' });
  });

  test('finds the official estimate on the ledger, and withdraws it', async () => {
    await line.procure('bid', 'seal', secondId, line.path('amounts.json'));
    const kept = KeptBid.find(line.folder, { tenderId: secondId, lotId: 'L1' });
    const { envelopeHash } = await kept.secret(lock);
    const there = { lotId: 'L1', vendorId: '.estimate', version: 1, envelopeHash };
    answers(`GET /tenders/${secondId}/bids`, { bids: [there] });
    const verified = await line.procure('bid', 'verify', secondId, 'L1', '--json');
    expect(JSON.parse(verified.out)).toMatchObject({ version: 1, state: 'sealed' });
    answers('POST /commands/bid:withdraw', { ...outcome, result: {} });
    expect(await line.procure('bid', 'withdraw', secondId, 'L1')).toMatchObject({ code: 0 });
    expect(sent()).toMatchObject({ tenderId: secondId, lotId: 'L1' });
  });

  test('seals none for another agency', async () => {
    line.callerIs({ ...officer, agency: 'MoH' });
    const { code, err } = await line.procure('bid', 'seal', secondId, line.path('amounts.json'));
    expect(code).toBe(5);
    expect(err).toContain('officers of MoIT alone seal the official estimate');
  });
});

describe('procure award technical', () => {
  const keyOf = (vendorId: string): string => `bid/${firstId}/L1/${vendorId}`;
  const opened = { lotId: 'L1', version: 1, state: 'OPENED' };
  const bids = ['.estimate', 'vendor-1', 'vendor-2'].map((vendorId) => ({
    ...{ ...opened, vendorId, bidKey: keyOf(vendorId) },
  }));
  const judge = ['award', 'technical', firstId];
  const failing = ['--failed', `${keyOf('vendor-2')}=No crane; b=2`];
  const failed = [{ bidKey: keyOf('vendor-2'), reason: 'No crane; b=2' }];

  beforeEach(() => {
    line.callerIs(officer);
    const unopened = { ...opened, vendorId: 'vendor-3', bidKey: keyOf('vendor-3') };
    const all = [...bids, { ...unopened, state: 'INVALID_GCM' }];
    answers(`GET /tenders/${firstId}/bids`, { tenderId: firstId, complete: true, bids: all });
  });

  function recorded(result: object): void {
    const told = { tenderId: firstId, state: 'opened', ...result };
    answers(`POST /tenders/${firstId}/technical-evaluation`, { ...outcome, result: told });
  }

  test('shows every bid with what is said of it, and tells who is awaited', async () => {
    recorded({ recorded: false });
    const { code, out, err } = await line.procure(...judge, ...failing);
    expect(code).toBe(0);
    for (const shown of [
      /lot L1, official estimate +passes/,
      /lot L1, vendor-1 +passes/,
      /lot L1, vendor-2 +fails: No crane; b=2/,
      /lot L1, vendor-3 +did not open/,
    ]) {
      expect(err).toMatch(shown);
    }
    expect(sent()).toMatchObject({ failed });
    expect(out).toContain('once an auditor has said the same');
    expect(out).toContain(`procure award technical ${firstId} --failed "${failing[1]}"`);
    line.callerIs({ mspId: 'AuditorMSP', role: 'auditor', spki: spkiOf(8) });
    expect((await line.procure(...judge)).out).toContain('once an officer of the buyer has');
  });

  test('the same judgement is the same request, in whatever order it names the bids', async () => {
    recorded({ recorded: false });
    const more = ['--failed', `${keyOf('vendor-1')}=Late delivery`];
    await line.procure(...judge, ...failing, ...more);
    const before = sent();
    await line.procure(...judge, ...more, ...failing);
    expect(sent()).toEqual(before);
  });

  test('says what comes next once both have said the same', async () => {
    recorded({ state: 'evaluating', recorded: true, listHash: spkiOf(5) });
    const { out } = await line.procure(...judge);
    expect(out).toContain('the list of second envelopes is fixed');
    expect(out).toContain(`procure committee open ${secondId}`);
    const { out: json } = await line.procure(...judge, '--json');
    expect(JSON.parse(json)).toMatchObject({ result: { recorded: true, listHash: spkiOf(5) } });
  });

  test.each([
    ['a second envelope', ['award', 'technical', secondId], 'first envelopes alone are judged'],
    ['a bid without a reason', [...judge, '--failed', keyOf('vendor-1')], 'a bid and a reason'],
    ['a bid that is not there', [...judge, '--failed', `${keyOf('x')}=Why`], 'no opened bid'],
    ['a bid that did not open', [...judge, '--failed', `${keyOf('vendor-3')}=Why`], 'leave it out'],
  ])('judges nothing where it names %s', async (_, words, told) => {
    const { code, err } = await line.procure(...words);
    expect(code).toBe(2);
    expect(err).toContain(told);
    expect(line.gateway.requests.some(({ route }) => route.startsWith('POST'))).toBe(false);
  });

  test('show prints who passed, and why the others did not', async () => {
    const result = { lotId: 'L1', state: 'OPENED', passed: true, defects: [] };
    const results = [
      { ...result, bidKey: keyOf('.estimate'), vendorId: '.estimate' },
      { ...result, ...failed[0], vendorId: 'vendor-2', passed: false },
      {
        ...{ ...result, bidKey: keyOf('vendor-3'), vendorId: 'vendor-3', passed: false },
        ...{ state: 'INVALID_GCM', defects: [{ code: 'NOT_OPENED' }] },
      },
    ];
    const award = { tenderId: firstId, state: 'opened', lots: [] };
    answers(`GET /tenders/${firstId}/award`, award);
    expect((await line.procure('award', 'show', firstId)).out).toContain('not judged yet');
    answers(`GET /tenders/${firstId}/award`, { ...award, technical: { results } });
    const { out } = await line.procure('award', 'show', firstId);
    expect(out).toMatch(/L1 +official estimate +OPENED +passed$/m);
    expect(out).toMatch(/L1 +vendor-2 +OPENED +failed +No crane; b=2$/m);
    expect(out).toMatch(/L1 +vendor-3 +INVALID_GCM +failed +NOT_OPENED$/m);
  });
});

describe('procure award show', () => {
  test('has the official estimate beside the ranks, without a rank', async () => {
    const rank = { rank: 1, bidKey: `bid/${secondId}/L1/vendor-1`, vendorId: 'vendor-1' };
    const lot = {
      lotId: 'L1',
      ranks: [{ ...rank, evaluatedAmount: '5000' }],
      bids: [{ vendorId: '.estimate', evaluatedAmount: '4800' }, { vendorId: 'vendor-1' }],
    };
    answers(`GET /tenders/${secondId}/award`, { tenderId: secondId, lots: [lot] });
    const { out } = await line.procure('award', 'show', secondId);
    expect(out).toMatch(/^L1 +1 +vendor-1 +5000$/m);
    expect(out).toMatch(/^L1 +official estimate +4800$/m);
  });
});

describe('a refusal about two envelopes', () => {
  test.each([
    ['STATE', { item: 'list' }, 'The first envelopes have to be judged first'],
    ['ENVELOPE', { needed: firstId, tenderId: secondId }, `Do it for ${firstId} first`],
  ])('%s says what to do', async (code, args, told) => {
    const body = { code, detail: 'Not yet.', args };
    line.gateway.routes.set(`POST /tenders/${secondId}/closure`, { status: 409, body });
    const { code: exit, err } = await line.procure('tender', 'close', secondId);
    expect(exit).toBe(3);
    expect(err).toContain(told);
  });
});

test('the help of a draft tells how two envelopes are drafted', async () => {
  const { out } = await line.procure('tender', 'create', '--help');
  for (const told of ['<id>.technical', '<id>.financial', 'Publish the financial']) {
    expect(out).toContain(told);
  }
});
