import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { common } from '@hyperledger/fabric-protos';
import { ledger } from '@hyperledger/fabric-protos';
import type { Topology } from '../../../topology';
import { RawClients } from '../behaviours/raw-clients.test-support';
import { newAssetProposal } from '../behaviours/asset-proposal.test-support';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { assetTopology, startAssetNetwork } from '../test-support/asset-network';
import type { TestNetwork } from '../test-network';

const SHARED = 'collVendorMinistry';
const [MINISTRY, VENDOR, AUDITOR] = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;

const topology: Topology = {
  ...assetTopology,
  // Long enough that what is sent together is in one block.
  batch: { ...assetTopology.batch, timeoutMs: 40 },
  chaincodes: assetTopology.chaincodes.map((one) => ({
    ...one,
    collections: [
      {
        name: SHARED,
        policy: "OR('VendorMSP.member', 'MinistryMSP.member')",
        requiredPeerCount: 0,
        maxPeerCount: 2,
        blockToLive: 0,
        memberOnlyRead: true,
        memberOnlyWrite: true,
      },
    ],
  })),
};

let started: TestNetwork;
let clients: RawClients;
let vendor: SigningIdentity;

beforeAll(async () => {
  started = await startAssetNetwork({ topology });
  clients = await RawClients.of(started);
  vendor = await clients.user('vendor-1');
});

afterAll(async () => {
  clients.close();
  await started.close();
});

function endorsed(...args: string[]): Promise<common.Envelope> {
  return clients.endorsed({ creator: vendor, args }, [VENDOR, AUDITOR]);
}

function put(key: string, value: string): Promise<common.Envelope> {
  return endorsed('private:put', SHARED, key, value);
}

/** Starts the network again, after something was done to its folder. */
async function restart(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  clients.close();
  await started.network.close();
  await meanwhile();
  await started.restart();
  clients = await RawClients.of(started);
}

/** What a peer answers: a value, or an error. */
async function valueAt(mspId: string, key: string): Promise<object> {
  const { signed } = newAssetProposal({ creator: vendor, args: ['private:get', SHARED, key] });
  const response = (await clients.propose(mspId, signed)).getResponse()!;
  if (response.getStatus() !== 200) return { error: response.getMessage() };
  return { ok: Buffer.from(response.getPayload_asU8()).toString() };
}

/** Keys and values that the vendor's peer delivers with the first transaction of a block. */
async function deliveredWith(block: number): Promise<readonly (readonly [string, string])[]> {
  const seek = { signer: vendor, start: block, stop: block };
  for await (const answer of clients.deliver(seek, VENDOR, 'deliverWithPrivateData')) {
    const [set] = answer
      .getBlockAndPrivateData()!
      .getPrivateDataMapMap()
      .get(0)!
      .getNsPvtRwsetList();
    const [collection] = set!.getCollectionPvtRwsetList();
    const rwset = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(collection!.getRwset_asU8());
    return rwset
      .getWritesList()
      .map((one) => [one.getKey(), Buffer.from(one.getValue_asU8()).toString()] as const);
  }
  throw new Error(`block ${String(block)} was not sent`);
}

describe('private data', () => {
  test('are there after a restart, with their history', async () => {
    const [committed] = await clients.commit(await put('k', 'kept'));
    await restart();
    expect(await valueAt(VENDOR, 'k')).toEqual({ ok: 'kept' });
    expect(await valueAt(MINISTRY, 'k')).toEqual({ ok: 'kept' });
    expect(await deliveredWith(committed!.block)).toEqual([['k', 'kept']]);
  });

  test('endorsed before a restart are committed after it', async () => {
    const envelope = await put('k', 'waited');
    await restart();
    expect(await clients.codesOf(envelope)).toEqual([0]);
    expect(await valueAt(VENDOR, 'k')).toEqual({ ok: 'waited' });
    expect(await valueAt(MINISTRY, 'k')).toEqual({ ok: 'waited' });
  });

  test('of a peer whose folder was removed come from the other members', async () => {
    const [first] = await clients.commit(await put('k', 'one'));
    await clients.codesOf(await put('purged', 'never again'), await put('k', 'two'));
    expect(await clients.codesOf(await endorsed('private:purge', SHARED, 'purged'))).toEqual([0]);
    await restart(() =>
      rm(join(started.folder, 'peers', 'vendors.example'), { recursive: true, force: true }),
    );
    expect(await valueAt(VENDOR, 'k')).toEqual({ ok: 'two' });
    expect(await valueAt(VENDOR, 'purged')).toEqual({ ok: '' });
    expect(await deliveredWith(first!.block)).toEqual([['k', 'one']]);
  });

  test('are missing, and said to be, when every peer lost its folder', async () => {
    await clients.codesOf(await put('k', 'lost'));
    await restart(() => rm(join(started.folder, 'peers'), { recursive: true, force: true }));
    expect(await valueAt(VENDOR, 'k')).toEqual({
      error: expect.stringMatching(/private data matching public hash version is not available/),
    });
    // A new value heals the key.
    await clients.codesOf(await put('k', 'again'));
    expect(await valueAt(VENDOR, 'k')).toEqual({ ok: 'again' });
  });
});
