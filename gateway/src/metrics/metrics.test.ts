import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Reject } from '@procurement/protocol';
import { endorsedPayload } from '../test-support/endorsed';
import { GatewayUnderTest, METRICS_TOKEN } from '../test-support/gateway-under-test';
import { newTestPerson } from '../test-support/test-person';

const gateway = new GatewayUnderTest();
const vendor = newTestPerson({ name: 'dorji', mspId: 'VendorMSP', role: 'vendor' });

let token: string;

beforeAll(async () => {
  await gateway.start();
  token = (await gateway.signIn(vendor)).token;
});
afterAll(() => gateway.stop());

async function metrics(): Promise<string> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const { status, body, headers: answered } = await gateway.send({ path: '/metrics', headers });
  expect(status).toBe(200);
  expect(answered['content-type']).toContain('text/plain; version=0.0.4');
  return String(body['text']);
}

async function relay(route: string, body: unknown): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  await gateway.send({ path: `/api/v1/relay/${route}`, headers, body });
}

describe('the metrics', () => {
  test('are for the token of monitoring and no other, since they tell how much is written', async () => {
    for (const presented of [undefined, 'token-of-officer', token, `${METRICS_TOKEN}x`]) {
      const headers = presented === undefined ? {} : { authorization: `Bearer ${presented}` };
      const { status, body } = await gateway.send({ path: '/metrics', headers });
      expect({ presented, status, code: body['code'] }).toEqual({
        ...{ presented, status: 401, code: 'UNAUTHENTICATED' },
      });
    }
  });

  test('count what was relayed and what was refused, by kind and code', async () => {
    gateway.ledger.chaincode = ({ transactionId }) => ({ transactionId, result: {} });
    const { body, bytes } = await vendor.propose({});
    await relay('proposals', body);
    await relay('transactions', await vendor.signTransaction(await endorsedPayload(bytes)));
    await relay('proposals', (await vendor.propose({ channel: 'other' })).body);
    await relay('transactions', { payload: 'AAAA', signature: 'AAAA' });
    gateway.ledger.chaincode = () => {
      throw new Reject('KEY', { spki: vendor.spki, state: 'revoked' });
    };
    await relay('proposals', body);

    const text = await metrics();
    for (const [kind, code] of [
      ['query', 'OK'],
      ['proposal', 'OK'],
      ['proposal', 'RELAY_TARGET'],
      ['proposal', 'KEY'],
      ['transaction', 'OK'],
      ['transaction', 'RELAY_STRUCTURE'],
    ]) {
      expect(text).toContain(`procurement_relayed_total{kind="${kind}",code="${code}"} 1\n`);
    }
  });

  test('name no tender, no bidder and no key', async () => {
    const text = await metrics();
    expect(text).not.toContain(vendor.spki);
    expect(text).not.toMatch(/T-1|dorji/);
  });
});
