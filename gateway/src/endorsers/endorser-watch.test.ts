import { common } from '@hyperledger/fabric-protos';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instantFromMs, ORGANIZATIONS } from '@procurement/protocol';
import { EvaluateRefused } from '../ledger/stage-errors';
import type { FakeQuestion } from '../test-support/fake-ledger';
import { testBlock } from '../test-support/blocks';
import { GatewayUnderTest, METRICS_TOKEN } from '../test-support/gateway-under-test';

const HEIGHT = 7;

let gateway: GatewayUnderTest;
/** How far each endorser's clock is ahead, in milliseconds; none for one that does not answer. */
let clocks: Record<string, number | Error | undefined>;

beforeEach(() => {
  gateway = new GatewayUnderTest();
  gateway.ledger.addBlock(testBlock(0, []));
  gateway.ledger.chaincode = () => chainInfo(1);
  gateway.ledger.attesting = answer;
  clocks = { AuditorMSP: 0, MinistryMSP: 0, VendorMSP: 0 };
});

afterEach(() => gateway.stop());

function chainInfo(height: number): Uint8Array {
  const info = new common.BlockchainInfo();
  info.setHeight(height);
  return info.serializeBinary();
}

function answer({ peerOf, transaction, atMs }: FakeQuestion): Uint8Array {
  const clock = clocks[peerOf];
  if (clock instanceof Error) throw clock;
  if (clock === undefined) throw new EvaluateRefused({ message: 'no chaincode answers' });
  if (transaction === 'GetChainInfo') return chainInfo(HEIGHT);
  expect(transaction).toBe('audit:clock');
  const said = { at: instantFromMs(atMs), clock: instantFromMs(atMs + clock) };
  return Buffer.from(JSON.stringify(said));
}

async function metrics(): Promise<string> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  return String((await gateway.send({ path: '/metrics', headers })).body['text']);
}

/** The figures once every endorser was asked. */
async function firstRound(): Promise<string> {
  await gateway.start();
  for (;;) {
    const text = await metrics();
    if (text.split('procurement_endorser_answers{').length > ORGANIZATIONS.length) return text;
    await new Promise(setImmediate);
  }
}

describe('a gateway asks the endorser of every organisation', () => {
  test('for its clock and its height, which /metrics shows', async () => {
    const text = await firstRound();
    for (const organization of ORGANIZATIONS) {
      const label = `{organization="${organization}"}`;
      expect(text).toContain(`procurement_endorser_answers${label} 1\n`);
      expect(text).toContain(`procurement_endorser_clock_skew_seconds${label} 0\n`);
      expect(text).toContain(`procurement_ledger_height${label} ${HEIGHT}\n`);
    }
    const { status, body } = await gateway.send({ path: '/health' });
    expect(status).toBe(200);
    expect(body['info']).toMatchObject({ 'clock of MinistryMSP': { status: 'up' } });
  });

  test.each([
    ['ahead', 7_500],
    ['behind', -7_500],
  ])('and alarms where one clock is %s by 5 s or more, but stays ready', async (_, skewMs) => {
    clocks['MinistryMSP'] = skewMs;
    const text = await firstRound();
    const [, shown] = /clock_skew_seconds\{organization="MinistryMSP"\} (\S+)/.exec(text) ?? [];
    expect(Math.abs(Number(shown))).toBeGreaterThan(5);
    expect(Math.sign(Number(shown))).toBe(Math.sign(skewMs));

    const health = await gateway.send({ path: '/health' });
    expect(health.status).toBe(503);
    expect(health.body).toMatchObject({
      ...{ code: 'NOT_READY', args: { down: ['clock of MinistryMSP'] } },
    });
    expect((await gateway.send({ path: '/health/ready' })).status).toBe(200);
  });

  test('and alarms where a peer of 3.x does not take the time', async () => {
    const message = 'request unauthorized due to incorrect timestamp 2026-01-01T00:00:00Z';
    clocks['VendorMSP'] = new EvaluateRefused({ message });
    const text = await firstRound();
    expect(text).toContain('procurement_endorser_answers{organization="VendorMSP"} 0\n');
    const { body } = await gateway.send({ path: '/health' });
    expect(body).toMatchObject({ args: { down: ['clock of VendorMSP'] } });
  });

  test('and shows that one does not answer, which is no alarm of its clock', async () => {
    clocks['VendorMSP'] = undefined;
    const text = await firstRound();
    expect(text).toContain('procurement_endorser_answers{organization="VendorMSP"} 0\n');
    expect(text).not.toContain('procurement_endorser_clock_skew_seconds{organization="VendorMSP"}');
    expect((await gateway.send({ path: '/health' })).status).toBe(200);
  });
});
