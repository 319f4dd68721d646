import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeOpening, sealBid } from '@procurement/client';
import { mspIdSchema } from '@procurement/protocol';
import {
  draftOf,
  pastInstant,
  type PublishedTender,
  publishDraft,
  registerVendors,
  shortBiddingMs,
  startSystem,
  type System,
} from './support/procedure';
import { type SearchResult, searchFolder, wordsFound } from './support/search';

const tenderId = 'secrecy';
const graceMs = 500;
/** Stands in the notice, for all to read. */
const publicWord = 'Vq83ZtPublicNotice7Hd';
/** What two vendors seal: a document's title and hash, and amounts that nothing else comes to. */
const sealed = {
  'vendor-1': {
    title: 'Xw51KrMethodStatement9Jb',
    sha256: 'Kq9vJ2xW7mT4hR8sZ1cB6nY3pL5dF0gA-uEiOk_Vw2M',
    rate: '730918264510937',
    amount: '918273640551829',
    total: '560192837465109',
  },
  'vendor-2': {
    title: 'Nf60GyWorkProgramme4Qc',
    sha256: 'T7bN4wQ1zX8kM5jC2vH9rL6yF3gS0dPa_eUiOtE-Kn4',
    rate: '640817355401826',
    amount: '807162539440718',
    total: '459081726354098',
  },
} as const;
const sealedWords = Object.values(sealed).flatMap((words) => Object.values(words));
const everyWord = [publicWord, ...sealedWords];

describe('what vendors seal', () => {
  let root: string;
  let data: string;
  let running: System | undefined;
  let before: SearchResult;
  let after: SearchResult;
  let trailBefore: unknown;
  let trailAfter: unknown;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'secrecy-'));
    data = join(root, 'data');
    const temporary = join(root, 'temporary');
    await mkdir(temporary);
    process.env['TMPDIR'] = temporary;
    const tender = await sealedPhase();
    before = await searchFolder(root, everyWord);
    await openedPhase(tender);
    after = await searchFolder(root, everyWord);
  }, 180_000);

  afterAll(async () => {
    await running?.stack.stop();
    await rm(root, { recursive: true, force: true });
  });

  /** Up to the last moment before the opening, when all shares are there; then a stop. */
  async function sealedPhase(): Promise<PublishedTender> {
    const { people } = await start();
    const biddingMs = shortBiddingMs({ commandMs: await registerVendors(people), commands: 15 });
    const draft = await draftOf({ people, tenderId, lotCount: 1, biddingMs, graceMs });
    const tender = await publishDraft(people, { ...draft, description: publicWord });
    for (const person of ['vendor-1', 'vendor-2'] as const) await submit(people, person);
    await pastInstant(Date.parse(draft.deadline) + graceMs);
    await people.auditor.close(tenderId, { requestId: 'close' });
    for (const seat of [1, 3, 5]) {
      const api = people.seats[seat - 1];
      const openingKey = tender.openingKeys[seat - 1];
      if (api === undefined || openingKey === undefined) throw new RangeError(`no seat ${seat}`);
      const { postings } = await makeOpening({ api, openingKey });
      for (const posting of postings) await api.postShares(tenderId, posting);
    }
    trailBefore = await people.auditor.trail(tenderId);
    await stop();
    return tender;
  }

  /** The same folder started again, and the procedure taken to its end. */
  async function openedPhase(tender: PublishedTender): Promise<void> {
    const { people } = await start();
    trailAfter = await people.auditor.trail(tenderId);
    await people.auditor.combine(tenderId, { requestId: 'combine' });
    await people.officer.evaluate(tenderId, { requestId: 'evaluate' });
    await people.officer.decide(tenderId, { requestId: 'decide' });
    const { tender: record } = await people.auditor.record(tenderId);
    expect(record).toMatchObject({ state: 'awarded', description: publicWord });
    expect(record.deadline).toBe(tender.draft.deadline);
    await stop();
  }

  async function start(): Promise<System> {
    // Whoever logs everything must not log a bid either.
    const environment = {
      PROCUREMENT_LOG_LEVEL: 'trace',
      CORE_CHAINCODE_LOGGING_LEVEL: 'DEBUG',
    };
    running = await startSystem({ folder: data, environment });
    return running;
  }

  async function stop(): Promise<void> {
    await running?.stack.stop();
    running = undefined;
  }

  async function submit(people: System['people'], person: keyof typeof sealed): Promise<void> {
    const api = people.vendors.get(person);
    if (api === undefined) throw new RangeError(`no ${person}`);
    const { title, sha256, rate, amount, total } = sealed[person];
    const written = {
      lotId: 'L1',
      lines: [{ itemId: 'I1', quantity: '10', rate, amount }],
      total,
      documents: [{ sha256, size: 1, mediaType: 'application/pdf', title }],
    };
    const { submission } = await sealBid({ api, tenderId, written });
    await api.submitBid(tenderId, submission);
  }

  /** Stores, of the three peers and the orderer, in whose values a word stands. */
  function ledgersWith(wanted: string, { findings }: SearchResult): string[] {
    const found = findings.filter(({ word, place }) => word === wanted && place.endsWith(' value'));
    return [...new Set(found.map(({ place }) => place))];
  }

  test('is looked for in every file and store that the system wrote', async () => {
    // Three peers, the orderer, and the folder's lock.
    expect(before.storeCount).toBe(5);
    expect(before.keyCount).toBeGreaterThan(100);
    for (const log of ['gateway', ...mspIdSchema.options.map((id) => `chaincode-${id}`)]) {
      expect(await readFile(join(data, 'logs', `${log}.log`), 'utf8')).not.toBe('');
    }
  });

  test('is looked for by a search that finds a word of the notice before the opening', () => {
    expect(ledgersWith(publicWord, before)).toHaveLength(4);
  });

  test('is nowhere before the opening', () => {
    expect(before.findings.filter(({ word }) => word !== publicWord)).toEqual([]);
  });

  test('is all there after a restart and the opening', () => {
    expect(wordsFound(everyWord, after)).toEqual(everyWord);
    for (const word of everyWord) expect(ledgersWith(word, after)).toHaveLength(4);
  });

  test('does not depend on the restart: the trail is the same after it', () => {
    expect(trailAfter).toEqual(trailBefore);
  });
});
