import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CommandOutcome, Trail } from '@procurement/client';
import type { CommandResult, QueryResult } from '@procurement/protocol';
import { AUDITOR, personFolder } from '@procurement/tools/demonstration/cast';
import { SEAT_HOLDERS } from '@procurement/tools/demonstration/people';
import { projectRoot } from '@procurement/tools/start/project-root';
import { BIDDING_MS } from './support/clock';
import { storesInRegister } from './support/gateway-stores';
import {
  closedFact,
  draftOf,
  registerPeople,
  registerVendors,
  startSystem,
  type System,
} from './support/procedure';
import { commandsOf, type Ended, examplesOf, runForPerson } from './support/run-procure';

const [firstId, secondId] = ['T-2.technical', 'T-2.financial'] as const;
const graceMs = 500;
const officer = 'tashi';
/** One of each organisation; two of them open. */
const seats = SEAT_HOLDERS.filter((_, index) => index % 2 === 0);
const openers = seats.slice(1);
const vendors = ['vendor-1', 'vendor-2', 'vendor-3'];
/** Rates of a lot of ten pieces; the lowest is of the bid that fails. */
const rates = { 'vendor-1': '600', 'vendor-2': '400', 'vendor-3': '500', [officer]: '450' };
const failedKey = `bid/${firstId}/L1/vendor-2`;

type Shown = QueryResult<'bid:list'>;

describe('bids of two envelopes and an official estimate, by the commands of their page', () => {
  let system: System;
  /** Address of the second gateway. */
  let witness: string;
  let commands: readonly (readonly string[])[];
  const shown = new Map<string, Ended>();
  const run = new Set<string>();

  beforeAll(async () => {
    const environment = { PROCUREMENT_STORE: 'folder', PROCUREMENT_CLOSE_DELAY_MS: '0' };
    system = await startSystem({ environment });
    witness = String(await system.stack.startSecond());
    await registerPeople(system.people);
    await registerVendors(system.people, vendors);
    await storesInRegister(system.people.auditor);
    const page = await readFile(join(projectRoot, 'docs', 'TWO-ENVELOPES.md'), 'utf8');
    commands = commandsOf(page);
    const deadlineMs = await publish();
    await bid(examplesOf(page));
    await keepTold('before');
    await system.clock.pass(deadlineMs + graceMs);
    await closedFact(system.people.auditor, firstId);
    await openFirst();
    await judge();
    await openSecond();
  }, 300_000);

  afterAll(() => system.stop());

  const folderOf = (person: string): string => personFolder(system.folder, person);

  function procure(person: string, ...words: readonly string[]): Promise<Ended> {
    return runForPerson(words, { system, person, witness });
  }

  async function must(person: string, ...words: readonly string[]): Promise<Ended> {
    const ended = await procure(person, ...words);
    if (ended.exitCode === 0) return ended;
    throw new Error(`${person}, ${words.join(' ')}: ${ended.errors}`);
  }

  /** Runs the page's command that begins so. */
  async function act(person: string, beginning: string): Promise<Ended> {
    const found = commands.find((words) => words.join(' ').startsWith(beginning));
    if (found === undefined) throw new RangeError(`the page has no command ${beginning}`);
    run.add(found.join(' '));
    const ended = await must(person, ...found);
    shown.set(`${person}: ${beginning}`, ended);
    return ended;
  }

  async function json<Answer>(person: string, ...words: readonly string[]): Promise<Answer> {
    return JSON.parse((await must(person, ...words, '--json')).output) as Answer;
  }

  async function refusal(person: string, ...words: readonly string[]): Promise<object> {
    const { output } = await procure(person, ...words, '--json');
    const { problem } = JSON.parse(output) as { problem: { code: string; args: object } };
    return { code: problem.code, args: problem.args };
  }

  /** @returns the deadline of both, milliseconds since 1970 */
  async function publish(): Promise<number> {
    const { people } = system;
    const times = { biddingMs: BIDDING_MS, graceMs };
    const all = await draftOf({ people, tenderId: firstId, lotCount: 1, ...times });
    const holders = all.committee.seats.filter((_, index) => index % 2 === 0);
    const committee = { t: 2, seats: holders.map((one, index) => ({ ...one, seat: index + 1 })) };
    const draft = { ...all, committee };
    for (const tenderId of [firstId, secondId]) {
      const file = join(folderOf(officer), `${tenderId.slice('T-2.'.length)}.json`);
      await writeFile(file, JSON.stringify({ ...draft, tenderId }));
    }
    await act(officer, 'tender create technical');
    await act(officer, 'tender create financial');
    for (const step of ['join', 'rehearse']) {
      for (const tenderId of [firstId, secondId]) {
        await Promise.all(seats.map((seat) => act(seat, `committee ${step} ${tenderId}`)));
      }
    }
    await act(officer, `tender publish ${secondId}`);
    await act(officer, `tender publish ${firstId}`);
    return Date.parse(draft.deadline);
  }

  async function bid([statement = '', amounts = '']: readonly string[]): Promise<void> {
    await Promise.all(
      Object.entries(rates).map(async ([person, rate]) => {
        const own = amounts.replaceAll('5000', `${rate}0`).replace('"500"', `"${rate}"`);
        await writeFile(join(folderOf(person), 'statement.json'), statement);
        await writeFile(join(folderOf(person), 'amounts.json'), own);
        await writeFile(join(folderOf(person), 'method.pdf'), `The method of ${person}.`);
        await act(person, `bid replace ${firstId}`);
        await act(person, `bid replace ${secondId}`);
      }),
    );
  }

  /** What an officer, a vendor and the auditor are told of the bids for the second envelope. */
  async function keepTold(when: string): Promise<void> {
    for (const person of [officer, 'vendor-1', AUDITOR]) {
      for (const words of [
        ['bid', 'list', secondId],
        ['trail', secondId],
      ]) {
        shown.set(`${person}: ${words[0]} ${when}`, await must(person, ...words, '--json'));
      }
    }
  }

  const told = (name: string): unknown => JSON.parse(shown.get(name)?.output ?? 'null');

  async function openFirst(): Promise<void> {
    await Promise.all(openers.map((seat) => act(seat, `committee open ${firstId}`)));
    // A member of the committee fetches what lies in stores.
    await act(openers[0] ?? '', `committee combine ${firstId}`);
  }

  async function judge(): Promise<void> {
    for (const [name, words] of [
      ['open', ['committee', 'open', secondId]],
      ['combine', ['committee', 'combine', secondId]],
    ] as const) {
      shown.set(`${name} too early`, await procure(openers[0] ?? '', ...words));
    }
    await act(officer, 'award technical');
    await act(AUDITOR, 'award technical');
    await act(AUDITOR, 'award show T-2.technical');
  }

  async function openSecond(): Promise<void> {
    await Promise.all(openers.map((seat) => act(seat, `committee open ${secondId}`)));
    shown.set('self-open', await procure('vendor-2', 'bid', 'self-open', secondId, 'L1', '--json'));
    await act(AUDITOR, `committee combine ${secondId}`);
    await act(officer, 'award evaluate');
    await act(officer, 'award decide');
    await act(AUDITOR, `verify ${firstId}`);
    await act(AUDITOR, `verify ${secondId}`);
    for (const words of ['award show T-2.financial', 'bid list', 'trail'])
      await act(AUDITOR, words);
  }

  test('runs every command that the page shows', () => {
    expect([...run].sort()).toEqual(commands.map((words) => words.join(' ')).sort());
  });

  test('both tenders are closed with the first, by a gateway, and the second waits for its list', async () => {
    const first = await closedFact(system.people.auditor, firstId);
    expect(await closedFact(system.people.auditor, secondId)).toEqual(first);
    for (const name of ['open', 'combine']) {
      const { exitCode, errors } = shown.get(`${name} too early`)!;
      expect(exitCode).toBe(2);
      expect(errors).toContain('The first envelopes have to be judged first');
    }
  });

  test('nobody but the officers of the buyer sees the estimate before the opening', () => {
    const keys = (person: string): string[] =>
      (told(`${person}: bid before`) as Shown).bids.map(({ bidKey }) => bidKey);
    expect(keys(officer)).toEqual([`bid/${secondId}/L1/.estimate`]);
    expect(keys('vendor-1')).toEqual([`bid/${secondId}/L1/vendor-1`]);
    expect(keys(AUDITOR)).toEqual([]);
    const submissions = (person: string): number =>
      (told(`${person}: trail before`) as Trail).entries.filter(
        ({ command }) => command === 'bid:submit',
      ).length;
    expect([officer, 'vendor-1', AUDITOR].map(submissions)).toEqual([1, 1, 0]);
  });

  test('the officer has a receipt of the estimate, and finds it on the ledger', async () => {
    const { output } = await must(officer, 'bid', 'verify', secondId, 'L1');
    expect(output).toContain('The ledger holds the bid that was sealed here: version 1, OPENED.');
    expect(output).toContain('held as valid by AuditorMSP and MinistryMSP.');
    expect(output).toMatch(/bidder +official estimate/);
  });

  test('first envelopes are judged once the officer and the auditor say the same', async () => {
    expect(shown.get(`${officer}: award technical`)?.output).toContain('once an auditor has said');
    expect(shown.get(`${AUDITOR}: award technical`)?.output).toContain('is recorded, and the list');
    const { output } = shown.get(`${AUDITOR}: award show T-2.technical`)!;
    expect(output).toMatch(/^L1 +vendor-2 +OPENED +failed +No crane is named\.$/m);
    expect(output.match(/passed/g)).toHaveLength(3);
    const { technical, lots } = await json<QueryResult<'award:get'>>(
      ...([AUDITOR, 'award', 'show', firstId] as const),
    );
    expect({ lots, count: technical?.results.length }).toEqual({ lots: [], count: 4 });
  });

  test('a first envelope is awarded nothing, and says where the award is', async () => {
    expect(await refusal(officer, 'award', 'evaluate', firstId)).toEqual({
      code: 'PHASE',
      args: expect.objectContaining({ tenderId: firstId }),
    });
    expect(await refusal(AUDITOR, 'award', 'technical', secondId)).toMatchObject({ code: 'USAGE' });
  });

  test('the second envelope of a bid that failed stays sealed, also for its own vendor', async () => {
    const { problem } = told('self-open') as { problem: object };
    expect(problem).toMatchObject({
      code: 'STATE',
      args: { item: `bid/${secondId}/L1/vendor-2` },
    });
    const { bids, complete } = await json<Shown>('vendor-2', 'bid', 'list', secondId);
    expect(complete).toBe(true);
    const states = bids.map(({ vendorId, state, excluded }) => [vendorId, state ?? excluded]);
    expect(states).toEqual([
      ...[
        ['.estimate', 'OPENED'],
        ['vendor-1', 'OPENED'],
      ],
      ...[
        ['vendor-2', true],
        ['vendor-3', 'OPENED'],
      ],
    ]);
    expect(bids[2]).not.toHaveProperty('document');
    expect(shown.get(`${AUDITOR}: bid list`)?.output).toMatch(/^L1 +vendor-2 +1 +excluded/m);
  });

  test('the award goes to the lowest bid that passed, with the estimate beside it', async () => {
    const { lots } = await json<QueryResult<'award:get'>>(AUDITOR, 'award', 'show', secondId);
    const [lot] = lots;
    expect(lot?.award).toMatchObject({ outcome: 'awarded', vendorId: 'vendor-3', amount: '5000' });
    expect(lot?.ranks.map(({ vendorId }) => vendorId)).toEqual(['vendor-3', 'vendor-1']);
    const { output } = shown.get(`${AUDITOR}: award show T-2.financial`)!;
    expect(output).toMatch(/^L1 +1 +vendor-3 +5000 +awarded$/m);
    expect(output).toMatch(/^L1 +official estimate +4500$/m);
  });

  test('the documents of first envelopes are read, those of the estimate too', async () => {
    const save = join(folderOf(AUDITOR), 'documents');
    await must(AUDITOR, 'bid', 'documents', firstId, '--save', save);
    const kept = (bidder: string): Promise<string> =>
      readFile(join(save, 'L1', bidder, '1-method.pdf'), 'utf8');
    expect(await kept('official estimate')).toBe(`The method of ${officer}.`);
    expect(await kept('vendor-2')).toBe('The method of vendor-2.');
  });

  test('the trail of the second tells of the close and the judgement of the first', async () => {
    const { entries, complete } = await json<Trail>(AUDITOR, 'trail', secondId);
    expect(complete).toBe(true);
    const shared = entries
      .filter(({ tenderId, validationCode }) => tenderId === firstId && validationCode === 'VALID')
      .map(({ command }) => command);
    expect(shared).toEqual([...['tender:close', 'award:recordTechnical', 'award:recordTechnical']]);
  });

  test('both tenders are verified from the blocks, with the same award', () => {
    expect(shown.get(`${AUDITOR}: verify ${firstId}`)?.output).toContain('Everything holds');
    const { output } = shown.get(`${AUDITOR}: verify ${secondId}`)!;
    expect(output).toContain(`Everything holds: ${secondId}`);
    expect(output).toMatch(/^award +lot L1: vendor-3 for 5000 BTN, in minor units$/m);
  });

  test('the same judgement again is told as it was', async () => {
    const words = ['award', 'technical', firstId, '--failed', `${failedKey}=No crane is named.`];
    const again = await json<CommandOutcome<CommandResult<'award:recordTechnical'>>>(
      ...([AUDITOR, ...words] as const),
    );
    expect(again).toMatchObject({ repeated: true, result: { recorded: true } });
  });
});
