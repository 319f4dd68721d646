import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { topology } from '@procurement/network/topologies/procurement';
import { gatewayWalletOf, prepareGatewayWallet } from './gateway-wallet';

const everyone = topology.organizations.flatMap(({ users }) => users.map(({ name }) => name));

let folder: string;
let networkWallet: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-wallet-'));
  networkWallet = join(folder, 'network', 'wallet');
  await mkdir(networkWallet, { recursive: true });
  for (const name of everyone) await writeFile(join(networkWallet, `${name}.id`), name);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function prepared(mspId: string, accounts: readonly string[] = []): Promise<string[]> {
  await prepareGatewayWallet({ folder, mspId, networkWallet, topology, accounts });
  return (await readdir(gatewayWalletOf(folder, mspId))).sort();
}

describe('the wallet of a gateway', () => {
  test.each([
    ['MinistryMSP', 'gateway-ministry.id'],
    ['VendorMSP', 'gateway-vendors.id'],
    ['AuditorMSP', 'gateway-auditor.id'],
  ])("of %s holds that organisation's gateway and nobody else's key", async (mspId, entry) => {
    expect(await prepared(mspId)).toEqual([entry]);
  });

  test('holds the service accounts that are named, and no name that nobody has', async () => {
    expect(await prepared('AuditorMSP', ['tashi', 'nobody'])).toEqual([
      ...['gateway-auditor.id', 'tashi.id'],
    ]);
  });

  test('loses an account that is named no more, and keeps the tokens', async () => {
    await prepared('AuditorMSP', ['tashi']);
    await writeFile(join(gatewayWalletOf(folder, 'AuditorMSP'), 'tashi.token'), 'token');
    expect(await prepared('AuditorMSP')).toEqual(['gateway-auditor.id', 'tashi.token']);
  });
});
