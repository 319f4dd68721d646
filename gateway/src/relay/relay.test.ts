import { ledger as messages } from '@hyperledger/fabric-protos';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Reject } from '@procurement/protocol';
import { FabricNetworkLedger } from '../ledger/adapters/fabric-network/fabric-network';
import { EvaluateRefused } from '../ledger/stage-errors';
import { addNamespace, addWrite, endorsedPayload } from '../test-support/endorsed';
import type { EndorsedChanges } from '../test-support/endorsed';
import { GatewayUnderTest } from '../test-support/gateway-under-test';
import type { TestAnswer } from '../test-support/gateway-under-test';
import { newTestPerson } from '../test-support/test-person';
import type { PersonCall, TestPerson } from '../test-support/test-person';

const gateway = new GatewayUnderTest();
const vendor = newTestPerson({ name: 'dorji', mspId: 'VendorMSP', role: 'vendor' });
const other = newTestPerson({ name: 'pema', mspId: 'VendorMSP', role: 'vendor' });
const REFUSED_BEFORE_THE_LEDGER = 'a request that reached the ledger';

let token: string;

beforeAll(async () => {
  await gateway.start();
  token = (await gateway.signIn(vendor)).token;
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.ledger.calls.length = 0;
  gateway.ledger.submitted.length = 0;
  gateway.ledger.relays = true;
  gateway.ledger.chaincode = ({ transactionId }) => ({
    repeated: false,
    result: {},
    transactionId,
  });
});

function send(route: string, body: unknown): Promise<TestAnswer> {
  const headers = { authorization: `Bearer ${token}` };
  return gateway.send({ path: `/api/v1/relay/${route}`, headers, body });
}

async function propose(
  route: string,
  call: PersonCall = {},
  person: TestPerson = vendor,
): Promise<TestAnswer> {
  return send(route, (await person.propose(call)).body);
}

async function submit(changes: EndorsedChanges = {}, call: PersonCall = {}): Promise<TestAnswer> {
  const { bytes } = await vendor.propose(call);
  return send('transactions', await vendor.signTransaction(await endorsedPayload(bytes, changes)));
}

function expectNothingSent(): void {
  const { calls, submitted } = gateway.ledger;
  expect({ [REFUSED_BEFORE_THE_LEDGER]: [...calls, ...submitted] }).toEqual({
    [REFUSED_BEFORE_THE_LEDGER]: [],
  });
}

describe('the relay passes on', () => {
  test("a query, and answers the chaincode's own words", async () => {
    gateway.ledger.chaincode = () => ({ tenders: [] });
    const answer = await propose('queries', { transaction: 'tender:list' });
    expect(answer).toMatchObject({ status: 200, body: { result: '{"tenders":[]}' } });
    expect(gateway.ledger.calls[0]?.creator.certificate).toBe(vendor.certificate);
  });

  test('a proposal, and answers the bytes to sign next', async () => {
    const { body, transactionId } = await vendor.propose({});
    const answer = await send('proposals', body);
    expect(answer).toMatchObject({ status: 200, body: { transactionId } });
    expect(gateway.ledger.submitted).toEqual([]);
  });

  test('a transaction whose bytes it does not change', async () => {
    const { bytes, transactionId } = await vendor.propose({});
    const payload = await endorsedPayload(bytes);
    const body = await vendor.signTransaction(payload);
    expect(await send('transactions', body)).toMatchObject({
      status: 200,
      body: { transactionId },
    });
    expect(gateway.ledger.submitted).toEqual([transactionId]);
    expect(gateway.ledger.envelopes).toEqual([
      { payload, signature: Buffer.from(body.signature, 'base64url') },
    ]);
  });

  test('what peers of two organisations say of a transaction', async () => {
    const path = `/api/v1/relay/transactions/${'a'.repeat(64)}`;
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await gateway.send({ path, headers });
    expect(body['statuses']).toEqual([
      { mspId: 'AuditorMSP', blockNumber: '0', validationCode: 'VALID' },
      { mspId: 'MinistryMSP', blockNumber: '0', validationCode: 'VALID' },
    ]);
  });

  test('a refusal of the chaincode with its code', async () => {
    gateway.ledger.chaincode = () => {
      throw new Reject('KEY', { spki: vendor.spki, state: 'revoked' });
    };
    expect(await propose('proposals')).toMatchObject({ status: 403, body: { code: 'KEY' } });
  });

  test('a refusal of the peer, without its words', async () => {
    gateway.ledger.chaincode = ({ transactionId }) => {
      throw new EvaluateRefused({ message: 'access denied: inner words', transactionId });
    };
    const answer = await propose('queries', { transaction: 'tender:list' });
    expect(answer).toMatchObject({ status: 502, body: { code: 'EVALUATE_REFUSED' } });
    expect(JSON.stringify(answer.body)).not.toContain('inner words');
  });
});

describe('the relay refuses a proposal', () => {
  test.each<[string, PersonCall, object]>([
    ['of another channel', { channel: 'other' }, { channel: 'other' }],
    ['of another chaincode', { chaincode: 'qscc' }, { chaincode: 'qscc' }],
    [
      'of a transaction that there is not',
      { transaction: 'bank:pay' },
      { transaction: 'bank:pay' },
    ],
  ])('%s', async (_, call, args) => {
    for (const route of ['queries', 'proposals', 'trails']) {
      const { status, body } = await propose(route, call);
      expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'RELAY_TARGET' });
      expect(body['args']).toMatchObject(args);
    }
    expectNothingSent();
  });

  test('signed by somebody else than the one who has signed in', async () => {
    const answer = await propose('proposals', {}, other);
    expect(answer).toMatchObject({ status: 403, body: { code: 'RELAY_CREATOR' } });
    expectNothingSent();
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['that is cut short', (bytes) => bytes.subarray(0, -1)],
    [
      'with a field that nobody knows',
      (bytes) => Buffer.concat([bytes, Buffer.from('fa0701ff', 'hex')]),
    ],
    ['that is no message', () => Buffer.from('no message')],
  ])('%s', async (_, change) => {
    const { bytes } = await vendor.propose({});
    const answer = await send('proposals', await vendor.signProposal(change(bytes)));
    expect(answer).toMatchObject({ status: 422, body: { code: 'RELAY_STRUCTURE' } });
    expectNothingSent();
  });

  test('with transient data', async () => {
    const { bytes } = await vendor.propose({ transient: { secret: 'x' } });
    const answer = await send('proposals', await vendor.signProposal(bytes));
    expect(answer).toMatchObject({ status: 422, body: { code: 'RELAY_STRUCTURE' } });
  });

  test('for a trail that does not name the tender', async () => {
    const answer = await propose('trails', { transaction: 'tender:list' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'RELAY_TARGET' } });
  });
});

describe('the relay refuses a transaction', () => {
  type Changes = messages.rwset.kvrwset.KVRWSet;
  const metadataWrite = (changes: Changes): void => {
    addWrite(changes);
    const metadata = new messages.rwset.kvrwset.KVMetadataWrite();
    metadata.setKey('key');
    changes.addMetadataWrites(metadata);
  };

  test.each<[string, EndorsedChanges, string]>([
    ['of two actions', { actions: 2 }, 'number of actions'],
    ['without an action', { actions: 0 }, 'number of actions'],
    ['of another chaincode', { chaincode: 'other' }, 'chaincode of the action'],
    ['that the chaincode refused', { status: 500 }, 'status of the response'],
    [
      'that writes in another namespace',
      { sets: (sets) => void addNamespace(sets, 'other', addWrite) },
      'namespace',
    ],
    [
      'that writes in the lifecycle',
      { sets: (sets) => void addNamespace(sets, '_lifecycle', addWrite) },
      'namespace',
    ],
    [
      'that changes who may endorse a key',
      { sets: (sets) => void addNamespace(sets, 'procurement', metadataWrite) },
      'metadata of a key',
    ],
    [
      'that touches a collection',
      {
        sets: (sets) => {
          const set = addNamespace(sets, 'procurement', addWrite);
          set.addCollectionHashedRwset(new messages.rwset.CollectionHashedReadWriteSet());
        },
      },
      'collection',
    ],
  ])('%s', async (_, changes, part) => {
    const { status, body } = await submit(changes);
    expect({ status, code: body['code'], args: body['args'] }).toEqual({
      ...{ status: 422, code: 'RELAY_STRUCTURE', args: { part } },
    });
    expectNothingSent();
  });

  test('of a query, which has nothing to order', async () => {
    const { status, body } = await submit({}, { transaction: 'tender:list' });
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'RELAY_TARGET' });
    expectNothingSent();
  });

  test('of somebody else', async () => {
    const { bytes } = await other.propose({});
    const body = await other.signTransaction(await endorsedPayload(bytes));
    expect(await send('transactions', body)).toMatchObject({
      ...{ status: 403, body: { code: 'RELAY_CREATOR', args: { mspId: 'VendorMSP' } } },
    });
    expectNothingSent();
  });

  test('with a field that nobody knows', async () => {
    const { bytes } = await vendor.propose({});
    const payload = Buffer.concat([await endorsedPayload(bytes), Buffer.from('fa0701ff', 'hex')]);
    const answer = await send('transactions', await vendor.signTransaction(payload));
    expect(answer).toMatchObject({ status: 422, body: { code: 'RELAY_STRUCTURE' } });
    expectNothingSent();
  });
});

describe('the size of a request', () => {
  const sized = (length: number): object => ({ payload: 'A'.repeat(length), signature: 'AAAA' });

  test('may be above 256 KiB on the routes of the relay, and on no other', async () => {
    const length = 512 * 1024;
    expect(await send('transactions', sized(length))).toMatchObject({
      ...{ status: 422, body: { code: 'RELAY_STRUCTURE' } },
    });
    for (const path of ['/api/v1/sessions', '/api/v1/tenders']) {
      const answer = await gateway.send({ path, body: sized(length), as: gateway.officer });
      expect(answer).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
    }
  });

  test('has an end on the routes of the relay too', async () => {
    expect(await send('transactions', sized(1_450_000))).toMatchObject({
      ...{ status: 400, body: { code: 'FORMAT', args: { path: 'payload' } } },
    });
    expect(await send('transactions', sized(2_000_000))).toMatchObject({
      ...{ status: 413, body: { code: 'TOO_LARGE' } },
    });
    expectNothingSent();
  });
});

describe('a gateway over an adapter that signs for service accounts only', () => {
  test('says so on every route of the relay', async () => {
    gateway.ledger.relays = false;
    const { bytes } = await vendor.propose({});
    const transaction = await vendor.signTransaction(await endorsedPayload(bytes));
    for (const answer of [
      await propose('queries', { transaction: 'tender:list' }),
      await propose('proposals'),
      await send('transactions', transaction),
    ]) {
      expect(answer).toMatchObject({ status: 501, body: { code: 'RELAY_UNSUPPORTED' } });
    }
    expectNothingSent();
  });

  test('is one over fabric-network', async () => {
    const adapter = new FabricNetworkLedger({
      ...{ profiles: new Map(), channel: 'procurement', chaincode: 'procurement' },
      ...{ endorseTimeoutMs: 1000, commitTimeoutMs: 1000 },
    });
    expect(adapter.relays).toBe(false);
    await adapter.close();
  });
});
