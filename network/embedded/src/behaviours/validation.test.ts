import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity';
import { parsePolicy } from '../../../lifecycle/policy-dsl';
import { startAssetNetwork } from '../test-support/asset-network';
import { recordedTopology, upgraded } from './behaviours.test-support';
import { RawClients } from './raw-clients.test-support';
import { newProposal, spoiled, withoutEndorsements } from './raw-transaction.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

const VALID = 0;
const DUPLICATE_TXID = 9;
const POLICY = 10;
const MVCC = 11;
const PHANTOM = 12;

let clients: RawClients;
let tashi: SigningIdentity;
let boss: SigningIdentity;
let ministry: SigningIdentity;
let vendor: SigningIdentity;
let auditor: SigningIdentity;

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology: recordedTopology }));
  tashi = await clients.user('tashi');
  boss = await clients.user('boss');
  ministry = clients.peer('MinistryMSP');
  vendor = clients.peer('VendorMSP');
  auditor = clients.peer('AuditorMSP');
});

afterAll(async () => {
  clients.close();
  await clients.network.close();
});

/** A transaction of the asset contract with the endorsements that its policy wants. */
function call(...args: string[]): Promise<common.Envelope> {
  return clients.forged({ creator: tashi, args });
}

/** A transaction with these endorsements. */
function by(endorsers: SigningIdentity[], chaincode: string, ...args: string[]) {
  return clients.forged({ creator: tashi, chaincode, args }, endorsers);
}

async function codeOf(envelope: Promise<common.Envelope>): Promise<number> {
  const [code] = await clients.codesOf(await envelope);
  return code!;
}

/** Codes of transactions that were made first and then ordered into one block. */
async function codesInOneBlock(...envelopes: Promise<common.Envelope>[]): Promise<number[]> {
  const placed = await clients.commit(...(await Promise.all(envelopes)));
  expect(new Set(placed.map(({ block }) => block)).size).toBe(1);
  return placed.map(({ code }) => code);
}

async function valueOf(key: string): Promise<string> {
  const { signed } = newProposal({ creator: tashi, args: ['get', key] });
  const answer = await clients.propose('MinistryMSP', signed);
  return Buffer.from(answer.getResponse()!.getPayload_asU8()).toString();
}

describe('of two transactions in a block', () => {
  test('37: that read and write one key, the second fails', async () => {
    await codeOf(call('put', 'c37', '1'));
    expect(await codesInOneBlock(call('bump', 'c37'), call('bump', 'c37'))).toEqual([VALID, MVCC]);
  });

  test('37b: that read a key which is not there and make it, the second fails', async () => {
    const both = [call('bump', 'new37'), call('bump', 'new37')];
    expect(await codesInOneBlock(...both)).toEqual([VALID, MVCC]);
  });

  test('37c: of which the first deletes what the second reads, the second fails', async () => {
    await codeOf(call('put', 'd37', '1'));
    expect(await codesInOneBlock(call('del', 'd37'), call('bump', 'd37'))).toEqual([VALID, MVCC]);
  });

  test('38: that write one key blindly, both are valid and the last counts', async () => {
    const both = [call('put', 'b38', 'a'), call('put', 'b38', 'b')];
    expect(await codesInOneBlock(...both)).toEqual([VALID, VALID]);
    expect(await valueOf('b38')).toBe('b');
  });

  test('39: of which the first adds a row to the range of the second, the second fails', async () => {
    const both = [call('put', 'p39-b', '1'), call('rangePut', 'p39-', 'p39-z', 'count39')];
    expect(await codesInOneBlock(...both)).toEqual([VALID, PHANTOM]);
  });

  test('49: with one id, the second fails', async () => {
    const once = call('put', 'k49', '1');
    expect(await codesInOneBlock(once, once)).toEqual([VALID, DUPLICATE_TXID]);
  });

  test('49: with one id, the first of which is badly endorsed, the second counts', async () => {
    const good = await call('put', 'k49b', '1');
    const bad = withoutEndorsements(good, tashi);
    expect(await clients.codesOf(bad, good)).toEqual([POLICY, VALID]);
  });
});

describe('what was read', () => {
  test('37d: and changed in an earlier block makes a conflict', async () => {
    await codeOf(call('put', 'c37d', '1'));
    const stale = await call('bump', 'c37d');
    await codeOf(call('bump', 'c37d'));
    expect(await clients.codesOf(stale)).toEqual([MVCC]);
  });

  test.each([
    ['39b: a row added', ['put', 'b'], PHANTOM],
    ['39c: a row changed', ['put', 'a'], PHANTOM],
    ['40: a row deleted', ['del', 'a'], PHANTOM],
    ['39d: a row added at the end, which is excluded', ['put', 'z'], VALID],
  ] as const)('in a range meanwhile has %s', async (title, [name, row], expected) => {
    const prefix = `${title.slice(0, 3).trim()}/`;
    await codeOf(call('put', `${prefix}a`, '1'));
    const ranged = await call('rangePut', prefix, `${prefix}z`, `n${prefix}`);
    await codeOf(name === 'put' ? call('put', prefix + row, '2') : call('del', prefix + row));
    expect(await clients.codesOf(ranged)).toEqual([expected]);
  });

  test('41: of an unfinished scan reaches as far as the peer has looked, and no further', async () => {
    await codeOf(call('putMany', 'scan', '150'));
    const scan = (key: string) => call('rangeFirst', 'scan', 'scao', '1', key);
    const far = await scan('first41');
    await codeOf(call('put', 'scan0120a', 'v'));
    expect(await clients.codesOf(far)).toEqual([VALID]);
    const near = await scan('second41');
    await codeOf(call('put', 'scan0099a', 'v'));
    expect(await clients.codesOf(near)).toEqual([PHANTOM]);
  });
});

describe('endorsements', () => {
  test('42: of one organization are no majority of three, of two are', async () => {
    expect(await codeOf(by([ministry], 'majority', 'put', 'a', '1'))).toBe(POLICY);
    expect(await codeOf(by([ministry, vendor], 'majority', 'put', 'a', '1'))).toBe(VALID);
  });

  test('43: satisfy AND(Auditor, OR(Ministry, Vendor)) in any order', async () => {
    const put = (...endorsers: SigningIdentity[]) =>
      codeOf(by(endorsers, 'asset', 'put', 'b', '1'));
    expect(await put(auditor, ministry)).toBe(VALID);
    expect(await put(auditor, vendor)).toBe(VALID);
    expect(await put(vendor, auditor)).toBe(VALID);
    expect(await put(ministry, vendor, auditor)).toBe(VALID);
    expect(await put(ministry, vendor)).toBe(POLICY);
    expect(await put(auditor)).toBe(POLICY);
  });

  test('44: of one endorser count once', async () => {
    expect(await codeOf(by([ministry, ministry], 'majority', 'put', 'c', '1'))).toBe(POLICY);
  });

  test('45: are tried in order, and nobody goes back', async () => {
    const put = (...endorsers: SigningIdentity[]) =>
      codeOf(by(endorsers, 'greedy', 'put', 'a', '1'));
    const other = await clients.oddIdentity('MinistryMSP', {});
    const admin = await clients.oddIdentity('MinistryMSP', { units: ['admin'] });
    expect(await put(boss, tashi)).toBe(POLICY);
    expect(await put(tashi, boss)).toBe(VALID);
    expect(await put(boss)).toBe(POLICY);
    expect(await put(tashi, other)).toBe(POLICY);
    expect(await put(boss, tashi, other)).toBe(POLICY);
    // The recording repeats one administrator here; a second one could take the free place.
    expect(await put(boss, tashi, boss)).toBe(POLICY);
    expect(await put(boss, tashi, admin)).toBe(VALID);
  });

  test('45b: that are bad are passed over', async () => {
    const put = (...endorsers: SigningIdentity[]) => codeOf(by(endorsers, 'two', 'put', 'a', '1'));
    const stranger: SigningIdentity = {
      ...auditor,
      serialized: Buffer.from('nobody'),
    };
    expect(await put(ministry, vendor, spoiled(auditor))).toBe(VALID);
    expect(await put(spoiled(auditor), ministry, vendor)).toBe(VALID);
    expect(await put(spoiled(ministry), ministry, vendor)).toBe(VALID);
    expect(await put(ministry, spoiled(vendor))).toBe(POLICY);
    expect(await put(ministry, tashi)).toBe(POLICY);
    expect(await put(stranger, ministry, vendor)).toBe(VALID);
    expect(await put()).toBe(POLICY);
  });

  test('50: are needed for a transaction that only reads', async () => {
    expect(await codeOf(by([auditor, ministry], 'asset', 'get', 'b'))).toBe(VALID);
    expect(await codeOf(by([ministry], 'asset', 'get', 'b'))).toBe(POLICY);
    expect(await codeOf(by([ministry], 'asset', 'nothing'))).toBe(POLICY);
  });
});

describe('the policy of a key', () => {
  const policy = (text: string): string =>
    Buffer.from(parsePolicy(text).serializeBinary()).toString('base64');
  const vendorOnly = policy("OutOf(1, 'VendorMSP.peer')");

  test('46: takes the place of that of the chaincode, both ways', async () => {
    await codeOf(call('putSetPolicy', 'kp', 'a', vendorOnly));
    const put = (endorsers: SigningIdentity[], ...args: string[]) =>
      codeOf(by(endorsers, 'asset', ...args));
    expect(await put([vendor], 'put', 'kp', 'b')).toBe(VALID);
    expect(await put([auditor, ministry], 'put', 'kp', 'x')).toBe(POLICY);
    expect(await put([vendor], 'readPut', 'other', 'kp', 'c')).toBe(VALID);
    expect(await put([vendor], 'put', 'other', 'x')).toBe(POLICY);
    expect(await put([auditor, ministry], 'setPolicy', 'kp', vendorOnly)).toBe(POLICY);
    expect(await put([vendor], 'setPolicy', 'kp', vendorOnly)).toBe(VALID);
    expect(await valueOf('kp')).toBe('c');
  });

  test('47: and its key cannot change in one block', async () => {
    await codeOf(call('put', 'kp47', 'a'));
    const both = [call('setPolicy', 'kp47', vendorOnly), call('put', 'kp47', 'b')];
    expect(await codesInOneBlock(...both)).toEqual([VALID, POLICY]);
    expect(await valueOf('kp47')).toBe('a');
  });
});

describe('a new definition of a chaincode', () => {
  test('51: makes a conflict of what was endorsed under the old one', async () => {
    const inFlight = await by([ministry, vendor], 'two', 'put', 'k51', '1');
    clients.close();
    await clients.network.restart(
      upgraded('two', "OutOf(2, 'MinistryMSP.peer', 'VendorMSP.peer')"),
    );
    clients = await RawClients.of(clients.network);
    expect(await clients.codesOf(inFlight)).toEqual([MVCC]);
    expect(await codeOf(by([ministry, vendor], 'two', 'put', 'k51', '1'))).toBe(VALID);
    expect(await codeOf(by([ministry, auditor], 'two', 'put', 'k51', '2'))).toBe(POLICY);
  });
});
