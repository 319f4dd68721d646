import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SigningIdentity } from '../identity/signing-identity';
import { startAssetNetwork } from '../test-support/asset-network';
import { privateTopology } from './behaviours.test-support';
import { RawClients } from './raw-clients.test-support';
import { newProposal } from './raw-transaction.test-support';
import type { ProposalParts } from './raw-transaction.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

const [MINISTRY, VENDOR, AUDITOR] = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;
const SHARED = 'collVendorMinistry';

let clients: RawClients;
let tashi: SigningIdentity;
let vendor: SigningIdentity;

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology: privateTopology }));
  tashi = await clients.user('tashi');
  vendor = await clients.user('vendor-1');
});

afterAll(async () => {
  clients.close();
  await clients.network.close();
});

/** The code of a transaction that these peers endorsed. */
async function commit(parts: ProposalParts, ...mspIds: string[]): Promise<number> {
  const [code] = await clients.codesOf(await clients.endorsed(parts, mspIds));
  return code ?? -1;
}

async function put(collection: string, key: string, value: string): Promise<void> {
  const parts = { creator: vendor, args: ['private:put', collection, key, value] };
  expect(await commit(parts, AUDITOR, VENDOR)).toBe(0);
}

/** Result or error text of a run on one peer. */
async function ask(
  mspId: string,
  creator: SigningIdentity,
  ...args: string[]
): Promise<{ ok: string } | { error: string }> {
  const { txId, signed } = newProposal({ creator, args });
  const response = (await clients.propose(mspId, signed)).getResponse()!;
  const error = response.getMessage().replaceAll(txId, '<TXID>');
  if (response.getStatus() !== 200) return { error };
  return { ok: Buffer.from(response.getPayload_asU8()).toString() };
}

describe('private data', () => {
  test('52b, 52c: are read by members on the peers of members', async () => {
    const transient = { value: 'secret1' };
    const parts = { creator: vendor, args: ['private:put', SHARED, 'p1', ''], transient };
    expect(await commit(parts, VENDOR, AUDITOR)).toBe(0);
    expect(await ask(VENDOR, vendor, 'private:get', SHARED, 'p1')).toEqual({ ok: 'secret1' });
    expect(await ask(MINISTRY, tashi, 'private:get', SHARED, 'p1')).toEqual({ ok: 'secret1' });
  });

  test('52d: are not on the peers of others', async () => {
    await put(SHARED, 'p2', 'secret');
    const { error } = (await ask(AUDITOR, vendor, 'private:get', SHARED, 'p2')) as {
      error: string;
    };
    expect(error).toMatch(
      /^GET_STATE failed: transaction ID: <TXID>: private data matching public hash version is not available\. Public hash version = \{BlockNum: \d+, TxNum: 0\}, Private data version = <nil>$/,
    );
  });
});
