import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import type { Topology } from '../../../topology';
import { decodeEnvelope } from '../commit/envelope';
import { assetTopology, startAssetNetwork } from '../test-support/asset-network';
import { RawClients } from './raw-clients.test-support';
import { newProposal, signedEnvelope } from './raw-transaction.test-support';
import { connectAs, failureOf } from './sdk.test-support';
import type { SdkClient } from './sdk.test-support';

// Numbers are those of the list of behaviours recorded on Fabric.

/** The second channel of the recording: the auditor's clients may read there, but not write. */
const topology: Topology = {
  ...assetTopology,
  furtherChannels: [
    {
      name: 'second',
      policies: { AuditorMSP: { writers: "OR('AuditorMSP.admin')" } },
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
const channelId = 'second';
const lacking =
  "implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the 'Writers' sub-policies to be satisfied";

let clients: RawClients;
const opened: SdkClient[] = [];

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork({ topology }));
});

afterAll(async () => {
  for (const one of opened) one.close();
  clients.close();
  await clients.network.close();
});

async function contractOf(user: string, channel: string) {
  const client = await connectAs(clients, await clients.user(user));
  opened.push(client);
  return client.gateway.getNetwork(channel).getContract('asset');
}

async function channelsOf(mspId: string, user: string): Promise<string[]> {
  const creator = await clients.user(user);
  const query = newProposal({ creator, channelId: '', chaincode: 'cscc', args: ['GetChannels'] });
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

  test('15a: has policies of its own', async () => {
    const contract = await contractOf('auditor', 'second');
    const text =
      'Failed evaluating policy on signed data during check policy on channel [second] with ' +
      `policy [/Channel/Application/Writers]: [${lacking}]`;
    expect(await failureOf(contract.evaluateTransaction('echo', 'x'))).toEqual({
      error: 'GatewayError',
      grpcCode: 9,
      message: `9 FAILED_PRECONDITION: evaluate call to endorser returned error: ${text}`,
      details: [['AuditorMSP', text]],
    });
    const elsewhere = await contractOf('auditor', 'procurement');
    expect(Buffer.from(await elsewhere.evaluateTransaction('echo', 'x')).toString()).toBe('x');
  });

  test('15b: lets its readers listen', async () => {
    const signer = await clients.user('auditor');
    const seek = { signer, start: 0, stop: 0, channelId };
    expect(await clients.delivered(seek, 'AuditorMSP')).toEqual(['block 0', 'SUCCESS']);
  });

  test('15c: takes no transaction from whoever is no writer', async () => {
    const creator = await clients.user('auditor');
    const { header } = newProposal({ creator, channelId, args: [] });
    const envelope = signedEnvelope({ header, data: Buffer.from('anything') }, creator);
    expect(await clients.broadcast(envelope)).toEqual([
      { status: 403, info: `${lacking}: permission denied` },
    ]);
  });

  test('is listed by its members only', async () => {
    expect(await channelsOf('MinistryMSP', 'tashi')).toEqual(['procurement', 'second', 'pair']);
    expect(await channelsOf('AuditorMSP', 'auditor')).toEqual(['procurement', 'second']);
  });

  test('does not exist for an organization that is no member', async () => {
    const contract = await contractOf('auditor', 'pair');
    expect(await failureOf(contract.evaluateTransaction('echo', 'x'))).toMatchObject({
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

describe('32c: a call to a chaincode of another channel', () => {
  async function callOf(chaincode: string) {
    const creator = await clients.user('tashi');
    const args = ['callPut', 'x1', `${chaincode}/second`, JSON.stringify(['put', 'y1', 'v'])];
    const proposal = newProposal({ creator, args });
    const [response] = await clients.responses(proposal, ['MinistryMSP']);
    return { proposal, response: response! };
  }

  test('runs there, and leaves nothing but its response', async () => {
    const { proposal, response } = await callOf('asset');
    expect(response.getResponse()?.getStatus()).toBe(200);
    const envelope = clients.assemble(proposal, [response]);
    const written = decodeEnvelope(envelope.serializeBinary()).rwset.map((set) => [
      set.namespace,
      set.writes.map(({ key }) => key),
    ]);
    expect(written).toEqual([
      ['_lifecycle', []],
      ['asset', ['x1']],
    ]);
    const there = await contractOf('tashi', 'second');
    expect((await there.evaluateTransaction('get', 'y1')).length).toBe(0);
  });

  test('says that the chaincode is not there', async () => {
    const { proposal, response } = await callOf('ghost');
    expect(response.getResponse()?.getMessage()).toBe(
      `INVOKE_CHAINCODE failed: transaction ID: ${proposal.txId}: execute failed: invalid ` +
        'invocation: [channel second] failed to get chaincode container info for ghost: ' +
        'chaincode ghost not found',
    );
  });
});
