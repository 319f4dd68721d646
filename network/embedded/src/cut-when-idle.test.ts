import { expect, test } from '@jest/globals';
import { assetTopology, startAssetNetwork } from './test-support/asset-network';
import { connectGateway } from './test-support/gateway-client';

/** Longer than this test may take: no block here comes of the timer. */
const batchTimeoutMs = 600_000;

test('a block is closed at once while nothing else is under way', async () => {
  const batch = { ...assetTopology.batch, timeoutMs: batchTimeoutMs, cutWhenIdle: true };
  const running = await startAssetNetwork({ topology: { ...assetTopology, batch } });
  const client = await connectGateway(running.network, { user: 'tashi' });
  try {
    const before = running.network.heightOf('MinistryMSP');
    await client.contract.submitTransaction('put', 'alone', '1');
    await client.contract.submitTransaction('put', 'alone', '2');
    expect(running.network.heightOf('MinistryMSP')).toBe(before + 2);
    const read = await client.contract.evaluateTransaction('get', 'alone');
    expect(Buffer.from(read).toString()).toBe('2');
  } finally {
    client.close();
    await running.close();
  }
});
