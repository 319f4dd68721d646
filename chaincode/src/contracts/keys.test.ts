import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  APPROVAL_PERIOD_MS,
  derOfRaw,
  possessionMessage,
  toBase64url,
} from '@procurement/protocol';
import { issueCertificate } from '../test-support/certificate';
import { highS } from '../test-support/high-s';
import { CHAINCODE, CHANNEL, holderOf, type Person, personOf } from '../test-support/ledger';
import { LOTS, newPeople, type People, Procurement } from '../test-support/procurement';

const road = { lotId: LOTS.road, rate: '500' };

let people: People;
let published: Procurement;

beforeAll(async () => {
  people = newPeople();
  published = await (await Procurement.start(people)).untilPublished();
});

/** A new key of a vendor, and the proof that its holder has it. */
function newKey(
  vendorId: string,
  claim: { readonly channel?: string } = {},
): { readonly publicKey: string; readonly possession: string } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
  const place = { channel: CHANNEL, chaincode: CHAINCODE, ...claim };
  const message = possessionMessage({ ...place, vendorId, publicKey });
  const raw = sign('sha256', message, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
  return { publicKey, possession: toBase64url(derOfRaw(raw)) };
}

describe('the register of keys', () => {
  test('takes a key once, in whichever organisation', async () => {
    const world = published.fork();
    const again = { requestId: 'again', name: 'Another name' };
    const { officer } = people;
    expect(await world.ledger.refusal(officer, 'key:register', again)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'key', id: officer.spki },
    });
    const { spki, certificatePem } = people.seats[4]!;
    expect(await world.ledger.query(people.auditor, 'key:get', { spki })).toMatchObject({
      ...{ spki, mspId: 'VendorMSP', holder: { name: 'A person', role: 'committee' } },
    });
    // Another organisation's CA has certified the same key.
    const elsewhere = { mspId: 'AuditorMSP', spki, certificatePem };
    expect(await world.ledger.refusal(elsewhere, 'key:register', again)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'key', id: spki },
    });
  });

  test('knows the key of every vendor, and no second firm can have it', async () => {
    const world = published.fork();
    const vendor = people.vendors[0]!;
    const key = await world.ledger.query(people.auditor, 'key:get', { spki: vendor.spki });
    expect(key).toMatchObject({ holder: { vendorId: 'vendor-1' } });
    const second = { requestId: 'second', vendorId: 'vendor-9', name: 'Nine', licence: 'L-9' };
    expect(await world.ledger.refusal(vendor, 'vendor:register', second)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'vendorOwner', id: vendor.spki },
    });
  });

  test('gives the key of a member of a committee to no firm', async () => {
    const world = published.fork();
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [member, firm] = ['committee', 'vendor'].map((role) =>
      holderOf('VendorMSP', issueCertificate('pema', { role }, { keys })),
    ) as [Person, Person];
    await world.submit(member, 'key:register', { name: 'Pema' });
    const input = { requestId: 'r', vendorId: 'vendor-9', name: 'Nine', licence: 'L-9' };
    expect(await world.ledger.refusal(firm, 'vendor:register', input)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'key', id: member.spki },
    });
  });

  test('refuses an officer, an auditor and a seat whose key is not in it', async () => {
    const strangers: [Person, string, object][] = [
      [personOf('MinistryMSP', { role: 'officer', agency: 'MoIT' }), 'tender:publish', {}],
      [personOf('AuditorMSP', { role: 'auditor' }), 'tender:close', {}],
      [personOf('AuditorMSP', { role: 'committee' }), 'tender:close', {}],
      // Another organisation has certified the registered key as well.
      [{ ...people.seats[4]!, mspId: 'AuditorMSP' }, 'tender:close', {}],
    ];
    for (const [person, transaction, input] of strangers) {
      const refused = published.ledger.refusal(person, transaction, {
        ...published.onTender,
        ...input,
      });
      expect(await refused).toMatchObject({
        code: 'KEY',
        args: { spki: person.spki, state: 'unknown' },
      });
    }
  });

  test('ends a key at once where its holder asks, for everything', async () => {
    const world = published.fork();
    const vendor = people.vendors[0]!;
    const revoked = { spki: vendor.spki, reason: 'Lost' };
    expect(await world.submit(vendor, 'key:revoke', revoked)).toEqual({
      spki: vendor.spki,
      revoked: true,
    });
    const bid = await published.sealedBid(1, road);
    for (const [transaction, input] of [
      ['bid:submit', bid],
      ['audit:whoami', {}],
      ['key:revoke', { requestId: 'r', ...revoked }],
    ] as const) {
      expect(await world.ledger.refusal(vendor, transaction, input)).toMatchObject({
        code: 'KEY',
        args: { spki: vendor.spki, state: 'revoked' },
      });
    }
  });

  test('ends the key of another by the word of two organisations, not of one', async () => {
    const world = published.fork();
    const { spki } = people.vendors[1]!;
    const act = { spki, reason: 'Debarred' };
    expect(await world.submit(people.officer, 'key:revoke', act)).toEqual({ spki, revoked: false });
    const twice = { requestId: 'twice', ...act };
    expect(await world.ledger.refusal(people.otherOfficer, 'key:revoke', twice)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'approval', id: 'MinistryMSP' },
    });
    expect(await world.ledger.query(people.auditor, 'audit:whoami', {})).toBeDefined();
    expect(await world.submit(people.auditor, 'key:revoke', act)).toEqual({ spki, revoked: true });
    expect(await world.ledger.refusal(people.vendors[1]!, 'audit:whoami', {})).toMatchObject({
      code: 'KEY',
    });
  });

  test('counts the word of an organisation for thirty days, and takes it again after that', async () => {
    const world = published.fork();
    const { spki } = people.vendors[1]!;
    const act = { spki, reason: 'Debarred' };
    await world.submit(people.officer, 'key:revoke', act);
    world.ledger.nowMs += APPROVAL_PERIOD_MS + 1;
    for (const person of [people.auditor, people.auditor]) {
      const { revoked } = await world.submit(person, 'key:revoke', act);
      expect(revoked).toBe(false);
      world.ledger.nowMs += APPROVAL_PERIOD_MS + 1;
    }
    world.ledger.nowMs -= 1;
    expect(await world.submit(people.officer, 'key:revoke', act)).toEqual({ spki, revoked: true });
  });

  test("does not let a vendor end another vendor's key", async () => {
    const { spki } = people.vendors[1]!;
    const input = { requestId: 'rival', spki, reason: 'Rival' };
    expect(await published.ledger.refusal(people.vendors[0]!, 'key:revoke', input)).toMatchObject({
      code: 'ROLE',
      args: { role: 'vendor', transaction: 'key:revoke' },
    });
  });

  test('is read by every transaction, so that one endorsed before the end of its key fails', async () => {
    const world = published.fork();
    const vendor = people.vendors[0]!;
    const bid = await published.sealedBid(1, road);
    const endorsed = await world.ledger.endorse(vendor, 'bid:submit', bid);
    await world.submit(vendor, 'key:revoke', { spki: vendor.spki, reason: 'Lost' });
    expect(world.ledger.commit(endorsed)).toBe('MVCC_READ_CONFLICT');
  });
});

describe("a vendor's key", () => {
  test('is renewed by the old one, which is then ended', async () => {
    const world = published.fork();
    const vendor = people.vendors[0]!;
    const key = newKey('vendor-1');
    const renewed = await world.submit(vendor, 'vendor:renewKey', key);
    const spki = renewed['spki'] as string;
    expect(renewed).toEqual({ vendorId: 'vendor-1', spki });
    expect(
      await world.ledger.query(people.auditor, 'vendor:get', { vendorId: 'vendor-1' }),
    ).toEqual(expect.objectContaining({ owner: { mspId: 'VendorMSP', spki } }));
    expect(await world.ledger.refusal(vendor, 'vendor:me', {})).toMatchObject({ code: 'KEY' });
    const taken = { requestId: 'taken', ...newKey('vendor-2'), publicKey: key.publicKey };
    expect(await world.ledger.refusal(people.vendors[1]!, 'vendor:renewKey', taken)).toMatchObject({
      code: 'EXISTS',
      args: { kind: 'key', id: spki },
    });
  });

  const falseProofs: [string, () => object][] = [
    ['for another vendor', () => newKey('vendor-2')],
    ['on another channel', () => newKey('vendor-1', { channel: 'other' })],
    ['in the form with the high s', () => withHighS(newKey('vendor-1'))],
    ['with the signature of another key', () => ({ ...newKey('vendor-1'), ...ofOther() })],
    ['that is no key of P-256', () => ({ ...newKey('vendor-1'), publicKey: 'A'.repeat(122) })],
  ];

  test.each(falseProofs)('is not renewed by a proof %s', async (_, key) => {
    const input = { requestId: 'renew', ...key() };
    const refused = published.ledger.refusal(people.vendors[0]!, 'vendor:renewKey', input);
    expect(await refused).toMatchObject({ code: 'POSSESSION' });
  });

  test.each(falseProofs)('is not replaced by a proof %s', async (_, key) => {
    const input = { requestId: 'recover', vendorId: 'vendor-1', ...key() };
    for (const person of [people.officer, people.auditor]) {
      const refused = published.ledger.refusal(person, 'vendor:recoverKey', input);
      expect(await refused).toMatchObject({ code: 'POSSESSION' });
    }
  });

  test('is not replaced by the key of another firm', async () => {
    const world = published.fork();
    const key = newKey('vendor-1');
    await world.submit(people.vendors[0]!, 'vendor:renewKey', key);
    const input = { requestId: 'r', vendorId: 'vendor-2', ...newKey('vendor-2'), ...key };
    const refused = world.ledger.refusal(people.officer, 'vendor:recoverKey', input);
    expect(await refused).toMatchObject({ code: 'EXISTS', args: { kind: 'key' } });
  });

  function withHighS<Key extends { readonly possession: string }>(key: Key): Key {
    return { ...key, possession: highS(key.possession) };
  }

  function ofOther(): { readonly possession: string } {
    const { possession } = newKey('vendor-1');
    return { possession };
  }

  test('that is lost is replaced by two organisations that name the same new one', async () => {
    const world = published.fork();
    const [key, other] = [newKey('vendor-1'), newKey('vendor-1')];
    const recover = (person: Person, to: object): Promise<Record<string, unknown>> =>
      world.submit(person, 'vendor:recoverKey', { vendorId: 'vendor-1', ...to });
    expect(await recover(people.officer, key)).toMatchObject({ recovered: false });
    expect(await recover(people.auditor, other)).toMatchObject({ recovered: false });
    expect(await recover(people.auditor, key)).toMatchObject({ recovered: true });
    expect(await world.ledger.refusal(people.vendors[0]!, 'vendor:me', {})).toMatchObject({
      code: 'KEY',
      args: { state: 'revoked' },
    });
  });
});
