import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { parsePolicy } from '../../../lifecycle/policy-dsl';
import type { SigningIdentity } from '../identity/signing-identity';
import { startAssetNetwork } from '../test-support/asset-network';
import { privateTopology } from './behaviours.test-support';
import { PrivateClients } from './private-data.test-support';
import { RawClients } from './raw-clients.test-support';
import { hashedSetsOf, newProposal, rwsetOf } from './raw-transaction.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

const [MINISTRY, VENDOR, AUDITOR] = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;
const SHARED = 'collVendorMinistry';
const AUDITED = 'collAuditorPolicy';
const POLICY_FAILURE = peer.TxValidationCode.ENDORSEMENT_POLICY_FAILURE;
const NOT_HERE =
  /^GET_STATE failed: transaction ID: <TXID>: private data matching public hash version is not available\. Public hash version = \{BlockNum: \d+, TxNum: 0\}, Private data version = <nil>$/;

let network: PrivateClients;
let tashi: SigningIdentity;
let vendor: SigningIdentity;
let auditor: SigningIdentity;

beforeAll(async () => {
  const started = await startAssetNetwork({ topology: privateTopology });
  network = new PrivateClients(await RawClients.of(started));
  tashi = await network.clients.user('tashi');
  vendor = await network.clients.user('vendor-1');
  auditor = await network.clients.user('auditor');
});

afterAll(async () => {
  await network.close();
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Writes with the endorsements of auditor and vendor. @returns the block */
async function put(collection: string, key: string, value: string): Promise<number> {
  const parts = { creator: vendor, args: ['private:put', collection, key, value] };
  const { code, block } = await network.place(parts, AUDITOR, VENDOR);
  expect(code).toBe(0);
  return block;
}

/** The response of the vendor's peer to its own client. */
async function run(...args: string[]): Promise<peer.ProposalResponse> {
  return network.clients.propose(VENDOR, newProposal({ creator: vendor, args }).signed);
}

describe('the read and write sets of private data', () => {
  test('52f: have hashes in place of keys and values', async () => {
    const name = `asset/${SHARED}`;
    const keyHash = Buffer.from(sha256('k'), 'hex').toString('base64');
    const valueHash = Buffer.from(sha256('v'), 'hex').toString('base64');
    const written = hashedSetsOf(await run('private:put', SHARED, 'k', 'v'))[name]!;
    expect(written).toMatchObject({
      hashedReadsList: [],
      hashedWritesList: [{ keyHash, valueHash, isDelete: false, isPurge: false }],
      // SHA-256 of KVRWSet{writes: [{key: 'k', value: 'v'}]}.
      privateHash: createHash('sha256')
        .update(Buffer.from('1a060a016b1a0176', 'hex'))
        .digest('hex'),
    });
    const deleted = { keyHash, valueHash: '', isDelete: true, isPurge: false };
    expect(hashedSetsOf(await run('private:del', SHARED, 'k'))[name]).toMatchObject({
      hashedWritesList: [deleted],
    });
    const purged = hashedSetsOf(await run('private:purge', SHARED, 'k'))[name]!;
    expect(purged).toMatchObject({ hashedWritesList: [{ ...deleted, isPurge: true }] });
    expect(hashedSetsOf(await run('private:get', SHARED, 'k'))[name]).toMatchObject({
      hashedReadsList: [{ keyHash, version: undefined }],
      privateHash: '',
    });
  });

  test('52g: have every part of the definition, those of public data only its sequence', async () => {
    const keys = async (...args: string[]): Promise<string[]> =>
      rwsetOf(await run(...args))['_lifecycle']!.readsList.map(({ key }) => key);
    expect(await keys('private:put', SHARED, 'k', 'v')).toEqual([
      'namespaces/fields/asset/Collections',
      'namespaces/fields/asset/EndorsementInfo',
      'namespaces/fields/asset/Sequence',
      'namespaces/fields/asset/ValidationInfo',
      'namespaces/metadata/asset',
    ]);
    expect(await keys('put', 'k', 'v')).toEqual(['namespaces/fields/asset/Sequence']);
  });
});

describe('private data', () => {
  test('52b, 52c, 56: are read on the peers of members and are not in the block', async () => {
    const transient = { value: 'secret-of-56' };
    const parts = { creator: vendor, args: ['private:put', SHARED, 'p1', ''], transient };
    const { code, block } = await network.place(parts, VENDOR, AUDITOR);
    expect(code).toBe(0);
    expect(await network.ask(VENDOR, vendor, 'private:get', SHARED, 'p1')).toEqual({
      ok: 'secret-of-56',
    });
    expect(await network.ask(MINISTRY, tashi, 'private:get', SHARED, 'p1')).toEqual({
      ok: 'secret-of-56',
    });
    const seek = { signer: tashi, start: block, stop: block };
    for await (const answer of network.clients.deliver(seek)) {
      const bytes = Buffer.from(answer.getBlock()?.serializeBinary() ?? Buffer.of());
      expect(bytes.includes('secret-of-56')).toBe(false);
      if (answer.hasBlock()) expect(bytes.includes('p1')).toBe(true);
    }
  });

  test('52d: are not on the peers of others', async () => {
    await put(SHARED, 'p2', 'secret');
    const answer = await network.ask(AUDITOR, vendor, 'private:get', SHARED, 'p2');
    expect('error' in answer && answer.error).toMatch(NOT_HERE);
  });

  test('52e: are empty where there is no such key, on any peer', async () => {
    expect(await network.ask(VENDOR, vendor, 'private:get', SHARED, 'none')).toEqual({ ok: '' });
    expect(await network.ask(AUDITOR, vendor, 'private:get', SHARED, 'none')).toEqual({ ok: '' });
  });

  test('53: are read and written by members where the collection says so', async () => {
    expect(await network.ask(AUDITOR, auditor, 'private:get', SHARED, 'p1')).toEqual({
      error:
        'GET_STATE failed: transaction ID: <TXID>: tx creator does not have read access ' +
        `permission on privatedata in chaincodeName:asset collectionName: ${SHARED}`,
    });
    expect(await network.ask(VENDOR, auditor, 'private:put', SHARED, 'p1', 'x')).toEqual({
      error:
        'PUT_STATE failed: transaction ID: <TXID>: tx creator does not have write access ' +
        `permission on privatedata in chaincodeName:asset collectionName: ${SHARED}`,
    });
    expect(await network.ask(VENDOR, auditor, 'private:put', AUDITED, 'p1', 'x')).toEqual({
      ok: '',
    });
  });

  test('55, 55b: have their hash on every peer', async () => {
    await put(SHARED, 'p3', 'hashed');
    expect(await network.ask(AUDITOR, auditor, 'private:hash', SHARED, 'p3')).toEqual({
      ok: sha256('hashed'),
    });
    expect(await network.ask(AUDITOR, auditor, 'private:hash', SHARED, 'none')).toEqual({ ok: '' });
  });

  test('59: have ranges in transactions that only read', async () => {
    await put(SHARED, 'r1', 'one');
    await put(SHARED, 'r2', 'two');
    expect(await network.ask(VENDOR, vendor, 'private:range', SHARED, 'r', 's')).toEqual({
      ok: '[["r1","one"],["r2","two"]]',
    });
    expect(await network.ask(VENDOR, vendor, 'private:rangePut', SHARED, 'r', 's', 'k')).toEqual({
      error:
        'PUT_STATE failed: transaction ID: <TXID>: txid [<TXID>]: unsuppored transaction. ' +
        'Transaction has already performed queries on pvt data. Writes are not allowed',
    });
    expect(await network.ask(VENDOR, vendor, 'private:putRange', SHARED, 'r', 's', 'k')).toEqual({
      error:
        'GET_STATE_BY_RANGE failed: transaction ID: <TXID>: txid [<TXID>]: unsuppored ' +
        'transaction. Queries on pvt data is supported only in a read-only transaction',
    });
    expect(await network.ask(VENDOR, vendor, 'private:rich', SHARED)).toEqual({
      error:
        'GET_QUERY_RESULT failed: transaction ID: <TXID>: ExecuteQuery not supported for leveldb',
    });
  });

  test('60: need a collection that is defined', async () => {
    const missing = 'collection procurement/asset/nocoll could not be found';
    expect(await network.ask(VENDOR, vendor, 'private:put', 'nocoll', 'k', 'v')).toEqual({
      error: `PUT_STATE failed: transaction ID: <TXID>: ${missing}`,
    });
    expect(await network.ask(VENDOR, vendor, 'private:get', 'nocoll', 'k')).toEqual({
      error: `GET_STATE failed: transaction ID: <TXID>: ${missing}`,
    });
  });

  test('61: need as many other members as the collection requires', async () => {
    const args = ['private:put', 'collNeedsThree', 'k', 'v'];
    expect(await network.ask(VENDOR, vendor, ...args)).toEqual({
      error:
        'error in simulation: failed to distribute private collection, txID <TXID>, channel ' +
        'procurement: could not build private data dissemination plan for chaincode asset and ' +
        'collection collNeedsThree: required to disseminate to at least 3 peers, but know of ' +
        'only 2 eligible peers',
    });
  });
});

describe('endorsements of private data', () => {
  const IMPLICIT = '_implicit_org_VendorMSP';

  test('54, 54c: of an implicit collection are those of its organization', async () => {
    const parts = { creator: tashi, args: ['private:put', IMPLICIT, 'i', 'z'] };
    expect(await network.commit(parts, MINISTRY, AUDITOR)).toBe(POLICY_FAILURE);
    expect(await network.commit(parts, VENDOR)).toBe(0);
    expect(await network.commit(parts, AUDITOR, VENDOR)).toBe(0);
    const both = { creator: tashi, args: ['private:putBoth', 'pk', IMPLICIT, 'i', 'z'] };
    expect(await network.commit(both, VENDOR)).toBe(POLICY_FAILURE);
    expect(await network.ask(VENDOR, tashi, 'private:get', IMPLICIT, 'i')).toEqual({ ok: 'z' });
    const answer = await network.ask(MINISTRY, tashi, 'private:get', IMPLICIT, 'i');
    expect('error' in answer && answer.error).toMatch(NOT_HERE);
  });

  test('54d: are refused for an implicit collection of an unknown organization', async () => {
    const args = ['private:put', '_implicit_org_NoMSP', 'k', 'v'];
    expect(await network.ask(VENDOR, vendor, ...args)).toEqual({
      error:
        'PUT_STATE failed: transaction ID: <TXID>: collection [_implicit_org_NoMSP] not defined ' +
        'in the collection config for chaincode [asset]',
    });
  });

  test('61b: follow the policy of the collection, where it has one', async () => {
    const parts = { creator: tashi, args: ['private:put', AUDITED, 'k', 'v'] };
    expect(await network.commit(parts, AUDITOR)).toBe(0);
    expect(await network.commit(parts, MINISTRY, VENDOR)).toBe(POLICY_FAILURE);
    expect(await network.commit(parts, AUDITOR, MINISTRY)).toBe(0);
    const both = { creator: tashi, args: ['private:putBoth', 'pk', AUDITED, 'k', 'v'] };
    expect(await network.commit(both, AUDITOR)).toBe(POLICY_FAILURE);
    const read = { creator: tashi, args: ['private:hash', AUDITED, 'k'] };
    expect(await network.commit(read, AUDITOR)).toBe(POLICY_FAILURE);
  });

  test('61c: follow the policy of the key, where it has one', async () => {
    await put(SHARED, 'kp', 'v');
    const policy = parsePolicy("OR('VendorMSP.peer')").serializeBinary();
    const text = Buffer.from(policy).toString('base64');
    const change = { creator: vendor, args: ['private:setPolicy', SHARED, 'kp', text] };
    expect(await network.commit(change, AUDITOR, MINISTRY)).toBe(0);
    expect(await network.ask(VENDOR, vendor, 'private:getPolicy', SHARED, 'kp')).toEqual({
      ok: text,
    });
    // The value keeps up with the version of its hash.
    expect(await network.ask(VENDOR, vendor, 'private:get', SHARED, 'kp')).toEqual({ ok: 'v' });
    const parts = { creator: vendor, args: ['private:put', SHARED, 'kp', 'w'] };
    expect(await network.commit(parts, AUDITOR, MINISTRY)).toBe(POLICY_FAILURE);
    expect(await network.commit(parts, VENDOR)).toBe(0);
  });
});

describe('the end of private data', () => {
  /** Commits a block that changes nothing else. */
  async function anotherBlock(): Promise<number> {
    const parts = { creator: tashi, args: ['put', 'filler', 'x'] };
    const { code, block } = await network.place(parts, AUDITOR, MINISTRY);
    expect(code).toBe(0);
    return block;
  }

  test('57: is the block after the last of their life', async () => {
    const written = await put('collShort', 'short', 'lived');
    const seen = async (): Promise<unknown> => [
      await network.ask(AUDITOR, auditor, 'private:get', 'collShort', 'short'),
      await network.ask(AUDITOR, auditor, 'private:hash', 'collShort', 'short'),
      await network.delivered(AUDITOR, auditor, written),
    ];
    for (let block = written + 1; block <= written + 3; block++) {
      expect(await anotherBlock()).toBe(block);
      expect(await seen()).toEqual([
        { ok: 'lived' },
        { ok: sha256('lived') },
        { 0: { 'asset/collShort': { short: 'lived' } } },
      ]);
    }
    expect(await anotherBlock()).toBe(written + 4);
    expect(await seen()).toEqual([{ ok: '' }, { ok: '' }, {}]);
  });

  test('57: is put off by a new value', async () => {
    const written = await put('collShort', 'renewed', 'one');
    await put('collShort', 'renewed', 'two');
    while ((await anotherBlock()) < written + 4);
    expect(await network.ask(VENDOR, vendor, 'private:get', 'collShort', 'renewed')).toEqual({
      ok: 'two',
    });
    await anotherBlock();
    expect(await network.ask(VENDOR, vendor, 'private:get', 'collShort', 'renewed')).toEqual({
      ok: '',
    });
  });

  test('58: is a purge, which takes value, hash and history', async () => {
    const name = `asset/${SHARED}`;
    const first = await put(SHARED, 'pu1', 'old');
    const second = await put(SHARED, 'pu1', 'newer');
    const other = await put(SHARED, 'pu2', 'keep');
    expect(await network.delivered(VENDOR, vendor, first)).toEqual({
      0: { [name]: { pu1: 'old' } },
    });
    const purge = { creator: vendor, args: ['private:purge', SHARED, 'pu1'] };
    const { code, block } = await network.place(purge, VENDOR, AUDITOR);
    expect(code).toBe(0);
    expect(await network.ask(VENDOR, vendor, 'private:get', SHARED, 'pu1')).toEqual({ ok: '' });
    expect(await network.ask(AUDITOR, auditor, 'private:hash', SHARED, 'pu1')).toEqual({ ok: '' });
    for (const number of [first, second, block]) {
      expect(await network.delivered(VENDOR, vendor, number)).toEqual({ 0: { [name]: {} } });
      expect(await network.delivered(MINISTRY, tashi, number)).toEqual({ 0: { [name]: {} } });
    }
    expect(await network.delivered(VENDOR, vendor, other)).toEqual({
      0: { [name]: { pu2: 'keep' } },
    });
    expect(await network.ask(VENDOR, vendor, 'private:get', SHARED, 'pu2')).toEqual({ ok: 'keep' });
  });

  test('58: a value written after a purge stays', async () => {
    await put(SHARED, 'pu3', 'old');
    const purge = { creator: vendor, args: ['private:purge', SHARED, 'pu3'] };
    const renew = { creator: vendor, args: ['private:put', SHARED, 'pu3', 'new'] };
    const { clients } = network;
    const codes = await clients.codesOf(
      await clients.endorsed(purge, [VENDOR, AUDITOR]),
      await clients.endorsed(renew, [VENDOR, AUDITOR]),
    );
    expect(codes).toEqual([0, 0]);
    expect(await network.ask(VENDOR, vendor, 'private:get', SHARED, 'pu3')).toEqual({ ok: 'new' });
    expect(await network.ask(MINISTRY, tashi, 'private:get', SHARED, 'pu3')).toEqual({ ok: 'new' });
  });

  test('58b: is a delete, which leaves the history', async () => {
    const block = await put(SHARED, 'pd1', 'old');
    const parts = { creator: vendor, args: ['private:del', SHARED, 'pd1'] };
    expect(await network.commit(parts, VENDOR, AUDITOR)).toBe(0);
    expect(await network.ask(VENDOR, vendor, 'private:get', SHARED, 'pd1')).toEqual({ ok: '' });
    expect(await network.ask(VENDOR, vendor, 'private:hash', SHARED, 'pd1')).toEqual({ ok: '' });
    expect(await network.delivered(VENDOR, vendor, block)).toEqual({
      0: { [`asset/${SHARED}`]: { pd1: 'old' } },
    });
  });
});

describe('DeliverWithPrivateData', () => {
  test('68: sends what only members may read to members, the rest to everybody', async () => {
    const shared = await put(SHARED, 'd1', 'members');
    const sent = { 0: { [`asset/${SHARED}`]: { d1: 'members' } } };
    expect(await network.delivered(VENDOR, vendor, shared)).toEqual(sent);
    expect(await network.delivered(VENDOR, auditor, shared)).toEqual({});
    expect(await network.delivered(AUDITOR, auditor, shared)).toEqual({});
    const parts = { creator: tashi, args: ['private:put', AUDITED, 'd2', 'open'] };
    const { block } = await network.place(parts, AUDITOR);
    const open = { 0: { [`asset/${AUDITED}`]: { d2: 'open' } } };
    expect(await network.delivered(AUDITOR, vendor, block)).toEqual(open);
    expect(await network.delivered(VENDOR, vendor, block)).toEqual({});
  });

  test('68: sends private data of invalid transactions too, by their position', async () => {
    const good = { creator: vendor, args: ['private:put', SHARED, 'd3', 'good'] };
    const { clients } = network;
    const [envelope, forged] = [
      await clients.endorsed(good, [VENDOR, AUDITOR]),
      await clients.endorsed({ ...good, args: ['private:put', SHARED, 'd4', 'bad'] }, [VENDOR]),
    ];
    const [first, second] = await clients.commit(envelope, forged);
    expect([first?.code, second?.code]).toEqual([0, POLICY_FAILURE]);
    expect(second?.block).toBe(first?.block);
    expect(await network.delivered(MINISTRY, tashi, first!.block)).toEqual({
      0: { [`asset/${SHARED}`]: { d3: 'good' } },
      1: { [`asset/${SHARED}`]: { d4: 'bad' } },
    });
    expect(await network.ask(VENDOR, vendor, 'private:get', SHARED, 'd4')).toEqual({ ok: '' });
  });
});
