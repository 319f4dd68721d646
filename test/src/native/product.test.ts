import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { topology } from '@procurement/network/topologies/procurement';
import {
  nativeSetting,
  productPackage,
  startNativeNetwork,
  titleOf,
  type NativeTestNetwork,
} from '../support/native-network';
import { startSystem, type System } from '../support/procedure';
import { connectServiceAccounts, everyoneAsServiceAccount } from '../support/service-accounts';
import { shouldRunATender } from '../support/tender-behaviour';

const setting = nativeSetting();
const startLimitMs = 180_000;
const batch = {
  ...{ timeoutMs: 100, maxMessageCount: 200 },
  ...{ preferredMaxBytes: 512 * 1024, absoluteMaxBytes: 1024 * 1024 },
};

(setting ? describe : describe.skip)('the product on real Fabric', () => {
  let folder: string;
  let network: NativeTestNetwork | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'procurement-native-'));
    network = await startNativeNetwork(setting!, {
      ...{ path: join(folder, 'network'), topology, batch },
    });
    for (const chaincode of topologyOf(network).chaincodes) {
      await network.deploy({
        ...{ channel: topology.channel, chaincode, folder: productPackage },
        environment: { PROCUREMENT_MIN_BIDDING_MS: '1000', PROCUREMENT_MIN_GRACE_MS: '500' },
      });
    }
  }, startLimitMs);

  afterAll(async () => {
    await network?.stop();
    await rm(folder, { recursive: true, force: true });
  }, startLimitMs);

  describe(`${setting ? titleOf(setting) : ''}, everyone signing on their own`, () => {
    shouldRunATender({ start: () => onNetwork('fabric-gateway'), tenderId: 'signed-by-people' });
  });

  // This adapter relays nothing that others sign.
  describe(`${setting ? titleOf(setting) : ''}, service accounts through fabric-network`, () => {
    shouldRunATender({
      start: async () => {
        const system = await onNetwork('fabric-network');
        const { stack, wallet } = system;
        return { ...system, people: await connectServiceAccounts({ wallet, baseUrl: stack.url }) };
      },
      tenderId: 'signed-for-accounts',
    });
  });

  function onNetwork(adapter: string): Promise<System> {
    return startSystem({
      ...{ folder, keepFolder: true, profile: join(folder, 'network', 'profiles') },
      environment: { ...everyoneAsServiceAccount, PROCUREMENT_LEDGER_ADAPTER: adapter },
    });
  }
});

function topologyOf({ folder }: NativeTestNetwork): typeof topology {
  return folder.plan.topology;
}
