import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeOpening } from '@procurement/client';
import type { TenderDraft } from '@procurement/protocol';
import { personFolder } from '@procurement/tools/demonstration/cast';
import { gatewayStoreOf } from '@procurement/tools/start/gateway-wallet';
import { GATEWAYS } from '@procurement/tools/start/stack';
import { BIDDING_MS } from './support/clock';
import { storesInRegister } from './support/gateway-stores';
import {
  draftOf,
  type PublishedTender,
  publishDraft,
  registerVendors,
  startSystem,
  type System,
} from './support/procedure';
import { type Ended, runForPerson } from './support/run-procure';

const tenderId = 'T-1';
const graceMs = 500;
/** Items of the first lot: a bid for all of them is too long for the ledger. */
const itemCount = 400;
const rate = '25';

/** A listed document as `bid documents --json` tells it. */
interface Listed {
  readonly vendorId: string;
  readonly lotId: string;
  readonly title: string;
  readonly mediaType: string;
  readonly ctHash: string;
  readonly stores: readonly string[];
  readonly file?: string;
}

let home: string;
let system: System;
/** Address of the second gateway. */
let second: string;
let tender: PublishedTender;
const files: Readonly<Record<string, Buffer>> = {
  'method.pdf': randomBytes(300_000),
  'programme.txt': Buffer.from('Gravel first, then the bridge.'),
  'references.xlsx': randomBytes(5_000),
};
const results = new Map<string, Ended>();

function path(...names: readonly string[]): string {
  return join(home, ...names);
}

/** Runs a command in somebody's folder; whatever it signs is meant. */
function procure(person: string, ...args: readonly string[]): Promise<Ended> {
  return runForPerson(args, { system, person, witness: second });
}

async function mustProcure(person: string, ...args: readonly string[]): Promise<Ended> {
  const ended = await procure(person, ...args);
  if (ended.exitCode === 0) return ended;
  throw new Error(`${person}, ${args.join(' ')}: ${ended.errors}`);
}

async function documentsOf(ended: Promise<Ended>): Promise<readonly Listed[]> {
  return (JSON.parse((await ended).output) as { readonly documents: readonly Listed[] }).documents;
}

function keptOf(mspId: string): string {
  return join(gatewayStoreOf(system.folder, mspId), 'kept');
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'documents-'));
  system = await startSystem({ environment: { PROCUREMENT_STORE: 'folder' } });
  second = String(await system.stack.startSecond());
  await registerVendors(system.people, ['vendor-1', 'vendor-2']);
  await storesInRegister(system.people.auditor);
  for (const [name, bytes] of Object.entries(files)) await writeFile(path(name), bytes);
  tender = await publish();
  await Promise.all([bidOfFirst(), bidsOfSecond()]);
  results.set('documents too early', await procure('auditor', 'bid', 'documents', tenderId));
  await system.clock.pass(Date.parse(tender.draft.deadline) + graceMs);
  await open();
  await award();
}, 600_000);

afterAll(async () => {
  await system.stop();
  await rm(home, { recursive: true });
});

/** One lot with very many items, and two with one. */
async function publish(): Promise<PublishedTender> {
  const times = { biddingMs: BIDDING_MS, graceMs };
  const plain = await draftOf({ people: system.people, tenderId, lotCount: 3, ...times });
  const more = Array.from({ length: itemCount - 1 }, (_, index) => ({
    ...{ itemId: `M${index + 1}`, description: `Part ${index + 1}`, unit: 'piece' },
    quantity: '10',
  }));
  const [first, ...others] = plain.lots;
  const itemIds = [...first!.itemIds, ...more.map(({ itemId }) => itemId)];
  const draft: TenderDraft = {
    ...plain,
    items: [...plain.items, ...more],
    lots: [{ ...first!, itemIds }, ...others],
  };
  return publishDraft(system.people, draft);
}

/** Writes a bid for a lot with its items, all at one rate. */
async function writeBid(name: string, lotId: string, itemIds: readonly string[]): Promise<string> {
  const amount = (10n * BigInt(rate)).toString();
  const lines = itemIds.map((itemId) => ({ itemId, quantity: '10', rate, amount }));
  const total = (BigInt(amount) * BigInt(lines.length)).toString();
  await writeFile(path(name), JSON.stringify({ lotId, lines, total }));
  return path(name);
}

/** A short bid with two documents, handed in twice. */
async function bidOfFirst(): Promise<void> {
  const file = await writeBid('short.json', 'L3', ['I3']);
  const enclosed = ['method.pdf', 'programme.txt'].flatMap((name) => ['--document', path(name)]);
  await mustProcure('vendor-1', 'bid', 'seal', tenderId, file, ...enclosed);
  const submit = ['bid', 'submit', tenderId, 'L3', '--json'];
  results.set('submitted', await mustProcure('vendor-1', ...submit));
  results.set('submitted again', await mustProcure('vendor-1', ...submit));
}

/** A bid too long for the ledger, with a document; and a short one that hides its length. */
async function bidsOfSecond(): Promise<void> {
  const { itemIds } = tender.draft.lots[0]!;
  const long = await writeBid('long.json', 'L1', itemIds);
  const references = ['--document', path('references.xlsx')];
  results.set(
    'sealed long',
    await mustProcure('vendor-2', 'bid', 'seal', tenderId, long, ...references),
  );
  await mustProcure('vendor-2', 'bid', 'submit', tenderId, 'L1');
  const hidden = await writeBid('hidden.json', 'L2', ['I2']);
  await mustProcure('vendor-2', 'bid', 'replace', tenderId, hidden, '--bucket', '65536');
}

async function open(): Promise<void> {
  const { auditor, seats } = system.people;
  await auditor.close(tenderId, { requestId: 'close' });
  for (const seat of [1, 3, 5]) {
    const openingKey = tender.openingKeys[seat - 1]!;
    const { postings } = await makeOpening({ api: seats[seat - 1]!, openingKey });
    for (const posting of postings) await seats[seat - 1]!.postShares(tenderId, posting);
  }
  const offline = ['bid', 'verify', tenderId, 'L1', '--offline'];
  results.set('verified', await mustProcure('vendor-2', ...offline));
  await mustProcure('vendor-2', 'bid', 'self-open', tenderId, 'L2');
  const combine = ['committee', 'combine', tenderId];
  results.set('combined by a vendor', await mustProcure('vendor-1', ...combine));
  results.set('combined by a seat', await mustProcure('ministry-seat-1', ...combine));
}

async function award(): Promise<void> {
  const { officer } = system.people;
  await officer.evaluate(tenderId, { requestId: 'evaluate' });
  await officer.decide(tenderId, { requestId: 'decide' });
}

function result(name: string): Ended {
  return results.get(name)!;
}

describe('what is too long for the ledger', () => {
  test('lies in the stores of two gateways, each of which has all of it', async () => {
    const kept = await Promise.all(Object.values(GATEWAYS).map((id) => readdir(keptOf(id))));
    // Three documents, a long bid and one that hides its length.
    expect(kept.map((names) => names.length)).toEqual([5, 5]);
    expect(kept[1]?.sort()).toEqual(kept[0]?.sort());
    const envelopeFile = join('bids', tenderId, 'L1', 'v1', 'envelope.json');
    const { envelope } = JSON.parse(
      await readFile(join(personFolder(system.folder, 'vendor-2'), envelopeFile), 'utf8'),
    ) as { readonly envelope: { readonly ref: readonly string[]; readonly ctHash: string } };
    expect(envelope.ref).toEqual(['store-AuditorMSP', 'store-MinistryMSP']);
    expect(kept[0]).toContain(envelope.ctHash);
    expect(result('sealed long').output).toContain('to store-AuditorMSP and store-MinistryMSP');
  });

  test('is handed in once, however often the command is given', () => {
    const [once, again] = ['submitted', 'submitted again'].map(
      (name) => JSON.parse(result(name).output) as { transactionId: string; repeated: boolean },
    );
    expect(once?.repeated).toBe(false);
    expect(again).toMatchObject({ repeated: true, transactionId: once?.transactionId });
  });

  test('is re-opened by its vendor from the own folder, with nobody to ask', () => {
    expect(result('verified').output).toContain(`${250 * itemCount} BTN`);
  });

  test('waits for a committee member, who fetches it', () => {
    const byVendor = result('combined by a vendor').output;
    expect(byVendor).toContain(`1 bids of ${tenderId} are not opened.`);
    expect(byVendor).toContain(`OPENED  bid/${tenderId}/L3/vendor-1`);
    const bySeat = result('combined by a seat').output;
    expect(bySeat).toContain(`Opened ${tenderId}.`);
    expect(bySeat).toContain(`OPENED  bid/${tenderId}/L1/vendor-2`);
  });

  test('counts like any other bid once it is opened', async () => {
    const { auditor } = system.people;
    const { bids } = await auditor.bids(tenderId);
    expect(bids.map(({ bidKey, state }) => [bidKey, state])).toEqual([
      [`bid/${tenderId}/L1/vendor-2`, 'OPENED'],
      [`bid/${tenderId}/L2/vendor-2`, 'OPENED'],
      [`bid/${tenderId}/L3/vendor-1`, 'OPENED'],
    ]);
    const { lots } = await auditor.award(tenderId);
    expect(lots.map((lot) => lot.award)).toMatchObject([
      { outcome: 'awarded', vendorId: 'vendor-2', amount: String(250 * itemCount) },
      { outcome: 'awarded', vendorId: 'vendor-2', amount: '250' },
      { outcome: 'awarded', vendorId: 'vendor-1', amount: '250' },
    ]);
    expect(lots.flatMap((lot) => lot.bids.flatMap(({ defects }) => defects))).toEqual([]);
  });

  test('verifies from the blocks alone', async () => {
    const { output } = await mustProcure('auditor', 'verify', tenderId);
    expect(output).toContain(`Everything holds: ${tenderId}`);
  });
});

describe('documents', () => {
  test('are shown to nobody before the opening', () => {
    const { exitCode, errors } = result('documents too early');
    expect(exitCode).toBe(2);
    expect(errors).toContain(`${tenderId} is published: its documents are read after the opening`);
  });

  test('are read by anyone after it, as they were enclosed', async () => {
    const save = ['bid', 'documents', tenderId, '--save', path('read'), '--json'];
    const listed = await documentsOf(mustProcure('auditor', ...save));
    expect(listed.map(({ vendorId, title, mediaType }) => [vendorId, title, mediaType])).toEqual([
      ['vendor-2', 'references.xlsx', expect.stringContaining('spreadsheetml')],
      ['vendor-1', 'method.pdf', 'application/pdf'],
      ['vendor-1', 'programme.txt', 'text/plain'],
    ]);
    for (const { title, file = '' } of listed) {
      expect((await readFile(file)).equals(files[title]!)).toBe(true);
    }
    expect(await readdir(path('read', 'L3', 'vendor-1'))).toEqual([
      ...['1-method.pdf', '2-programme.txt'],
    ]);
  });

  test('are read from the other store where one has lost or changed them', async () => {
    const listed = await documentsOf(
      mustProcure('auditor', 'bid', 'documents', tenderId, '--json'),
    );
    const [lost, changed] = listed.map(({ ctHash }) => join(keptOf(GATEWAYS.first), ctHash));
    await rm(lost!);
    await writeFile(changed!, randomBytes(300_016));
    await mkdir(path('again'));
    const save = ['bid', 'documents', tenderId, '--save', path('again'), '--json'];
    const read = await documentsOf(mustProcure('vendor-1', ...save));
    for (const { title, file = '' } of read) {
      expect((await readFile(file)).equals(files[title]!)).toBe(true);
    }
    await rm(join(keptOf(GATEWAYS.second), listed[0]!.ctHash));
    const nowhere = ['bid', 'documents', tenderId, '--save', path('nowhere')];
    expect(await procure('auditor', ...nowhere)).toMatchObject({ exitCode: 3 });
  });
});
