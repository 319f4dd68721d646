import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BidSubmission, Trail } from '@procurement/client';
import { writeRoots } from '@procurement/tools/demonstration/people';
import { projectRoot } from '@procurement/tools/start/project-root';
import {
  draftOf,
  pastInstant,
  registerPeople,
  registerVendors,
  shortBiddingMs,
  startSystem,
  type System,
} from './support/procedure';

/** How a command ended. */
interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

// The README's own commands are run, in a folder for each person that holds the files they name.
const tenderId = 'T-1';
const program = join(projectRoot, 'client', 'bin', 'procure.cjs');
const graceMs = 500;
const seats = ['ministry-seat-1', 'ministry-seat-2', 'auditor-seat-1', 'auditor-seat-2'].concat(
  'association-seat-1',
);
const asMe = ['--identity', 'me.id', '--roots', 'roots'];
const openers = ['ministry-seat-1', 'auditor-seat-1', 'association-seat-1'];

describe('the commands of the README, for one tender', () => {
  let system: System;
  let readme: string;
  let deadlineMs: number;
  const ended = new Map<string, Ended>();

  beforeAll(async () => {
    system = await startSystem();
    readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
    await registerVendors(system.people);
    for (const seat of seats) await settle(seat);
    for (const vendor of ['vendor-1', 'vendor-2']) await settle(vendor);
    await settle('auditor');
    await publish();
    await bid();
    await note('auditor', 'trail', 'trail before');
    await note(openers[0] ?? '', 'open', 'open too early');
    await pastInstant(deadlineMs + graceMs);
    await system.people.auditor.close(tenderId, { requestId: 'close' });
    await Promise.all(openers.map((seat) => note(seat, 'open')));
    await award();
    await note('auditor', 'trail', 'trail after');
  }, 180_000);

  afterAll(async () => {
    await system.stop();
  });

  function home(person: string): string {
    return join(system.folder, 'homes', person);
  }

  /** Everyone has a folder with the own key and the roots; the gateway has none of the keys. */
  async function settle(person: string): Promise<void> {
    await mkdir(home(person), { recursive: true });
    const network = join(system.folder, 'network');
    await copyFile(join(network, 'wallet', `${person}.id`), join(home(person), 'me.id'));
    writeRoots(network, home(person));
  }

  /** The words after `npx procure` of the README's command. */
  function commandOf(name: string): string[] {
    const line = readme.split('\n').find((text) => text.startsWith(`npx procure ${name} `));
    if (line === undefined) throw new RangeError(`the README has no command ${name}`);
    return line.split(' ').slice(2);
  }

  function procure(person: string, args: readonly string[]): Promise<Ended> {
    const env = { ...process.env, PROCUREMENT_URL: system.stack.url };
    const options = { cwd: home(person), env, encoding: 'utf8' } as const;
    return new Promise((resolve) => {
      execFile(process.execPath, [program, ...args], options, (error, output, errors) => {
        const exitCode = error === null ? 0 : Number(error.code);
        resolve({ exitCode, output, errors });
      });
    });
  }

  async function note(person: string, command: string, name = `${command} ${person}`) {
    ended.set(name, await procure(person, commandOf(command)));
  }

  function result(name: string): Ended {
    const found = ended.get(name);
    if (found === undefined) throw new RangeError(`${name} was not run`);
    return found;
  }

  async function publish(): Promise<void> {
    const { people } = system;
    const startedAtMs = performance.now();
    await procure('auditor', ['--help']);
    const commandMs = performance.now() - startedAtMs;
    const biddingMs = shortBiddingMs({ commandMs, commands: 16 });
    const tender = await draftOf({ people, tenderId, lotCount: 1, biddingMs, graceMs });
    deadlineMs = Date.parse(tender.deadline);
    await registerPeople(people);
    await people.officer.createTender({ requestId: 'create', tender });
    await Promise.all(seats.map((seat) => note(seat, 'committee-key')));
    await Promise.all(seats.map((seat) => note(seat, 'rehearse')));
    await people.officer.publish(tenderId, { requestId: 'publish' });
  }

  /** Vendor 1 hands its bid in later, vendor 2 at once. */
  async function bid(): Promise<void> {
    const [, example = ''] = /```json\n(.*?)```/s.exec(readme) ?? [];
    await writeFile(join(home('vendor-1'), 'bid.json'), example);
    const lower = example.replaceAll('5000', '4000').replace('500', '400');
    await writeFile(join(home('vendor-2'), 'bid.json'), lower);
    const [one, two] = await Promise.all([
      procure('vendor-1', commandOf('seal')),
      procure('vendor-2', [...commandOf('seal'), '--submit']),
    ]);
    ended.set('seal', one).set('seal and submit', two);
    const written = await readFile(join(home('vendor-1'), 'envelope.json'), 'utf8');
    const api = system.people.vendors.get('vendor-1');
    await api?.submitBid(tenderId, JSON.parse(written) as BidSubmission);
  }

  async function award(): Promise<void> {
    const { auditor, officer } = system.people;
    await auditor.combine(tenderId, { requestId: 'combine' });
    await officer.evaluate(tenderId, { requestId: 'evaluate' });
    await officer.decide(tenderId, { requestId: 'decide' });
  }

  test('committee-key registers a key and keeps its secret for its owner', async () => {
    for (const seat of seats) {
      expect(result(`committee-key ${seat}`)).toMatchObject({ exitCode: 0, errors: '' });
      expect(result(`committee-key ${seat}`).output).toMatch(
        /registered +transaction [0-9a-f]{64}/,
      );
      const { mode } = await stat(join(home(seat), 'seat.key.json'));
      expect(mode & 0o777).toBe(0o600);
    }
  });

  test('seal writes the body of the request, and the secret for its owner alone', async () => {
    expect(result('seal')).toMatchObject({ exitCode: 0, errors: '' });
    const { mode } = await stat(join(home('vendor-1'), 'bid.secret.json'));
    expect(mode & 0o777).toBe(0o600);
    expect(result('seal and submit')).toMatchObject({ exitCode: 0, errors: '' });
    expect(result('seal and submit').output).toMatch(/submitted +transaction [0-9a-f]{64}, block/);
  });

  test('open refuses to make shares before the close', () => {
    const { exitCode, errors } = result('open too early');
    expect({ exitCode, errors }).toEqual({
      exitCode: 5,
      errors: 'procure: check failed: tender T-1 has not been closed\n',
    });
  });

  test('open checks every bid, writes the shares and posts them', async () => {
    for (const seat of openers) {
      const { exitCode, errors, output } = result(`open ${seat}`);
      expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
      expect(output).toContain('Verified 2 bids of tender T-1');
      expect(output).toMatch(/posted +transaction [0-9a-f]{64}/);
    }
    const [file = ''] = / shares\/\S+/.exec(result('open ministry-seat-1').output) ?? [];
    const posting = await readFile(join(home('ministry-seat-1'), file.trim()), 'utf8');
    expect(JSON.parse(posting)).toMatchObject({ shares: { tenderId, seat: 1, chunk: 0 } });
  });

  test('the bids that were sealed decide the award', async () => {
    const { lots } = await system.people.auditor.award(tenderId);
    expect(lots.map(({ award: lot }) => lot)).toMatchObject([
      { outcome: 'awarded', vendorId: 'vendor-2', amount: '4000' },
    ]);
  });

  test('trail shows who did what, and before the opening says that it is not complete', () => {
    const before = result('trail before').output;
    expect(before).toContain('Not complete');
    expect(before).not.toContain('bid:submit');
    const after = result('trail after').output;
    expect(after).not.toContain('Not complete');
    expect(after.match(/ bid:submit /g)).toHaveLength(2);
    const [closing] = after.split('\n').filter((line) => line.includes(' tender:close '));
    expect(closing).toMatch(
      /^\S+Z +CN=auditor,\S* +AuditorMSP +tender:close +\d+ +VALID +[0-9a-f]+/,
    );
  });

  test('trail --json is what the gateway answers', async () => {
    const { output } = await procure('auditor', [...commandOf('trail'), '--json']);
    const trail = JSON.parse(output) as Trail;
    expect(trail).toEqual(await system.people.auditor.trail(tenderId));
  });

  test('a refusal, a silent address and a wrong option end with codes of their own', async () => {
    const refused = await procure('auditor', ['trail', 'T-2', ...asMe]);
    expect(refused).toMatchObject({ exitCode: 3 });
    expect(refused.errors).toMatch(/^procure: refused: NOT_FOUND: .*"id":"T-2"/);
    const silent = await procure('auditor', [
      ...commandOf('trail'),
      ...['--url', 'http://127.0.0.1:9'],
    ]);
    expect(silent).toMatchObject({ exitCode: 4, output: '' });
    const misused = await procure('auditor', ['trail', '--tender', tenderId]);
    expect(misused).toMatchObject({ exitCode: 2, output: '' });
  });
});
