import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChaincodeEventsOptions } from '@hyperledger/fabric-gateway';
import { gateway, peer } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity';
import { parsePolicy } from '../../../lifecycle/policy-dsl';
import { startAssetNetwork } from '../test-support/asset-network';
import { RawClients, refusalOf } from './raw-clients.test-support';
import { endorsersOfPrepared, newProposal } from './raw-transaction.test-support';
import { connectAs, evaluate, failureOf, statusOf, submit } from './sdk.test-support';
import type { SdkClient } from './sdk.test-support';

// Numbers are those of the list of behaviours recorded on Fabric 2.5.16.

const vendorOnly = Buffer.from(
  parsePolicy("OutOf(1, 'VendorMSP.peer')").serializeBinary(),
).toString('base64');
const lacking = (policy: string): string =>
  `Failed evaluating policy on signed data during check policy on channel [procurement] with ` +
  `policy [/Channel/Application/${policy}]: [implicit policy evaluation failed - 0 sub-policies ` +
  `were satisfied, but this policy requires 1 of the '${policy}' sub-policies to be satisfied]`;

let clients: RawClients;
let tashi: SigningIdentity;
let sdk: SdkClient;
const open: SdkClient[] = [];

beforeAll(async () => {
  clients = await RawClients.of(await startAssetNetwork());
  tashi = await clients.user('tashi');
  sdk = await as(tashi);
});

afterAll(async () => {
  for (const one of open) one.close();
  clients.close();
  await clients.network.close();
});

async function as(identity: SigningIdentity, viaMspId?: string): Promise<SdkClient> {
  const connected = await connectAs(clients, identity, viaMspId);
  open.push(connected);
  return connected;
}

async function evaluated(name: string, ...args: string[]): Promise<string> {
  return Buffer.from(await sdk.contract.evaluateTransaction(name, ...args)).toString();
}

/** Submits and gives the code; an endorsing organization may be named. */
async function submitted(name: string, args: string[], ...endorsingOrganizations: string[]) {
  const transaction = await sdk.contract
    .newProposal(name, {
      arguments: args,
      ...(endorsingOrganizations[0] && { endorsingOrganizations }),
    })
    .endorse();
  return { transaction, status: await (await transaction.submit()).getStatus() };
}

describe('a result', () => {
  test('1a: comes back as the chaincode gave it', async () => {
    expect(await evaluated('echo', 'héllo €')).toBe('héllo €');
  });

  test('1b, 1c: may be empty', async () => {
    expect(await evaluated('nothing')).toBe('');
    expect(await sdk.contract.submitTransaction('event', 'e', 'p')).toHaveLength(0);
  });

  test('1d: may be a million bytes', async () => {
    expect(await evaluated('big', '1000000')).toHaveLength(1_000_000);
  });

  test('61d: of transient data shows what was sent', async () => {
    const transientData = { a: Buffer.from('1'), b: Buffer.from('2') };
    const bytes = await sdk.contract.evaluate('transient', { transientData });
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });
});

describe('an error', () => {
  test('2: of an evaluated chaincode', async () => {
    expect(await failureOf(evaluated('fail', 'boom'))).toEqual({
      error: 'GatewayError',
      grpcCode: 2,
      message: '2 UNKNOWN: evaluate call to endorser returned error: chaincode response 500, boom',
      details: [['MinistryMSP', 'chaincode response 500, boom']],
    });
  });

  test('3: of a submitted chaincode', async () => {
    expect(await failureOf(sdk.contract.submitTransaction('fail', 'boom'))).toEqual({
      error: 'EndorseError',
      grpcCode: 10,
      message: '10 ABORTED: failed to endorse transaction, see attached details for more info',
      details: [['MinistryMSP', 'chaincode response 500, boom']],
    });
  });

  test('5a, 5b: of an unknown chaincode', async () => {
    const ghost = sdk.contractOf('nope');
    expect(await failureOf(ghost.evaluateTransaction('get'))).toEqual({
      error: 'GatewayError',
      grpcCode: 9,
      message:
        '9 FAILED_PRECONDITION: no peers available to evaluate chaincode nope in channel procurement',
      details: [],
    });
    expect(await failureOf(ghost.submitTransaction('get'))).toEqual({
      error: 'EndorseError',
      grpcCode: 9,
      message:
        '9 FAILED_PRECONDITION: no combination of peers can be derived which satisfy the ' +
        'endorsement policy: No metadata was found for chaincode nope in channel procurement',
      details: [],
    });
  });

  test('6a, 6b: of an unknown channel', async () => {
    const contract = sdk.gateway.getNetwork('nochan').getContract('asset');
    expect(await failureOf(contract.evaluateTransaction('get'))).toEqual({
      error: 'GatewayError',
      grpcCode: 14,
      message:
        '14 UNAVAILABLE: failed to get config for channel [nochan]: could not get last config ' +
        'for channel nochan',
      details: [],
    });
    expect(await failureOf(contract.submitTransaction('get'))).toEqual({
      error: 'EndorseError',
      grpcCode: 9,
      message:
        '9 FAILED_PRECONDITION: no combination of peers can be derived which satisfy the ' +
        'endorsement policy: No metadata was found for chaincode asset in channel nochan',
      details: [],
    });
  });

  test('48b: of peers that do not agree', async () => {
    expect(await failureOf(sdk.contract.submitTransaction('random', 'r'))).toEqual({
      error: 'EndorseError',
      grpcCode: 10,
      message:
        '10 ABORTED: failed to collect enough transaction endorsements, see attached details for ' +
        'more info',
      details: [['AuditorMSP', 'ProposalResponsePayloads do not match']],
    });
  });

  test('of named organizations without a peer', async () => {
    const options = { arguments: ['k', 'v'], endorsingOrganizations: ['NoMSP', 'NorMSP'] };
    expect(await failureOf(sdk.contract.submit('put', options))).toMatchObject({
      grpcCode: 14,
      message: '14 UNAVAILABLE: failed to find any endorsing peers for org(s): NoMSP, NorMSP',
    });
  });
});

describe('who calls', () => {
  test('14b: as a peer may not evaluate', async () => {
    const { contract } = await as(clients.peer('MinistryMSP'));
    expect(await failureOf(contract.evaluateTransaction('echo', 'x'))).toEqual({
      error: 'GatewayError',
      grpcCode: 9,
      message:
        '9 FAILED_PRECONDITION: evaluate call to endorser returned error: ' + lacking('Writers'),
      details: [['MinistryMSP', lacking('Writers')]],
    });
  });

  test('14c: as an administrator may', async () => {
    const { contract } = await as(await clients.user('boss'));
    expect(Buffer.from(await contract.evaluateTransaction('echo', 'x')).toString()).toBe('x');
  });
});

describe('endorsing organizations', () => {
  test('x13: that are named are asked, even if they do not suffice', async () => {
    const { status } = await submitted('put', ['lonely', '1'], 'MinistryMSP');
    expect(status.code).toBe(10);
  });

  test('46b: follow from the policy of the key', async () => {
    await submitted('putSetPolicy', ['kp1', 'v', vendorOnly]);
    const { transaction, status } = await submitted('put', ['kp1', 'g']);
    expect(status.code).toBe(0);
    expect(endorsersOfPrepared(transaction.getBytes())).toEqual(['VendorMSP']);
  });
});

describe('a request that the library would not send', () => {
  test('x17: Submit of an unsigned transaction', async () => {
    const request = new gateway.SubmitRequest();
    request.setChannelId('procurement');
    const envelope = await clients.endorsed({ creator: tashi, args: ['put', 'u', '1'] }, [
      'AuditorMSP',
    ]);
    envelope.setSignature('');
    request.setPreparedTransaction(envelope);
    expect(await refusalOf(submit(clients, request))).toEqual({
      code: 3,
      details: 'prepared transaction must be signed',
    });
  });

  test('x18: Submit of a wrongly signed transaction', async () => {
    const request = new gateway.SubmitRequest();
    request.setChannelId('procurement');
    const envelope = await clients.endorsed({ creator: tashi, args: ['put', 'w', '1'] }, [
      'AuditorMSP',
    ]);
    envelope.setSignature(tashi.sign(Buffer.from('another')));
    request.setPreparedTransaction(envelope);
    expect(await refusalOf(submit(clients, request))).toEqual({
      code: 10,
      details:
        'received unsuccessful response from orderer: status=FORBIDDEN, info=implicit policy ' +
        'evaluation failed - 0 sub-policies were satisfied, but this policy requires 1 of the ' +
        "'Writers' sub-policies to be satisfied: permission denied",
    });
  });

  test('x19: Evaluate of nothing, of no proposal, and with another id or channel', async () => {
    expect(await refusalOf(evaluate(clients, new gateway.EvaluateRequest()))).toEqual({
      code: 3,
      details: 'failed to unpack transaction proposal: a signed proposal is required',
    });
    const garbled = new peer.SignedProposal();
    garbled.setProposalBytes(Buffer.of(0xff, 0xff));
    expect(await refusalOf(evaluate(clients, evaluateRequest(garbled)))).toEqual({
      code: 3,
      details:
        'failed to unpack transaction proposal: error unmarshalling Proposal: proto: cannot ' +
        'parse invalid wire-format data',
    });
    const { signed } = newProposal({ creator: tashi, args: ['echo', 'accepted'] });
    const otherId = evaluateRequest(signed);
    otherId.setTransactionId('ab');
    const otherChannel = evaluateRequest(signed);
    otherChannel.setChannelId('nochan');
    for (const request of [otherId, otherChannel]) {
      const result = (await evaluate(clients, request)).getResult()!;
      expect(Buffer.from(result.getPayload_asU8()).toString()).toBe('accepted');
    }
  });
});

function evaluateRequest(signed: peer.SignedProposal): gateway.EvaluateRequest {
  const request = new gateway.EvaluateRequest();
  request.setProposedTransaction(signed);
  return request;
}

describe('chaincode events', () => {
  test('64: skip invalid transactions and resume after one', async () => {
    const startBlock = BigInt(clients.network.network.heightOf('MinistryMSP'));
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const { transaction, status } = await submitted('event', [name, 'p']);
      expect(status.code).toBe(0);
      ids.push(transaction.getTransactionId());
      if (name === 'b') {
        expect((await submitted('event', ['bad', 'p'], 'MinistryMSP')).status.code).toBe(10);
      }
    }
    expect(await eventNames(4, { startBlock })).toEqual(['a', 'b', 'c', 'd']);
    const checkpoint = { getBlockNumber: () => startBlock, getTransactionId: () => ids[1]! };
    expect(await eventNames(2, { checkpoint })).toEqual(['c', 'd']);
  });

  test('64: after a transaction that never was, none come at all', async () => {
    const checkpoint = { getBlockNumber: () => 0n, getTransactionId: () => '00'.repeat(32) };
    const events = await sdk.network.getChaincodeEvents('asset', { checkpoint });
    const first = events[Symbol.asyncIterator]().next();
    await submitted('event', ['unheard', 'p']);
    // Another listener that heard of it shows that the silence is not for want of events.
    expect(await eventNames(1, { startBlock: 0n })).toHaveLength(1);
    expect(await Promise.race([first, Promise.resolve('silence')])).toBe('silence');
    events.close();
  });

  test('64b: without a start begin with the next block', async () => {
    const events = await sdk.network.getChaincodeEvents('asset');
    const first = events[Symbol.asyncIterator]().next();
    // The request is on its way; only blocks after its arrival count.
    let heard: string | undefined;
    const told = first.then(({ value }) => (heard = (value as { eventName: string }).eventName));
    while (heard === undefined) {
      await submitted('event', ['later', 'p']);
      await Promise.race([told, new Promise((resolve) => setImmediate(resolve))]);
    }
    events.close();
    expect(heard).toBe('later');
  });

  test('64c: are refused of an unknown channel, and to those who may not read', async () => {
    const unknown = await sdk.gateway.getNetwork('nochan').getChaincodeEvents('asset');
    expect(await failureOf(unknown[Symbol.asyncIterator]().next())).toEqual({
      error: 'GatewayError',
      grpcCode: 7,
      message: '7 PERMISSION_DENIED: Failed to get policy manager for channel [nochan]',
      details: [],
    });
    const stranger = await as(clients.crypto.orderer.identity);
    const events = await stranger.network.getChaincodeEvents('asset');
    expect(await failureOf(events[Symbol.asyncIterator]().next())).toEqual({
      error: 'GatewayError',
      grpcCode: 7,
      message: `7 PERMISSION_DENIED: ${lacking('Readers')}`,
      details: [],
    });
  });

  async function eventNames(count: number, options: ChaincodeEventsOptions): Promise<string[]> {
    const events = await sdk.network.getChaincodeEvents('asset', options);
    const names: string[] = [];
    for await (const { eventName } of events) {
      names.push(eventName);
      if (names.length === count) break;
    }
    events.close();
    return names;
  }
});

describe('the status of a transaction', () => {
  test('70: is known afterwards, at every peer, and again', async () => {
    await submitted('put', ['c70', '1']);
    const stale = await sdk.contract.newProposal('bump', { arguments: ['c70'] }).endorse();
    await submitted('bump', ['c70']);
    const commit = await stale.submit();
    const first = await commit.getStatus();
    expect(first).toMatchObject({ code: 11, successful: false });
    expect((await commit.getStatus()).blockNumber).toBe(first.blockNumber);
    const other = await as(tashi, 'VendorMSP');
    const elsewhere = await other.gateway.newCommit(commit.getBytes()).getStatus();
    expect(elsewhere).toMatchObject({ code: 11, blockNumber: first.blockNumber });
  });

  test('70: is refused to those who may not read, and of an unknown channel', async () => {
    const { transaction } = await submitted('put', ['s70', '1']);
    const ask = (signer: SigningIdentity, channelId: string) =>
      refusalOf(statusOf(clients, { txId: transaction.getTransactionId(), signer, channelId }));
    expect(await ask(clients.crypto.orderer.identity, 'procurement')).toEqual({
      code: 7,
      details: lacking('Readers'),
    });
    expect(await ask(tashi, 'nochan')).toEqual({
      code: 7,
      details: 'Failed to get policy manager for channel [nochan]',
    });
  });
});
