import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { packageIdOf, startChaincodeProcess, startEmbeddedNetwork } from '@procurement/network';
import type { ChaincodeProcess, EmbeddedNetwork, Topology } from '@procurement/network';
import type { Contract, Gateway } from 'fabric-network';

const fixture = join(__dirname, '../../network/embedded/fixtures/asset');
const mspIds = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'] as const;
const chaincode = { name: 'asset', version: '1.0' };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function topologyWithPorts(): Promise<Topology> {
  const addresses: Record<string, { port: number }> = {};
  for (const mspId of mspIds) addresses[mspId] = { port: await freePort() };
  return {
    channel: 'procurement',
    batch: {
      timeoutMs: 10,
      maxMessageCount: 200,
      preferredMaxBytes: 512 * 1024,
      absoluteMaxBytes: 1024 * 1024,
    },
    organizations: mspIds.map((mspId) => ({
      name: mspId.replace('MSP', '').toLowerCase(),
      mspId,
      domain: `${mspId.replace('MSP', '').toLowerCase()}.example`,
      peer: { name: 'peer0', port: 0 },
      users: [{ name: `user-${mspId}`, type: 'client' as const, attributes: {} }],
    })),
    orderer: { organization: 'AuditorMSP', name: 'orderer', port: 0 },
    chaincodes: [
      {
        ...chaincode,
        sequence: 1,
        endorsementPolicy: "AND('AuditorMSP.peer', OR('MinistryMSP.peer', 'VendorMSP.peer'))",
        addresses,
      },
    ],
  };
}

describe('fabric-network with its default options', () => {
  const processes: ChaincodeProcess[] = [];
  let gateway: Gateway;
  let connected: Gateway | undefined;
  let folder: string;
  let network: EmbeddedNetwork | undefined;
  let contract: Contract;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fabric-network-'));
    const topology = await topologyWithPorts();
    for (const [mspId, { port }] of Object.entries(topology.chaincodes[0]!.addresses)) {
      const packageId = packageIdOf(chaincode);
      processes.push(startChaincodeProcess({ folder: fixture, packageId, port, mspId }));
    }
    network = await startEmbeddedNetwork({ topology, folder });
    await network.awaitChaincode('asset');
    const profile = JSON.parse(
      await readFile(network.profiles.get('MinistryMSP') ?? '', 'utf8'),
    ) as Record<string, unknown>;
    // The library reads this when it is loaded, and would print every refused transaction.
    process.env['HFC_LOGGING'] = '{}';
    const { Gateway, Wallets } = await import('fabric-network');
    gateway = connected = new Gateway();
    const wallet = await Wallets.newFileSystemWallet(network.walletFolder);
    await gateway.connect(profile, { wallet, identity: 'user-MinistryMSP' });
    contract = (await gateway.getNetwork('procurement')).getContract('asset');
  });

  afterAll(async () => {
    connected?.disconnect();
    await network?.close();
    await Promise.all(processes.map((one) => one.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  test('discovers the peers, submits and evaluates', async () => {
    await contract.submitTransaction('put', 'key', 'value');
    expect((await contract.evaluateTransaction('get', 'key')).toString()).toBe('value');
  });

  test('sends a proposal to the peers that the policy asks for', async () => {
    const peers = gateway.getNetwork('procurement');
    const names = (await peers)
      .getChannel()
      .getEndorsers()
      .map((one) => one.mspid);
    expect(new Set(names)).toEqual(new Set(mspIds));
  });

  test('hears of a conflict as a failed commit', async () => {
    await contract.submitTransaction('put', 'counter', '1');
    const many = Array.from({ length: 6 }, () => contract.submitTransaction('bump', 'counter'));
    const refused = (await Promise.allSettled(many)).filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ transactionCode: 'MVCC_READ_CONFLICT' });
    }
  });

  test('gives the text of a chaincode error', async () => {
    await expect(contract.evaluateTransaction('fail', 'boom')).rejects.toThrow('boom');
  });

  test('replays blocks from the first one', async () => {
    const numbers: number[] = [];
    const channel = await gateway.getNetwork('procurement');
    await new Promise<void>((resolve, reject) => {
      channel
        .addBlockListener(
          ({ blockNumber }) => {
            numbers.push(blockNumber.toNumber());
            if (numbers.length === 3) resolve();
            return Promise.resolve();
          },
          { startBlock: 0, type: 'full' },
        )
        .catch(reject);
    });
    expect(numbers.slice(0, 3)).toEqual([0, 1, 2]);
  });
});
