import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CheckFailed, type PinnedRoots, type Trail, verifyProcedure } from '@procurement/client';
import { KeyFolder } from '@procurement/client/key-folder';
import { instantFromMs, type QueryResult } from '@procurement/protocol';
import { projectRoot } from '@procurement/tools/start/project-root';
import { newChance } from './support/chance';
import { storesInRegister } from './support/gateway-stores';
import { KeyHomes, type Person } from './support/key-homes';
import { markedInvalid, tampered } from './support/tampered-blocks';
import { BIDDING_MS } from './support/clock';
import { startSystem, type System } from './support/procedure';
import { commandsOf, type Ended, examplesOf } from './support/run-procure';
import { type Pattern, patternsOfBytes, searchFolder } from './support/search';

const tenderId = 'T-1';
const graceMs = 500;

const seats = [
  { name: 'pema', mspId: 'MinistryMSP' },
  { name: 'sonam', mspId: 'AuditorMSP' },
  { name: 'wangmo', mspId: 'VendorMSP' },
].map((one) => ({ ...one, attributes: { role: 'committee' } }));
const officer: Person = {
  ...{ name: 'karma', mspId: 'MinistryMSP', attributes: { role: 'officer', agency: 'MoIT' } },
};
const auditor: Person = { name: 'choden', mspId: 'AuditorMSP', attributes: { role: 'auditor' } };
const vendors = ['dorji', 'tshering'].map((name) => {
  return { name, mspId: 'VendorMSP', attributes: { role: 'vendor' } };
});
const everyone: readonly Person[] = [officer, auditor, ...seats, ...vendors];

describe('a tender from key making to award, by the commands of the README alone', () => {
  let system: System;
  let homes: KeyHomes;
  let commands: readonly (readonly string[])[];
  let example: string;
  let deadlineMs: number;
  const ended = new Map<string, Ended>();
  const run = new Set<string>();

  beforeAll(async () => {
    system = await startSystem({ keepFolder: true, environment: { PROCUREMENT_STORE: 'folder' } });
    const witness = await system.stack.startSecond();
    await storesInRegister(system.people.auditor);
    homes = await KeyHomes.open(join(system.folder, 'network'), witness);
    const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
    commands = commandsOf(readme);
    [example = ''] = examplesOf(readme);
    await makeKeys();
    await publish();
    await bid();
    await open();
    await award();
  }, 900_000);

  afterAll(async () => {
    await homes.close();
    await system.stop();
    await rm(system.folder, { recursive: true, force: true });
  });

  /** Runs the README's command of this name in somebody's folder, with options of their own. */
  async function act(
    person: string,
    name: string,
    own: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const found = commands.find((words) => words.join(' ').startsWith(name));
    if (found === undefined) throw new RangeError(`the README has no command ${name}`);
    run.add(found.join(' '));
    const words = found.map((word, index) => own[found[index - 1] ?? ''] ?? word);
    const result = await homes.procure(person, words);
    ended.set(`${person}: ${name}`, result);
    return result;
  }

  async function mustAct(...args: Parameters<typeof act>): Promise<Ended> {
    const result = await act(...args);
    if (result.exitCode === 0) return result;
    throw new Error(`${args[0]}, ${args[1]}: ${result.errors}`);
  }

  async function makeKeys(): Promise<void> {
    for (const person of everyone) await homes.settle(person);
    await Promise.all(everyone.map(makeKeysOf));
  }

  async function makeKeysOf(person: Person): Promise<void> {
    const { name, mspId } = person;
    const where = { '--url': system.stack.url, '--msp-id': mspId, '--name': name };
    await mustAct(name, 'keys new', where);
    await mustAct(name, 'keys enrol', { '--ca-url': homes.ca(person).url });
    await homes.forgetSecret(name);
    const firm = { '--vendor-id': name, '--licence': `L-${name}` };
    await mustAct(name, 'keys register', { '--name': `Firm of ${name}`, ...firm });
  }

  async function publish(): Promise<void> {
    const holders = await Promise.all(
      seats.map(async ({ name, mspId }) => {
        const { output } = await homes.procure(name, ['keys', 'show', '--json']);
        return { mspId, spki: (JSON.parse(output) as { spki: string }).spki };
      }),
    );
    deadlineMs = Date.now() + BIDDING_MS;
    const draft = {
      ...{ tenderId, title: 'Gravel', description: '', currency: 'BTN', graceMs },
      buyer: { agency: 'MoIT', name: 'Ministry of Infrastructure and Transport' },
      items: [{ itemId: 'I1', description: 'Gravel', unit: 'm3', quantity: '10' }],
      lots: [{ lotId: 'L1', title: 'All of it', itemIds: ['I1'] }],
      documents: [],
      deadline: instantFromMs(deadlineMs),
      committee: { t: 2, seats: holders.map((holder, index) => ({ seat: index + 1, ...holder })) },
      awardCriterion: 'lowest-evaluated-amount',
    };
    await writeFile(homes.path(officer.name, 'draft.json'), JSON.stringify(draft));
    await mustAct(officer.name, 'tender create');
    await Promise.all(seats.map(({ name }) => mustAct(name, 'committee join')));
    await act(officer.name, 'tender publish');
    await Promise.all(seats.map(({ name }) => mustAct(name, 'committee rehearse')));
    ended.set('publish too early', ended.get(`${officer.name}: tender publish`)!);
    await mustAct(officer.name, 'tender publish');
  }

  async function bid(): Promise<void> {
    const [one = '', two = ''] = vendors.map(({ name }) => name);
    await writeFile(homes.path(one, 'bid.json'), example);
    const lower = example.replaceAll('5000', '4000').replace('500', '400');
    await writeFile(homes.path(two, 'bid.json'), lower);
    for (const vendor of [one, two]) await writeFile(homes.path(vendor, 'method.pdf'), example);
    await Promise.all(
      [one, two].map(async (vendor) => {
        await mustAct(vendor, 'bid seal');
        await mustAct(vendor, 'bid submit');
      }),
    );
    await mustAct(officer.name, 'tender amend');
    await Promise.all([mustAct(one, 'bid confirm'), mustAct(two, 'bid replace')]);
    await mustAct(one, 'bid verify');
    await act(auditor.name, 'trail');
    ended.set('trail before', ended.get(`${auditor.name}: trail`)!);
    await act(two, 'verify', { '--save': homes.path(two, 'blocks before') });
    ended.set('verify before', ended.get(`${two}: verify`)!);
  }

  async function open(): Promise<void> {
    await act('pema', 'committee open');
    ended.set('open too early', ended.get('pema: committee open')!);
    await act('pema', 'committee destroy');
    ended.set('destroy too early', ended.get('pema: committee destroy')!);
    await system.clock.pass(deadlineMs + graceMs);
    await mustAct(auditor.name, 'tender close');
    const alone = ['committee', 'open', tenderId, '--witness-url='];
    ended.set('open by one gateway', await homes.procure('pema', alone));
    await Promise.all(['pema', 'wangmo'].map((name) => mustAct(name, 'committee open')));
    await mustAct(vendors[0]?.name ?? '', 'committee combine');
    for (const { name } of seats) await mustAct(name, 'committee destroy');
  }

  async function award(): Promise<void> {
    await mustAct(officer.name, 'award evaluate');
    await mustAct(officer.name, 'award decide');
    await mustAct(auditor.name, 'award show');
    const save = { '--save': homes.path(auditor.name, 'documents') };
    await mustAct(auditor.name, 'bid documents', save);
    await mustAct(auditor.name, 'trail');
    await mustAct(auditor.name, 'keys show');
    await mustAct(auditor.name, 'verify', { '--save': homes.path(auditor.name, 'blocks') });
  }

  function result(name: string): Ended {
    const found = ended.get(name);
    if (found === undefined) throw new RangeError(`${name} was not run`);
    return found;
  }

  async function json(person: string, ...words: string[]): Promise<unknown> {
    return JSON.parse((await homes.procureAlone(person, [...words, '--json'])).output);
  }

  test('runs every command that the README shows, and reads the document enclosed', async () => {
    const file = homes.path(auditor.name, 'documents', 'L1', 'dorji', '1-method.pdf');
    expect(await readFile(file, 'utf8')).toBe(example);
    expect([...run].sort()).toEqual(commands.map((words) => words.join(' ')).sort());
  });

  test('the lowest bid that was sealed gets the award', async () => {
    const { lots } = (await json(
      auditor.name,
      'award',
      'show',
      tenderId,
    )) as QueryResult<'award:get'>;
    expect(lots.map(({ award: lot }) => lot)).toMatchObject([
      { outcome: 'awarded', vendorId: 'tshering', amount: '4000' },
    ]);
    expect(lots[0]?.ranks.map(({ vendorId }) => vendorId)).toEqual(['tshering', 'dorji']);
    expect(result(`${auditor.name}: verify`).output).toMatch(
      /^award +lot L1: tshering for 4000 BTN, in minor units$/m,
    );
  });

  test('a key lies encrypted in its folder, for its owner alone', async () => {
    for (const { name } of everyone) {
      const file = homes.path(name, 'key.json');
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const { kind, kdf } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
      expect({ kind, kdf }).toMatchObject({ kind: 'signing-key', kdf: { N: 131_072, r: 8, p: 1 } });
    }
  });

  test('no opening key is left after the opening', async () => {
    for (const { name } of seats) {
      expect(await readdir(homes.path(name, 'opening-keys'))).toEqual([]);
    }
  });

  test('what is signed is shown first', () => {
    const { errors } = result('dorji: bid submit');
    for (const shown of ['T-1: Gravel', 'L1: All of it', '5000 BTN', instantFromMs(deadlineMs)]) {
      expect(errors).toContain(shown);
    }
    expect(errors).toMatch(/envelope hash +[\w-]{43}/);
  });

  test('the notice waits for the rehearsals, and says which seats are missing', () => {
    const { exitCode, errors } = result('publish too early');
    expect(exitCode).toBe(3);
    expect(errors).toContain('REHEARSAL');
    expect(errors).toContain('"procure committee rehearse"');
  });

  test('shares are made after the close only, and an opening key lives until the opening', () => {
    expect(result('open too early')).toMatchObject({ exitCode: 5 });
    expect(result('open too early').errors).toContain('tender T-1 has not been closed');
    expect(result('destroy too early')).toMatchObject({ exitCode: 2 });
    const { exitCode, errors } = result('open by one gateway');
    expect([exitCode, errors.includes('gateways at once')]).toEqual([2, true]);
  });

  test('a vendor re-opens the own bid and finds it on the ledger', () => {
    const { output } = result('dorji: bid verify');
    expect(output).toContain('The ledger holds the bid that was sealed here: version 1, sealed.');
    expect(output).toContain('held as valid by AuditorMSP and MinistryMSP.');
    expect(output).toMatch(/amount +5000 BTN/);
  });

  test('a receipt and the own secret verify with nobody to ask', async () => {
    const nobody = ['--offline', '--url', 'http://127.0.0.1:9'];
    const words = ['bid', 'verify', tenderId, 'L1', ...nobody];
    expect(await homes.procure('tshering', words)).toMatchObject({ exitCode: 0, errors: '' });
    const file = homes.path('tshering', 'bids', tenderId, 'L1', 'v2', 'receipt.json');
    const receipt = await readFile(file, 'utf8');
    const { transactionId } = JSON.parse(receipt) as { readonly transactionId: string };
    await writeFile(file, receipt.replaceAll(transactionId, '0'.repeat(64)));
    expect(await homes.procure('tshering', words)).toMatchObject({ exitCode: 5 });
    await writeFile(file, receipt);
  });

  describe('verify', () => {
    let blocks: readonly Uint8Array[];
    let roots: PinnedRoots;

    beforeAll(async () => {
      const folder = homes.path(auditor.name, 'blocks');
      const count = (await readdir(folder)).length;
      blocks = await Promise.all(
        Array.from({ length: count }, (_, number) => readFile(join(folder, `${number}.block`))),
      );
      roots = await KeyFolder.open(homes.path(auditor.name)).roots();
    });

    test('finds that everything holds, from the blocks alone', async () => {
      const verified = await verifyProcedure(blocks, { tenderId, roots });
      expect(verified).toMatchObject({
        bids: [
          { bidKey: `bid/${tenderId}/L1/dorji`, state: 'OPENED' },
          { bidKey: `bid/${tenderId}/L1/tshering`, state: 'OPENED' },
        ],
        lots: [{ outcome: 'awarded', vendorId: 'tshering', amount: '4000' }],
        leftOut: [],
      });
      expect(verified.steps).toMatchObject({ 'bid:submit': 3, 'bid:confirm': 1 });
      const { output } = result(`${auditor.name}: verify`);
      expect(output).toContain(`Everything holds: ${tenderId}, from ${blocks.length} blocks.`);
      expect(output).toContain(`first block  ${verified.firstBlockHash}`);
      const again = ['verify', tenderId, '--blocks', 'blocks', '--roots', 'roots'];
      expect(await homes.procure(auditor.name, again)).toMatchObject({ exitCode: 0, output });
    });

    test('is given no block with a sealed bid of somebody else before the opening', async () => {
      const { exitCode, output } = result('verify before');
      expect({ exitCode, hasBids: /bid .* sealed/.test(output) }).toEqual({
        ...{ exitCode: 0, hasBids: false },
      });
      const given = await readdir(homes.path('tshering', 'blocks before'));
      for (const name of given) {
        const block = await readFile(homes.path('tshering', 'blocks before', name));
        expect(block.includes('bid:submit') && block.includes('/L1/dorji')).toBe(false);
      }
      expect(given.length).toBeLessThan(blocks.length);
    });

    test('finds every change of a signed byte, and a block left out, doubled or moved', async () => {
      const chance = newChance('changes of blocks');
      for (let round = 0; round < 50; round += 1) {
        const at = chance.between(1, blocks.length - 1);
        const changed = tampered(blocks[at]!, chance);
        const others = blocks.map((block, number) => (number === at ? changed : block));
        await expect(verifyProcedure(others, { tenderId, roots })).rejects.toThrow(CheckFailed);
      }
      const [first, second, ...rest] = blocks;
      const orders = [
        [second!, ...rest],
        [first!, first!, second!, ...rest],
        [first!, rest[0]!, second!, ...rest.slice(1)],
      ];
      for (const order of orders) {
        await expect(verifyProcedure(order, { tenderId, roots })).rejects.toThrow(CheckFailed);
      }
    });

    test('believes no mark of the peer: a transaction hidden as invalid is missed', async () => {
      const found: number[] = [];
      for (const [number, block] of blocks.entries()) {
        if (!Buffer.from(block).includes('bid:submit')) continue;
        found.push(number);
        const hidden = blocks.map((one) => (one === block ? markedInvalid(one) : one));
        await expect(verifyProcedure(hidden, { tenderId, roots })).rejects.toThrow(CheckFailed);
      }
      expect([2, 3]).toContain(found.length); // Bids that came at once may share a block.
    });

    test('trusts no other roots, and finds no tender that is not there', async () => {
      const swapped = { ...roots, AuditorMSP: roots['VendorMSP'] ?? [] };
      await expect(verifyProcedure(blocks, { tenderId, roots: swapped })).rejects.toThrow(
        'was not issued by a pinned root',
      );
      await expect(verifyProcedure(blocks, { tenderId: 'T-2', roots })).rejects.toThrow(
        'these blocks have no tender T-2',
      );
    });
  });

  test('trail shows who did what, and before the opening says that it is not complete', async () => {
    const before = result('trail before').output;
    expect(before).toContain('Not complete');
    expect(before).not.toContain('bid:submit');
    const { entries, complete } = (await json(auditor.name, 'trail', tenderId)) as Trail;
    expect(complete).toBe(true);
    const commandsOf = entries
      .filter(({ validationCode }) => validationCode === 'VALID')
      .map(({ command }) => command);
    expect(commandsOf).toEqual([
      'tender:create',
      ...Array<string>(3).fill('opening:registerKey'),
      ...Array<string>(3).fill('opening:rehearse'),
      ...['tender:publish', 'bid:submit', 'bid:submit', 'tender:amend'],
      ...commandsOf.slice(11, 13),
      ...['tender:close', 'opening:postShares', 'opening:postShares', 'opening:combine'],
      ...['award:evaluate', 'award:decide'],
    ]);
    expect([...commandsOf.slice(11, 13)].sort()).toEqual(['bid:confirm', 'bid:submit']);
  });

  test('a refusal, a silent address and a wrong option end with codes of their own', async () => {
    const refused = await homes.procure(auditor.name, ['trail', 'T-2', '--json']);
    expect(refused).toMatchObject({ exitCode: 3 });
    expect(JSON.parse(refused.output)).toMatchObject({
      problem: { code: 'NOT_FOUND', args: { id: 'T-2' }, exitCode: 3 },
    });
    const silent = ['trail', 'T-1', '--url', 'http://127.0.0.1:9'];
    expect(await homes.procure(auditor.name, silent)).toMatchObject({ exitCode: 4, output: '' });
    const misused = ['trail', '--tender', tenderId];
    expect(await homes.procureAlone(auditor.name, misused)).toMatchObject({
      ...{ exitCode: 2, output: '' },
    });
    const unasked = await homes.procureAlone(auditor.name, ['tender', 'close', tenderId]);
    expect(unasked).toMatchObject({ exitCode: 2, output: '' });
    expect(unasked.errors).toContain('--yes signs unasked');
  });

  test('no key of a person is in any file of network and gateway', async () => {
    const patterns: Pattern[] = [];
    for (const { name } of everyone) {
      patterns.push(...patternsOfBytes(name, await homes.secretScalar(name)));
    }
    // Stores can be read once they are closed.
    await system.stop();
    const { findings, fileCount, storeCount } = await searchFolder(system.folder, patterns);
    expect(findings).toEqual([]);
    expect(fileCount).toBeGreaterThan(100);
    expect(storeCount).toBeGreaterThan(2);
  });
});
