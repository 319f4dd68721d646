import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';
import { privateTopology } from '../behaviours/behaviours.test-support';
import { PrivateClients } from '../behaviours/private-data.test-support';
import { RawClients } from '../behaviours/raw-clients.test-support';
import type { SigningIdentity } from '../identity/signing-identity';
import { startAssetNetwork } from '../test-support/asset-network';
import type { TestNetwork } from '../test-network';

const SHARED = 'collVendorMinistry';
const [MINISTRY, VENDOR, AUDITOR] = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;

/** One chaincode is enough, and starts fast. */
const topology = {
  ...privateTopology,
  chaincodes: privateTopology.chaincodes.filter(({ name }) => name === 'asset'),
};

let started: TestNetwork;
let network: PrivateClients;
let vendor: SigningIdentity;

beforeAll(async () => {
  started = await startAssetNetwork({ topology });
  network = new PrivateClients(await RawClients.of(started));
  vendor = await network.clients.user('vendor-1');
});

afterAll(async () => {
  await network.close();
});

function put(key: string, value: string): Promise<common.Envelope> {
  const args = ['private:put', SHARED, key, value];
  return network.clients.endorsed({ creator: vendor, args }, [VENDOR, AUDITOR]);
}

/** Starts the network again, after something was done to its folder. */
async function restart(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  network.clients.close();
  await started.network.close();
  await meanwhile();
  await started.restart();
  network = new PrivateClients(await RawClients.of(started));
}

async function valueAt(mspId: string, key: string): Promise<unknown> {
  return network.ask(mspId, vendor, 'private:get', SHARED, key);
}

describe('private data', () => {
  test('are there after a restart, with their history', async () => {
    const [committed] = await network.clients.commit(await put('k', 'kept'));
    await restart();
    expect(await valueAt(VENDOR, 'k')).toEqual({ ok: 'kept' });
    expect(await valueAt(MINISTRY, 'k')).toEqual({ ok: 'kept' });
    expect(await network.delivered(VENDOR, vendor, committed!.block)).toEqual({
      0: { [`asset/${SHARED}`]: { k: 'kept' } },
    });
  });

  test('endorsed before a restart are committed after it', async () => {
    const envelope = await put('k', 'waited');
    await restart();
    expect(await network.clients.codesOf(envelope)).toEqual([0]);
    expect(await valueAt(VENDOR, 'k')).toEqual({ ok: 'waited' });
    expect(await valueAt(MINISTRY, 'k')).toEqual({ ok: 'waited' });
  });

  test('of a peer whose folder was removed come from the other members', async () => {
    const [first] = await network.clients.commit(await put('k', 'one'));
    await network.clients.codesOf(await put('purged', 'never again'), await put('k', 'two'));
    const purge = { creator: vendor, args: ['private:purge', SHARED, 'purged'] };
    expect(await network.commit(purge, VENDOR, AUDITOR)).toBe(0);
    await restart(() =>
      rm(join(started.folder, 'peers', 'vendors.example'), { recursive: true, force: true }),
    );
    expect(await valueAt(VENDOR, 'k')).toEqual({ ok: 'two' });
    expect(await valueAt(VENDOR, 'purged')).toEqual({ ok: '' });
    expect(await network.delivered(VENDOR, vendor, first!.block)).toEqual({
      0: { [`asset/${SHARED}`]: { k: 'one' } },
    });
  });

  test('are missing, and said to be, when every peer lost its folder', async () => {
    await network.clients.codesOf(await put('k', 'lost'));
    await restart(() => rm(join(started.folder, 'peers'), { recursive: true, force: true }));
    expect(await valueAt(VENDOR, 'k')).toEqual({
      error: expect.stringMatching(/private data matching public hash version is not available/),
    });
    // A new value heals the key.
    await network.clients.codesOf(await put('k', 'again'));
    expect(await valueAt(VENDOR, 'k')).toEqual({ ok: 'again' });
  });
});
