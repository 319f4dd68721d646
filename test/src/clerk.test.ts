import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { VerifiedProcedure } from '@procurement/client';
import {
  derOfRaw,
  instantFromMs,
  type QueryResult,
  storePossessionMessage,
  toBase64url,
} from '@procurement/protocol';
import { KeyHomes, type Person } from './support/key-homes';
import { BIDDING_MS } from './support/clock';
import { storesInRegister } from './support/gateway-stores';
import { startSystem, type System } from './support/procedure';
import type { Ended } from './support/run-procure';

const graceMs = 500;
/** How long a machine that has much else to do may take. */
const limitMs = 300_000;

const officer: Person = {
  ...{ name: 'karma', mspId: 'MinistryMSP', attributes: { role: 'officer', agency: 'MoIT' } },
};
const auditor: Person = { name: 'choden', mspId: 'AuditorMSP', attributes: { role: 'auditor' } };
const seats: readonly Person[] = [
  { name: 'pema', mspId: 'MinistryMSP' },
  { name: 'sonam', mspId: 'AuditorMSP' },
  { name: 'wangmo', mspId: 'VendorMSP' },
].map((one) => ({ ...one, attributes: { role: 'committee' } }));
const [dorji, tshering, lhamo] = ['dorji', 'tshering', 'lhamo'].map((name): Person => ({
  name,
  mspId: 'VendorMSP',
  attributes: { role: 'vendor' },
})) as [Person, Person, Person];
/** The same firm on another machine, after its key was lost. */
const again: Person = { ...tshering, name: 'tshering-2' };

let system: System;
let homes: KeyHomes;

beforeAll(async () => {
  system = await startSystem({ keepFolder: true, environment: { PROCUREMENT_STORE: 'folder' } });
  const witness = await system.stack.startSecond();
  homes = await KeyHomes.open(join(system.folder, 'network'), witness);
  const everyone = [officer, auditor, ...seats, dorji, tshering, lhamo];
  for (const person of [...everyone, again]) await homes.settle(person);
  for (const person of everyone) {
    await enrol(person);
    const firm = ['--vendor-id', person.name, '--licence', `L-${person.name}`];
    const isVendor = person.attributes['role'] === 'vendor';
    const whose = isVendor ? firm : [];
    await must(person, 'keys', 'register', '--name', `Person ${person.name}`, ...whose);
  }
  await enrol(again);
}, limitMs);

afterAll(async () => {
  await homes.close();
  await system.stop();
  await rm(system.folder, { recursive: true, force: true });
});

async function enrol({ name, mspId }: Person): Promise<void> {
  const folder = ['--roots', 'roots', '--msp-id', mspId, '--name', name];
  const person = { name } as Person;
  await must(person, 'keys', 'new', ...folder, '--url', system.stack.url);
  const ca = ['--ca-url', homes.ca({ ...person, mspId }).url, '--ca-tls-root', 'ca-tls.pem'];
  await must(person, 'keys', 'enrol', ...ca);
}

async function must({ name }: Person, ...words: readonly string[]): Promise<Ended> {
  const ended = await homes.procure(name, words);
  if (ended.exitCode === 0) return ended;
  throw new Error(`${name}, ${words.join(' ')}: ${ended.errors}`);
}

async function json<T>(person: Person, ...words: readonly string[]): Promise<T> {
  return JSON.parse((await must(person, ...words, '--json')).output) as T;
}

async function refusal({ name }: Person, ...words: readonly string[]): Promise<object> {
  const { exitCode, output } = await homes.procure(name, [...words, '--json']);
  const { problem } = JSON.parse(output) as { problem: { code: string } };
  return { exitCode, code: problem.code };
}

const spkiOf = async (person: Person): Promise<string> =>
  (await json<{ spki: string }>(person, 'keys', 'show')).spki;

describe('keys', () => {
  test('a certificate is renewed for the same key, and a key for the same firm', async () => {
    const before = await spkiOf(dorji);
    expect((await must(dorji, 'keys', 'renew')).output).toMatch(/^Renewed .*CN=dorji/);
    expect(await spkiOf(dorji)).toBe(before);
    const { output } = await must(dorji, 'keys', 'renew', '--new-key');
    expect(output).toContain('Renewed the key of dorji.');
    const after = await spkiOf(dorji);
    expect(after).not.toBe(before);
    const shown = await must(dorji, 'keys', 'show', '--register');
    expect(shown.output).toContain('register     in force');
    const old = await json<{ entry: QueryResult<'key:get'> }>(
      ...([auditor, 'keys', 'find', '--spki', before] as const),
    );
    expect(old.entry).toMatchObject({ holder: { vendorId: 'dorji' }, revoked: {} });
    const found = await must(auditor, 'keys', 'find', '--vendor-id', 'dorji');
    expect(found.output).toContain(after);
  });

  test('a renewal whose answer was lost is finished by the same command', async () => {
    const files = ['key.json', 'certificate.pem'];
    const [key, certificate] = await Promise.all(
      files.map((file) => readFile(homes.path(lhamo.name, file))),
    );
    await must(lhamo, 'keys', 'renew', '--new-key');
    const after = await spkiOf(lhamo);
    // As the folder was before the answer came.
    for (const [file, old] of [
      ['key', key],
      ['certificate', certificate],
    ] as const) {
      const ending = file === 'key' ? 'json' : 'pem';
      const present = homes.path(lhamo.name, `${file}.${ending}`);
      await writeFile(homes.path(lhamo.name, `${file}.next.${ending}`), await readFile(present));
      await writeFile(present, old!);
    }
    const { output } = await must(lhamo, 'keys', 'renew', '--new-key');
    expect(output).toContain('The ledger had taken the new key already');
    expect(await spkiOf(lhamo)).toBe(after);
  });

  test('a lost key is replaced where officer and auditor bear out the same claim', async () => {
    const lost = await spkiOf(tshering);
    const wanted = await spkiOf(again);
    await must(again, 'keys', 'claim', tshering.name);
    const claim = await readFile(homes.path(again.name, 'claim.json'), 'utf8');
    for (const { name } of [officer, auditor])
      await writeFile(homes.path(name, 'claim.json'), claim);
    const first = await must(officer, 'keys', 'recover', 'claim.json');
    expect(first.output).toContain('Recorded.');
    for (const shown of ['tshering: Person tshering, licence L-tshering', lost, wanted]) {
      expect(first.errors).toContain(shown);
    }
    const forged = { ...(JSON.parse(claim) as object), vendorId: dorji.name };
    await writeFile(homes.path(auditor.name, 'forged.json'), JSON.stringify(forged));
    expect(await refusal(auditor, 'keys', 'recover', 'forged.json')).toEqual({
      ...{ exitCode: 5, code: 'CHECK_FAILED' },
    });
    const second = await must(auditor, 'keys', 'recover', 'claim.json');
    expect(second.output).toContain(`tshering has its new key: ${wanted}.`);
    expect((await must(again, 'keys', 'show', '--register')).output).toContain('in force');
    expect(await refusal(tshering, 'tender', 'list')).toEqual({ exitCode: 3, code: 'KEY' });
  });

  test('the lost key of a store is replaced in the same way', async () => {
    await storesInRegister(system.people.auditor);
    const claim = storeClaim('store-AuditorMSP');
    const spki = createHash('sha256').update(Buffer.from(claim.publicKey, 'base64url'));
    const wanted = spki.digest('base64url');
    const forged = { ...claim, storeId: 'store-MinistryMSP' };
    for (const { name } of [officer, auditor]) {
      await writeFile(homes.path(name, 'store.json'), JSON.stringify(claim));
      await writeFile(homes.path(name, 'forged.json'), JSON.stringify(forged));
    }
    expect(await refusal(officer, 'keys', 'recover', 'forged.json')).toEqual({
      ...{ exitCode: 5, code: 'CHECK_FAILED' },
    });
    const first = await must(officer, 'keys', 'recover', 'store.json');
    expect(first.output).toContain('Recorded.');
    expect(first.errors).toContain(wanted);
    expect(first.errors).toMatch(/store +store-AuditorMSP of AuditorMSP, at http/);
    const second = await must(auditor, 'keys', 'recover', 'store.json');
    expect(second.output).toContain(`store-AuditorMSP has its new key: ${wanted}.`);
  });

  test("a key ends at once where its holder asks, another's by two organisations", async () => {
    const reason = ['--reason', 'The phone was stolen.'];
    const spki = await spkiOf(lhamo);
    const asked = await must(officer, 'keys', 'revoke', '--spki', spki, ...reason);
    expect(asked.output).toContain('Recorded.');
    expect(asked.errors).toMatch(/holder +lhamo/);
    const done = await must(auditor, 'keys', 'revoke', '--spki', spki, ...reason);
    expect(done.output).toContain(`The key ${spki} is revoked.`);
    expect(await refusal(lhamo, 'tender', 'list')).toEqual({ exitCode: 3, code: 'KEY' });
  });
});

/** What a gateway writes whose store has another key than the registered one. */
function storeClaim(storeId: string): { readonly publicKey: string } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
  const claim = { channel: 'procurement', chaincode: 'procurement', storeId, publicKey };
  const signing = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const signature = derOfRaw(sign('sha256', storePossessionMessage(claim), signing));
  return {
    ...{ schema: 'store-claim/1', ...claim },
    ...{ possession: toBase64url(signature) },
  };
}

describe('a tender that its officers do not open', () => {
  const tenderId = 'T-7';
  let deadlineMs: number;

  beforeAll(async () => {
    deadlineMs = Date.now() + BIDDING_MS;
    await draft();
    await Promise.all(seats.map((seat) => must(seat, 'committee', 'join', tenderId)));
    await Promise.all(seats.map((seat) => must(seat, 'committee', 'rehearse', tenderId)));
    await must(officer, 'tender', 'publish', tenderId);
  }, limitMs);

  async function draft(): Promise<void> {
    const holders = await Promise.all(
      seats.map(async (seat, index) => {
        return { seat: index + 1, mspId: seat.mspId, spki: await spkiOf(seat) };
      }),
    );
    const content = {
      ...{ tenderId, title: 'Gravel', description: '', currency: 'BTN', graceMs },
      buyer: { agency: 'MoIT', name: 'Ministry of Infrastructure and Transport' },
      items: [{ itemId: 'I1', description: 'Gravel', unit: 'm3', quantity: '10' }],
      lots: [{ lotId: 'L1', title: 'All of it', itemIds: ['I1'] }],
      documents: [],
      ...{ deadline: instantFromMs(deadlineMs), openingPeriodMs: 0 },
      committee: { t: 2, seats: holders },
      awardCriterion: 'lowest-evaluated-amount',
    };
    await writeFile(homes.path(officer.name, 'draft.json'), JSON.stringify(content));
    await must(officer, 'tender', 'create', 'draft.json');
  }

  test(
    'is bid for, withdrawn from and bid for again',
    async () => {
      const lines = [{ itemId: 'I1', quantity: '10', rate: '500', amount: '5000' }];
      await Promise.all(
        [dorji, again].map(async (vendor) => {
          const bid = { lotId: 'L1', total: '5000', lines };
          await writeFile(homes.path(vendor.name, 'bid.json'), JSON.stringify(bid));
          await must(vendor, 'bid', 'replace', tenderId, 'bid.json');
        }),
      );
      const { output } = await must(dorji, 'bid', 'withdraw', tenderId, 'L1');
      expect(output).toContain('Withdrew your bid for lot L1.');
      expect((await must(dorji, 'bid', 'list', tenderId)).output).toMatch(/dorji +1 +withdrawn/);
      const replaced = await must(dorji, 'bid', 'replace', tenderId, 'bid.json');
      expect(replaced.output).toContain('Handed in version 2');
      expect(await refusal(dorji, 'bid', 'self-open', tenderId, 'L1')).toEqual({
        ...{ exitCode: 5, code: 'CHECK_FAILED' },
      });
    },
    limitMs,
  );

  test(
    'is opened by a vendor itself, and what nobody opened is recorded',
    async () => {
      await system.clock.pass(deadlineMs + graceMs);
      await must(auditor, 'tender', 'close', tenderId);
      const bidKey = `bid/${tenderId}/L1/tshering`;
      expect(await refusal(auditor, 'committee', 'strike', tenderId, bidKey)).toEqual({
        ...{ exitCode: 3, code: 'DEAL_HOLDS' },
      });
      const opened = await must(dorji, 'bid', 'self-open', tenderId, 'L1');
      expect(opened.output).toContain('Opened your bid for lot L1.');
      const status = await must(auditor, 'committee', 'status', tenderId);
      expect(status.output).toMatch(/1 +MinistryMSP +yes +no +no/);
      expect(status.output).toContain('T-7 is closed; 2 of 3 seats open it.');
      const missing = await must(auditor, 'committee', 'record-missing', tenderId);
      expect(missing.output).toContain(`UNOPENED  ${bidKey}`);
      const record = await json<QueryResult<'audit:record'>>(auditor, 'tender', 'record', tenderId);
      expect(record.tender.state).toBe('opened');
    },
    limitMs,
  );

  test('is verified from the blocks, with the keys that changed before', async () => {
    const { bids, steps } = await json<VerifiedProcedure>(auditor, 'verify', tenderId);
    expect(bids).toEqual([
      { bidKey: `bid/${tenderId}/L1/dorji`, state: 'OPENED' },
      { bidKey: `bid/${tenderId}/L1/tshering`, state: 'UNOPENED' },
    ]);
    expect(steps).toMatchObject({ 'bid:submit': 3, 'bid:withdraw': 1, 'opening:selfOpen': 1 });
  });

  test('may be cancelled by buyer and auditor together, with a reason', async () => {
    const cancel = ['tender', 'cancel', tenderId, '--reason', 'Nobody opened it.'];
    expect((await must(officer, ...cancel)).output).toContain('Recorded. It is cancelled once');
    expect((await must(auditor, ...cancel)).output).toContain('Cancelled T-7.');
    expect((await must(auditor, 'tender', 'show', tenderId)).output).toMatch(/state +cancelled/);
  });
});
