import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import type { common } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../topology';
import { assetTopology, startAssetNetwork } from '../test-support/asset-network';
import { RawClients, refusalOf } from './raw-clients.test-support';
import { newProposal, signedEnvelope } from './raw-transaction.test-support';
import type { ProposalParts } from './raw-transaction.test-support';
import { connectAs, failureOf } from './sdk.test-support';
import type { SdkClient } from './sdk.test-support';

// Behaviours where 2.5.16 and 3.1.5 answer differently; the numbers are those of the recording.

let clients: RawClients;
const opened: SdkClient[] = [];

async function start(compat: Compat): Promise<void> {
  clients = await RawClients.of(
    await startAssetNetwork({ topology: { ...assetTopology, compat } }),
  );
}

async function stop(): Promise<void> {
  for (const client of opened.splice(0)) client.close();
  clients.close();
  await clients.network.close();
}

async function expired(): Promise<SdkClient> {
  const client = await connectAs(clients, await clients.expiredIdentity('MinistryMSP'));
  opened.push(client);
  return client;
}

function atTime(seconds: number | undefined) {
  return (header: common.ChannelHeader): void => {
    header.clearTimestamp();
    if (seconds === undefined) return;
    const timestamp = new Timestamp();
    timestamp.setSeconds(seconds);
    header.setTimestamp(timestamp);
  };
}

async function propose(parts: Omit<ProposalParts, 'creator'>) {
  const creator = await clients.user('tashi');
  const answer = clients.propose('MinistryMSP', newProposal({ creator, ...parts }).signed);
  return (await answer).getResponse();
}

async function broadcastToNowhere() {
  const creator = await clients.user('tashi');
  const { header } = newProposal({ creator, channelId: 'nochan', args: [] });
  return clients.broadcast(signedEnvelope({ header, data: Buffer.from('none') }, creator));
}

const tenYearsAgo = 1_451_606_400;
const remotely = 'rpc error: code = Unknown desc = proposal client identity expired';
const notEnough =
  '10 ABORTED: failed to collect enough transaction endorsements, see attached details for more info';
const ofMinistryOnly = { arguments: ['k', 'v'], endorsingOrganizations: ['MinistryMSP'] };

describe('a network that answers as 2.5', () => {
  beforeAll(() => start('2.5'));
  afterAll(stop);

  test('12b, 12g: lets an expired certificate evaluate, but not submit', async () => {
    const { contract } = await expired();
    expect(Buffer.from(await contract.evaluateTransaction('echo', 'x')).toString()).toBe('x');
    expect(await failureOf(contract.submitTransaction('put', 'k', 'v'))).toEqual({
      error: 'EndorseError',
      grpcCode: 10,
      message: notEnough,
      details: [['AuditorMSP', remotely]],
    });
  });

  test('12h: stops an expired certificate at the ordering node at the latest', async () => {
    const { contract } = await expired();
    expect(await failureOf(contract.submit('put', ofMinistryOnly))).toEqual({
      error: 'SubmitError',
      grpcCode: 10,
      message:
        '10 ABORTED: received unsuccessful response from orderer: status=BAD_REQUEST, ' +
        'info=broadcast client identity expired',
      details: [],
    });
  });

  test('17a: takes a proposal of ten years ago, whose time the chaincode sees', async () => {
    const changeChannelHeader = atTime(tenYearsAgo);
    const response = await propose({ args: ['transaction'], changeChannelHeader });
    expect(response?.getStatus()).toBe(200);
    expect(JSON.parse(Buffer.from(response!.getPayload_asU8()).toString())).toMatchObject({
      seconds: tenYearsAgo,
      nanos: 0,
    });
  });

  test('17b, 17c: takes one without a time, unless the chaincode asks for it', async () => {
    const changeChannelHeader = atTime(undefined);
    const without = await propose({ args: ['echo', 'x'], changeChannelHeader });
    expect(without?.getStatus()).toBe(200);
    const asked = await propose({ args: ['transaction'], changeChannelHeader });
    expect(asked?.getStatus()).toBe(500);
  });

  test('x15: takes a message for an unknown channel for the creation of one', async () => {
    expect(await broadcastToNowhere()).toEqual([
      {
        status: 400,
        info:
          'channel creation request not allowed because the orderer system channel is not ' +
          'defined',
      },
    ]);
  });
});

describe('a network that answers as 3.1', () => {
  beforeAll(() => start('3.1'));
  afterAll(stop);

  test('12b: does not let an expired certificate evaluate on any peer', async () => {
    const { contract } = await expired();
    expect(await failureOf(contract.evaluateTransaction('echo', 'x'))).toEqual({
      error: 'GatewayError',
      grpcCode: 14,
      message: '14 UNAVAILABLE: failed to evaluate transaction, see attached details for more info',
      details: [
        ['MinistryMSP', 'proposal client identity expired'],
        ['VendorMSP', remotely],
        ['AuditorMSP', remotely],
      ],
    });
  });

  test('12g, 12h: does not let an expired certificate endorse', async () => {
    const { contract } = await expired();
    const details = [['MinistryMSP', 'proposal client identity expired']];
    expect(await failureOf(contract.submitTransaction('put', 'k', 'v'))).toEqual({
      error: 'EndorseError',
      grpcCode: 10,
      message: '10 ABORTED: failed to endorse transaction, see attached details for more info',
      details,
    });
    expect(await failureOf(contract.submit('put', ofMinistryOnly))).toEqual({
      error: 'EndorseError',
      grpcCode: 10,
      message: notEnough,
      details,
    });
  });

  test.each([
    ['17a: of ten years ago', tenYearsAgo, '2016-01-01T00:00:00Z'],
    ['17b, 17c: without a time', undefined, '1970-01-01T00:00:00Z'],
    ['of the next century', 4_102_444_800, '2100-01-01T00:00:00Z'],
  ])('%s: refuses a proposal', async (_, seconds, shown) => {
    const changeChannelHeader = atTime(seconds);
    const { code, details } = await refusalOf(
      propose({ args: ['echo', 'x'], changeChannelHeader }),
    );
    expect(code).toBe(2);
    expect(details.replace(/peer time \S+,/, 'peer time <TIME>,')).toBe(
      `request unauthorized due to incorrect timestamp ${shown}, peer time <TIME>, ` +
        'peer.authentication.timewindow 15m0s',
    );
  });

  test('x15: says that a channel does not exist', async () => {
    expect(await broadcastToNowhere()).toEqual([{ status: 400, info: 'channel does not exist' }]);
  });
});
