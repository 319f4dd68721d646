import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import type { Topology } from '../../../topology';
import { assetTopology, startAssetNetwork } from '../test-support/asset-network';
import { connectGateway } from '../test-support/gateway-client';
import type { GatewayClient } from '../test-support/gateway-client';
import { RawClients } from './raw-clients.test-support';
import { newAssetProposal } from './asset-proposal.test-support';

const topology: Topology = {
  ...assetTopology,
  furtherChannels: [
    {
      name: 'second',
      chaincodes: [
        {
          name: 'asset',
          version: '1.0',
          sequence: 1,
          endorsementPolicy: '/Channel/Application/Endorsement',
        },
      ],
    },
    { name: 'pair', organizations: ['MinistryMSP', 'VendorMSP'], chaincodes: [] },
  ],
};

let clients: RawClients;
const opened: GatewayClient[] = [];

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology }));
});

afterAll(async () => {
  for (const one of opened) one.close();
  clients.close();
  await clients.network.close();
});

async function contractOf(user: string, channel: string) {
  const client = await connectGateway(clients.network.network, { user });
  opened.push(client);
  return client.gateway.getNetwork(channel).getContract('asset');
}

async function channelsOf(mspId: string, user: string): Promise<string[]> {
  const creator = await clients.user(user);
  const query = newAssetProposal({
    creator,
    channel: '',
    chaincode: 'cscc',
    args: ['GetChannels'],
  });
  const answer = await clients.propose(mspId, query.signed);
  const payload = answer.getResponse()?.getPayload_asU8() ?? new Uint8Array();
  const { channelsList } = peer.ChannelQueryResponse.deserializeBinary(payload).toObject();
  return channelsList.map((one) => one.channelId);
}

describe('a further channel', () => {
  test('keeps a state of its own', async () => {
    const [first, second] = [
      await contractOf('tashi', 'procurement'),
      await contractOf('tashi', 'second'),
    ];
    await first.submitTransaction('put', 'k', 'first');
    await second.submitTransaction('put', 'k', 'second');
    const read = async (contract: typeof first) =>
      Buffer.from(await contract.evaluateTransaction('get', 'k')).toString();
    expect([await read(first), await read(second)]).toEqual(['first', 'second']);
  });

  test('is listed by its members only', async () => {
    expect(await channelsOf('MinistryMSP', 'tashi')).toEqual(['procurement', 'second', 'pair']);
    expect(await channelsOf('AuditorMSP', 'auditor')).toEqual(['procurement', 'second']);
  });

  test('does not exist for an organization that is no member', async () => {
    const contract = await contractOf('auditor', 'pair');
    await expect(contract.evaluateTransaction('echo', 'x')).rejects.toMatchObject({
      message:
        '14 UNAVAILABLE: failed to get config for channel [pair]: could not get last config for ' +
        'channel pair',
    });
  });

  test('keeps its height over a restart', async () => {
    const height = clients.network.network.heightOf('VendorMSP', 'second');
    expect(height).toBeGreaterThan(2);
    clients.close();
    await clients.network.restart();
    expect(clients.network.network.heightOf('VendorMSP', 'second')).toBe(height);
    clients = await RawClients.of(clients.network);
  });
});
