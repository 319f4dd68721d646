import { hash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type DocumentStore,
  listEnclosures,
  makeOpening,
  readEnclosure,
  sealBid,
  withReceipts,
} from '@procurement/client';
import { mspIdSchema } from '@procurement/protocol';
import { connectPeople } from '@procurement/tools/demonstration/people';
import { gatewayStoreOf } from '@procurement/tools/start/gateway-wallet';
import { GATEWAYS } from '@procurement/tools/start/stack';
import {
  draftOf,
  type PublishedTender,
  publishDraft,
  registerVendors,
  startSystem,
  type System,
} from './support/procedure';
import { BIDDING_MS, TestClock } from './support/clock';
import { openStores, storesInRegister } from './support/gateway-stores';
import { RecordingProxy } from './support/recording-proxy';
import { findIn, patternsOf, type SearchResult, searchFolder, wordsFound } from './support/search';

const tenderId = 'secrecy';
const graceMs = 500;
/** Stands in the notice, for all to read. */
const publicWord = 'Vq83ZtPublicNotice7Hd';
/** What two vendors seal: a document with its title, and amounts that nothing else comes to. */
const sealed = {
  'vendor-1': {
    title: 'Xw51KrMethodStatement9Jb',
    text: 'Mc92HwSecretDrawing6Lu',
    rate: '730918264510937',
    amount: '918273640551829',
    total: '560192837465109',
  },
  'vendor-2': {
    title: 'Nf60GyWorkProgramme4Qc',
    text: 'Yt34PbSecretSurvey8Se',
    rate: '640817355401826',
    amount: '807162539440718',
    total: '459081726354098',
  },
} as const;
const persons = ['vendor-1', 'vendor-2'] as const;
/** What stands on the ledger once the bids are opened; a document's text stays in its store. */
const sealedWords = persons.flatMap((person) => {
  const { text, ...words } = sealed[person];
  return [...Object.values(words), hash('sha256', text, 'base64url')];
});
const texts = persons.map((person) => sealed[person].text);
const everyWord = [publicWord, ...sealedWords];

describe('what vendors seal', () => {
  let root: string;
  let data: string;
  /** Goes on over the restart. */
  let clock: TestClock;
  let running: System | undefined;
  let before: SearchResult;
  let after: SearchResult;
  let trailBefore: unknown;
  let trailAfter: unknown;
  let proxy: RecordingProxy;
  /** Before the second gateway, whose store is used too. */
  let secondProxy: RecordingProxy;
  let trafficBefore: string[];
  let trafficAfter: string[];
  const openedTexts: string[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'secrecy-'));
    data = join(root, 'data');
    const temporary = join(root, 'temporary');
    await mkdir(temporary);
    process.env['TMPDIR'] = temporary;
    clock = await TestClock.start();
    proxy = await RecordingProxy.listen();
    secondProxy = await RecordingProxy.listen();
    const tender = await sealedPhase();
    trafficBefore = wordsPassed();
    before = await searchFolder(root, [...everyWord, ...texts]);
    await openedPhase(tender);
    trafficAfter = wordsPassed();
    after = await searchFolder(root, everyWord);
  }, 180_000);

  afterAll(async () => {
    await running?.stack.stop();
    await clock.stop();
    await proxy.close();
    await secondProxy.close();
    await rm(root, { recursive: true, force: true });
  });

  /** Up to the last moment before the opening, when all shares are there; then a stop. */
  async function sealedPhase(): Promise<PublishedTender> {
    const people = await start();
    await storesInRegister(people.auditor);
    await registerVendors(people);
    const times = { biddingMs: BIDDING_MS, graceMs };
    const draft = await draftOf({ people, tenderId, lotCount: 1, ...times });
    const tender = await publishDraft(people, { ...draft, description: publicWord });
    for (const person of persons) await submit(people, person);
    await clock.pass(Date.parse(draft.deadline) + graceMs);
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
    const people = await start();
    trailAfter = await people.auditor.trail(tenderId);
    await people.auditor.combine(tenderId, { requestId: 'combine' });
    await readOpened(people);
    await people.officer.evaluate(tenderId, { requestId: 'evaluate' });
    await people.officer.decide(tenderId, { requestId: 'decide' });
    const { tender: record } = await people.auditor.record(tenderId);
    expect(record).toMatchObject({ state: 'awarded', description: publicWord });
    expect(record.deadline).toBe(tender.draft.deadline);
    await stop();
  }

  /** Everybody talks to the gateway through the proxy. */
  async function start(): Promise<System['people']> {
    // Whoever logs everything must not log a bid either.
    const environment = {
      PROCUREMENT_LOG_LEVEL: 'trace',
      CORE_CHAINCODE_LOGGING_LEVEL: 'DEBUG',
      PROCUREMENT_STORE: 'folder',
      PROCUREMENT_PUBLIC_URL: proxy.url,
    };
    const secondEnvironment = { PROCUREMENT_PUBLIC_URL: secondProxy.url };
    running = await startSystem({ folder: data, clock, environment, secondEnvironment });
    proxy.forwardTo(running.stack.url);
    secondProxy.forwardTo(String(await running.stack.startSecond()));
    return connectPeople({
      ...{ dataFolder: data, networkFolder: join(data, 'network'), baseUrl: proxy.url },
    });
  }

  function wordsPassed(): string[] {
    const patterns = [...everyWord, ...texts].flatMap(patternsOf);
    const findings = [proxy, secondProxy].flatMap((one) =>
      findIn(one.takeRecorded(), { patterns, place: 'traffic' }),
    );
    return wordsFound([...everyWord, ...texts], { findings });
  }

  /** Reads the documents of all bids with the secrets that the opening made. */
  async function readOpened({ auditor }: System['people']): Promise<void> {
    const stores = await storesOf('auditor');
    for (const enclosure of (await listEnclosures({ api: auditor, tenderId })) ?? []) {
      openedTexts.push(Buffer.from(await readEnclosure(enclosure, stores)).toString());
    }
  }

  /** Both gateways' stores, as one of the people reaches them: through the proxies. */
  function storesOf(person: string): Promise<readonly DocumentStore[]> {
    return openStores({ dataFolder: data, baseUrl: proxy.url, person });
  }

  async function stop(): Promise<void> {
    await running?.stack.stop();
    running = undefined;
  }

  async function submit(people: System['people'], person: keyof typeof sealed): Promise<void> {
    const api = people.vendors.get(person);
    if (api === undefined) throw new RangeError(`no ${person}`);
    const { title, text, rate, amount, total } = sealed[person];
    const lines = [{ itemId: 'I1', quantity: '10', rate, amount }];
    const written = { lotId: 'L1', lines, total };
    const documents = [{ title, mediaType: 'text/plain', bytes: Buffer.from(text) }];
    const prepared = await sealBid({ api, tenderId, written, documents });
    await api.submitBid(tenderId, await withReceipts(prepared, await storesOf(person)));
  }

  /** Stores, of the three peers and the orderer, in whose values a word stands. */
  function ledgersWith(wanted: string, { findings }: SearchResult): string[] {
    const found = findings.filter(({ word, place }) => word === wanted && place.endsWith(' value'));
    return [...new Set(found.map(({ place }) => place))];
  }

  test('is looked for in every file and store that the system wrote', async () => {
    // Three peers, the orderer, the folder's lock, and one of each CA's register.
    expect(before.storeCount).toBe(8);
    expect(before.keyCount).toBeGreaterThan(100);
    for (const log of [
      'gateway',
      'second-gateway',
      ...mspIdSchema.options.map((id) => `chaincode-${id}`),
    ]) {
      expect(await readFile(join(data, 'logs', `${log}.log`), 'utf8')).not.toBe('');
    }
  });

  test('is looked for in the stores of both gateways, where its ciphertexts are', async () => {
    for (const mspId of Object.values(GATEWAYS)) {
      const kept = await readdir(join(gatewayStoreOf(data, mspId), 'kept'));
      expect(kept).toHaveLength(persons.length);
    }
  });

  test('is looked for by a search that finds a word of the notice before the opening', () => {
    expect(ledgersWith(publicWord, before)).toHaveLength(4);
  });

  test('is nowhere before the opening', () => {
    expect(before.findings.filter(({ word }) => word !== publicWord)).toEqual([]);
  });

  test('does not pass between clients and gateway before the opening, and the notice does', () => {
    expect(trafficBefore).toEqual([publicWord]);
    expect(trafficAfter).toEqual(everyWord);
  });

  test('is read in a document too, once the opening has made its key', () => {
    expect(openedTexts).toEqual(texts);
  });

  test('is all there after a restart and the opening', () => {
    expect(wordsFound(everyWord, after)).toEqual(everyWord);
    for (const word of everyWord) expect(ledgersWith(word, after)).toHaveLength(4);
  });

  test('does not depend on the restart: the trail is the same after it', () => {
    expect(trailAfter).toEqual(trailBefore);
  });
});
