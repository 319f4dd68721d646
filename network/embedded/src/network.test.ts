import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAssetNetwork } from './test-support/asset-network';
import type { RunningNetwork } from './test-support/asset-network';
import { connectGateway } from './test-support/gateway-client';
import type { GatewayClient } from './test-support/gateway-client';

describe('an embedded network, seen through fabric-gateway', () => {
  let running: RunningNetwork;
  let tashi: GatewayClient;

  beforeAll(async () => {
    running = await startAssetNetwork();
    tashi = await connectGateway(running.network, { user: 'tashi' });
  });

  afterAll(async () => {
    tashi.close();
    await running.stop();
  });

  test('a submitted value is read back', async () => {
    await tashi.contract.submitTransaction('put', 'greeting', 'hello');
    const value = await tashi.contract.evaluateTransaction('get', 'greeting');
    expect(Buffer.from(value).toString()).toBe('hello');
  });
});
