import { beforeAll, describe, expect, test } from '@jest/globals';
import { RIGHTS } from '@procurement/protocol';
import { personOf } from '../test-support/ledger';
import { newPeople, type People, Procurement } from '../test-support/procurement';
import { contracts } from '../index';

/** What reflect-metadata, which the framework loads, adds to Reflect. */
const metadata = Reflect as unknown as {
  getMetadata(key: string, target: object): readonly { readonly name: string }[];
};

let people: People;
let empty: Procurement;

beforeAll(async () => {
  people = newPeople();
  empty = await Procurement.start(people);
});

describe('the door', () => {
  test('refuses a call without arguments, which the framework answers with success', async () => {
    const reject = await empty.ledger.refusal(people.auditor, '', {});
    expect(reject).toMatchObject({ code: 'CALL', args: { problem: '0 arguments' } });
  });

  test.each([[[]], [[Buffer.from('{}'), Buffer.from('{}')]]])(
    'refuses a call with another number of arguments: %#',
    async (rawArguments) => {
      const reject = empty.ledger.refusal(people.auditor, 'audit:whoami', {}, { rawArguments });
      expect(await reject).toMatchObject({ code: 'CALL' });
    },
  );

  test('refuses bytes that are not UTF-8, which the framework would replace', async () => {
    const rawArguments = [Buffer.from([0x7b, 0xff, 0x7d])];
    const reject = empty.ledger.refusal(people.auditor, 'audit:whoami', {}, { rawArguments });
    expect(await reject).toMatchObject({ code: 'CALL', args: { problem: 'not UTF-8' } });
  });

  test.each([
    'register',
    'vendor:',
    'vendor:requireVendor',
    'tender:beforeTransaction',
    'tender:createContext',
    'tender:toString',
    'tender:constructor',
    'toString',
    '__proto__',
    'org.hyperledger.fabric:GetMetadata',
  ])('knows no transaction %s', async (name) => {
    const reject = await empty.ledger.refusal(people.auditor, name, {});
    expect(reject).toMatchObject({ code: 'UNKNOWN_TRANSACTION', args: { transaction: name } });
  });
});

describe('the contracts', () => {
  test('expose exactly the transactions of the table of rights', () => {
    const exposed = contracts.flatMap((Contract) => {
      const name = new Contract().getName();
      const transactions = metadata.getMetadata('fabric:transactions', Contract.prototype);
      return transactions.map((transaction) => `${name}:${transaction.name}`);
    });
    expect(exposed.sort()).toEqual(Object.keys(RIGHTS).sort());
  });

  test('know a caller by organisation and public key, not by name', async () => {
    const [one, two] = [
      personOf('VendorMSP', { role: 'vendor' }),
      personOf('VendorMSP', { role: 'vendor' }),
    ];
    const world = empty.fork();
    const input = { vendorId: 'vendor-1', name: 'One', licence: 'L-1' };
    await world.submit(one, 'vendor:register', input);
    expect(await world.ledger.query(one, 'audit:whoami', {})).toEqual({
      mspId: 'VendorMSP',
      role: 'vendor',
      spki: one.spki,
      vendorId: 'vendor-1',
    });
    expect(await world.ledger.refusal(two, 'vendor:me', {})).toMatchObject({
      code: 'NOT_REGISTERED',
    });
  });

  test.each([
    ['.estimate', 'FORMAT'],
    ['.hidden', 'FORMAT'],
    ['a/b', 'FORMAT'],
    ['a\u0000b', 'FORMAT'],
    ['\u{10ffff}', 'FORMAT'],
    ['', 'FORMAT'],
    ['a'.repeat(65), 'FORMAT'],
  ])('register no vendor under %j', async (vendorId, code) => {
    const input = { requestId: 'r', vendorId, name: 'One', licence: 'L-1' };
    const vendor = people.vendors[0]!;
    expect(await empty.ledger.refusal(vendor, 'vendor:register', input)).toMatchObject({ code });
  });

  test('register a vendor, an owner and a licence once', async () => {
    const world = empty.fork();
    const [one, two] = [people.vendors[0]!, people.vendors[1]!];
    await world.submit(one, 'vendor:register', { vendorId: 'a', name: 'A', licence: 'L-1' });
    const again = async (
      person: typeof one,
      vendorId: string,
      licence: string,
    ): Promise<object> => {
      const input = { requestId: 'r', vendorId, name: 'B', licence };
      return (await world.ledger.refusal(person, 'vendor:register', input))?.args ?? {};
    };
    expect(await again(two, 'a', 'L-2')).toEqual({ kind: 'vendor', id: 'a' });
    expect(await again(one, 'b', 'L-2')).toEqual({ kind: 'vendorOwner', id: one.spki });
    for (const licence of ['L-1', 'l-1', 'L 1', 'L1', ' L.-1/']) {
      expect(await again(two, 'b', licence)).toMatchObject({ kind: 'vendorLicence' });
    }
  });

  test.each(['', ' - ', 'L\u20131', '\u041b-1', 'L-1\n', 'L'.repeat(65)])(
    'register no vendor by the licence %j, which others could write alike',
    async (licence) => {
      const input = { requestId: 'r', vendorId: 'vendor-1', name: 'One', licence };
      const refusal = await empty.ledger.refusal(people.vendors[0]!, 'vendor:register', input);
      expect(refusal).toMatchObject({ code: 'FORMAT', args: { path: 'licence' } });
    },
  );

  test.each([
    ['T.technical.financial', 'tender.tenderId'],
    ['.financial', 'tender.tenderId'],
    ['a'.repeat(55), 'tender.tenderId'],
  ])('draft no tender under %s', async (tenderId, path) => {
    const input = { requestId: 'r', tender: empty.draft({ tenderId }) };
    expect(await empty.ledger.refusal(people.officer, 'tender:create', input)).toMatchObject({
      code: 'FORMAT',
      args: { path, problem: 'invalid' },
    });
  });

  test.each([
    [{ graceMs: '120000' }, 'tender.graceMs', 'mistyped'],
    [{ deadline: 5 }, 'tender.deadline', 'mistyped'],
    [{ deadline: '2027-02-30T00:00:00.000Z' }, 'tender.deadline', 'invalid'],
    [{ title: undefined }, 'tender.title', 'missing'],
    [{ state: 'awarded' }, 'tender.state', 'unknown'],
    [{ published: {} }, 'tender.published', 'unknown'],
    [{ buyer: { agency: 'MoIT', name: 'M', isAdmin: true } }, 'tender.buyer.isAdmin', 'unknown'],
    [{ awardCriterion: 'highest' }, 'tender.awardCriterion', 'invalid'],
    [{ currency: 'btn' }, 'tender.currency', 'invalid'],
  ])('draft no tender with %j', async (change, path, problem) => {
    const input = { requestId: 'r', tender: empty.draft(change) };
    expect(await empty.ledger.refusal(people.officer, 'tender:create', input)).toMatchObject({
      code: 'FORMAT',
      args: { path, problem },
    });
  });

  test('refuse an input that is too long before they read it', async () => {
    const input = `{"requestId":"${'r'.repeat(300_000)}"}`;
    expect(await empty.ledger.refusal(people.officer, 'tender:publish', input)).toMatchObject({
      code: 'FORMAT',
      args: { path: '', problem: 'too long' },
    });
  });

  test('let a seat replace its key while the tender is a draft, never reuse one', async () => {
    const world = empty.fork();
    await world.create();
    const first = world.newKey(1).key;
    const seat = people.seats[0]!;
    await world.submit(seat, 'opening:registerKey', { key: first });
    await world.submit(seat, 'opening:registerKey', { key: world.newKey(1).key });
    const input = { requestId: 'r', key: first };
    expect(await world.ledger.refusal(seat, 'opening:registerKey', input)).toMatchObject({
      code: 'DUPLICATE',
    });
  });

  test('show a vendor no draft, neither alone nor in the list', async () => {
    const world = empty.fork();
    await world.create();
    const vendor = people.vendors[0]!;
    expect(await world.ledger.query(vendor, 'tender:list', {})).toEqual({ tenders: [] });
    const { tenders } = await world.ledger.query(people.auditor, 'tender:list', {});
    expect(tenders).toEqual([expect.objectContaining({ state: 'draft' })]);
  });
});
