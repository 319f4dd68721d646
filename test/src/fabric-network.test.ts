import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestNetwork, type TestNetwork } from '@procurement/network';
import type { Contract, Gateway, GatewayOptions } from 'fabric-network';
import { assetMspIds, assetPackage, assetTopology } from './support/asset-topology';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

describe('fabric-network with its default options', () => {
  let gateway: Gateway;
  let connected: Gateway | undefined;
  let running: TestNetwork | undefined;
  let contract: Contract;
  let profile: Record<string, unknown>;
  let options: GatewayOptions;

  beforeAll(async () => {
    running = await startTestNetwork({ topology: assetTopology, chaincodeFolder: assetPackage });
    const { network } = running;
    profile = JSON.parse(
      await readFile(network.profiles.get('MinistryMSP') ?? '', 'utf8'),
    ) as Record<string, unknown>;
    // The library reads this when it is loaded, and would print every refused transaction.
    process.env['HFC_LOGGING'] = '{}';
    const { Gateway, Wallets } = await import('fabric-network');
    gateway = connected = new Gateway();
    const wallet = await Wallets.newFileSystemWallet(network.walletFolder);
    options = { wallet, identity: 'user-MinistryMSP' };
    await gateway.connect(profile, options);
    contract = (await gateway.getNetwork('procurement')).getContract('asset');
  });

  afterAll(async () => {
    connected?.disconnect();
    await running?.close();
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
    expect(new Set(names)).toEqual(new Set(assetMspIds));
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

  test('48a: hears of peers that do not agree as a failed commit, without discovery', async () => {
    const { Gateway } = await import('fabric-network');
    const plain = new Gateway();
    await plain.connect(profile, { ...options, discovery: { enabled: false } });
    const asset = (await plain.getNetwork('procurement')).getContract('asset');
    const error: unknown = await asset
      .submitTransaction('random', 'r')
      .catch((thrown: unknown) => thrown);
    plain.disconnect();
    expect(error).toMatchObject({
      transactionCode: 'ENDORSEMENT_POLICY_FAILURE',
      message: expect.stringMatching(
        /^Commit of transaction [0-9a-f]{64} failed on peer \S+ with status ENDORSEMENT_POLICY_FAI/,
      ),
    });
  });

  test('48a: sees with discovery that peers do not agree', async () => {
    await expect(contract.submitTransaction('random', 'r')).rejects.toThrow(
      'Peer endorsements do not match',
    );
  });

  test('48c: goes on with one endorsement, which does not suffice', async () => {
    const transaction = contract.createTransaction('put').setEndorsingOrganizations('MinistryMSP');
    await expect(transaction.submit('lonely', '1')).rejects.toMatchObject({
      transactionCode: 'ENDORSEMENT_POLICY_FAILURE',
    });
  });

  test('48d: gives the text of every peer when all refuse', async () => {
    await expect(contract.submitTransaction('fail', 'boom')).rejects.toThrow(
      /^No valid responses from any peers\. Errors:(\s+peer=\S+, status=500, message=boom){2}$/,
    );
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
