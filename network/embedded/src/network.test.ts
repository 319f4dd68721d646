import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { common, gateway, msp, peer } from '@hyperledger/fabric-protos';
import type { Topology } from '../../topology';
import { assetTopology, startAssetNetwork } from './test-support/asset-network';
import type { TestNetwork } from './test-network';
import { connectGateway } from './test-support/gateway-client';
import type { GatewayClient } from './test-support/gateway-client';

const [asset] = assetTopology.chaincodes;
const both: Topology = withPolicyOfOther("AND('MinistryMSP.peer', 'VendorMSP.peer')", 1);

function withPolicyOfOther(endorsementPolicy: string, sequence: number): Topology {
  const other = { ...asset!, name: 'other', endorsementPolicy, sequence };
  return { ...assetTopology, chaincodes: [asset!, other] };
}

let running: TestNetwork;
let tashi: GatewayClient;

beforeAll(async () => {
  running = await startAssetNetwork({ topology: both });
  tashi = await connectGateway(running.network, { user: 'tashi' });
});

afterAll(async () => {
  tashi.close();
  await running.close();
});

interface Endorsed {
  readonly endorsers: readonly string[];
  commit(): Promise<number>;
}

async function endorse(
  call: readonly [string, ...string[]],
  options: { readonly chaincode?: string; readonly by?: readonly string[] } = {},
): Promise<Endorsed> {
  const { chaincode = 'asset', by } = options;
  const [name, ...args] = call;
  const transaction = await tashi.network
    .getContract(chaincode)
    .newProposal(name, { arguments: args, ...(by && { endorsingOrganizations: [...by] }) })
    .endorse();
  const prepared = gateway.PreparedTransaction.deserializeBinary(transaction.getBytes());
  const payload = common.Payload.deserializeBinary(prepared.getEnvelope()!.getPayload_asU8());
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const endorsements = peer.ChaincodeActionPayload.deserializeBinary(action!.getPayload_asU8())
    .getAction()!
    .getEndorsementsList();
  return {
    endorsers: endorsements
      .map((one) => msp.SerializedIdentity.deserializeBinary(one.getEndorser_asU8()).getMspid())
      .sort(),
    commit: async () => (await (await transaction.submit()).getStatus()).code,
  };
}

/** Starts the network again, after something was done to its folder. */
async function restart(topology: Topology, meanwhile?: () => Promise<void>): Promise<void> {
  tashi.close();
  await running.network.close();
  await meanwhile?.();
  await running.restart(topology);
  tashi = await connectGateway(running.network, { user: 'tashi' });
}

test('a transaction that only calls another chaincode is planned by the policy of that', async () => {
  const called = await endorse(['call', 'other', JSON.stringify(['put', 'through', '1'])]);
  expect(called.endorsers).toEqual(['MinistryMSP', 'VendorMSP']);
  expect(await called.commit()).toBe(peer.TxValidationCode.ENDORSEMENT_POLICY_FAILURE);
});

describe('a restart', () => {
  test('names a damaged ledger, and rebuilds one that was removed from the orderer', async () => {
    const ledger = join(running.folder, 'peers', 'vendors.example', 'procurement');
    const height = running.network.heightOf('MinistryMSP');
    const damage = () => writeFile(join(ledger, 'CURRENT'), 'nonsense');
    await expect(restart(both, damage)).rejects.toMatchObject({
      name: 'DataFolderError',
      code: 'LEDGER_CORRUPT',
      message: expect.stringContaining('Remove that folder'),
    });
    await restart(both, () => rm(ledger, { recursive: true }));
    expect(running.network.heightOf('VendorMSP')).toBe(height);
  });

  test('with the next definition of a chaincode in the topology upgrades it', async () => {
    const alone = ['MinistryMSP'];
    const early = await endorse(['put', 'k', '1'], { chaincode: 'other', by: alone });
    expect(await early.commit()).toBe(peer.TxValidationCode.ENDORSEMENT_POLICY_FAILURE);
    await restart(withPolicyOfOther("OR('MinistryMSP.peer')", 2));
    const late = await endorse(['put', 'k', '1'], { chaincode: 'other' });
    expect(late.endorsers).toEqual(alone);
    expect(await late.commit()).toBe(peer.TxValidationCode.VALID);
  });
});
