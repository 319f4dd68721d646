import { existsSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { startTestNetwork } from './test-network';
import type { TestNetwork } from './test-network';
import { assetFolder } from './test-support/asset-network';
import { connectGateway } from './test-support/gateway-client';

let running: TestNetwork | undefined;

afterEach(async () => {
  await running?.close();
});

test('one call gives a network of two organizations, and closing leaves nothing', async () => {
  running = await startTestNetwork({ chaincodeFolder: assetFolder });
  const user = { user: 'ann', chaincode: 'generic' };
  const first = await connectGateway(running.network, user);
  await first.contract.submitTransaction('put', 'key', 'value');
  first.close();
  await running.restart();
  const second = await connectGateway(running.network, user);
  const value = await second.contract.evaluateTransaction('get', 'key');
  second.close();
  expect(Buffer.from(value).toString()).toBe('value');
  expect(await running.identity('bo')).toMatchObject({ mspId: 'BetaMSP' });
  const { address, hostName } = await running.connection('AlphaMSP');
  expect(address).toBe(
    `127.0.0.1:${String(running.network.endpoints.peers.get('AlphaMSP')?.port)}`,
  );
  expect(hostName).toBe('peer0.alpha.example');
  await running.close();
  expect(existsSync(running.folder)).toBe(false);
});

test('a chaincode without a folder is named, and nothing is left running', async () => {
  await expect(startTestNetwork({ chaincodeFolder: {} })).rejects.toThrow(
    'no folder was given for the chaincode generic',
  );
});
