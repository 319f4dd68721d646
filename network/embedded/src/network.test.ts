import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CommitError, EndorseError, GatewayError } from '@hyperledger/fabric-gateway';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { startAssetNetwork } from './test-support/asset-network';
import type { TestNetwork } from './test-network';
import { connectGateway } from './test-support/gateway-client';
import type { GatewayClient } from './test-support/gateway-client';

const channel = 'procurement';
let running: TestNetwork | undefined;
let client: GatewayClient | undefined;
let tashi: GatewayClient;

function theNetwork(): TestNetwork {
  if (!running) throw new Error('the network has not started');
  return running;
}

beforeAll(async () => {
  running = await startAssetNetwork();
  client = await connectGateway(running.network, { user: 'tashi' });
  tashi = client;
});

afterAll(async () => {
  client?.close();
  await running?.close();
});

/** Endorses now, so that the caller decides when it is submitted. */
async function endorsed(name: string, ...args: string[]) {
  return tashi.contract.newProposal(name, { arguments: args }).endorse();
}

async function thrownBy(action: Promise<unknown>): Promise<unknown> {
  try {
    await action;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

async function evaluated(name: string, ...args: string[]): Promise<string> {
  return Buffer.from(await tashi.contract.evaluateTransaction(name, ...args)).toString();
}

describe('transactions', () => {
  test('a submitted value is read back by every organization', async () => {
    const transaction = await endorsed('put', 'greeting', 'hello');
    const status = await (await transaction.submit()).getStatus();
    expect(status).toMatchObject({ code: 0, successful: true });
    for (const user of ['tashi', 'vendor-1', 'auditor']) {
      const other = await connectGateway(theNetwork().network, { user });
      try {
        const value = await other.contract.evaluateTransaction('get', 'greeting');
        expect(Buffer.from(value).toString()).toBe('hello');
      } finally {
        other.close();
      }
    }
  });

  test('each is endorsed by the auditor and one other organization', async () => {
    const transaction = await endorsed('put', 'endorsers', '1');
    const prepared = gateway.PreparedTransaction.deserializeBinary(transaction.getBytes());
    const payload = common.Payload.deserializeBinary(prepared.getEnvelope()!.getPayload_asU8());
    const action = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList()[0]!;
    const endorsements = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8())
      .getAction()!
      .getEndorsementsList();
    expect(endorsements).toHaveLength(2);
  });

  test('of two that read the same version, the second is an MVCC conflict', async () => {
    await tashi.contract.submitTransaction('put', 'counter', '1');
    const [first, second] = [await endorsed('bump', 'counter'), await endorsed('bump', 'counter')];
    const one = await (await first.submit()).getStatus();
    const two = await (await second.submit()).getStatus();
    expect([one.code, two.code]).toEqual([0, 11]);
    expect(await evaluated('get', 'counter')).toBe('2');
  });

  test('a conflict reaches the caller of submitTransaction as a CommitError', async () => {
    await tashi.contract.submitTransaction('put', 'race', '1');
    const waiting = await endorsed('bump', 'race');
    await tashi.contract.submitTransaction('bump', 'race');
    const status = await (await waiting.submit()).getStatus();
    expect(status).toMatchObject({ code: 11, transactionId: waiting.getTransactionId() });
    const many = Array.from({ length: 8 }, () => tashi.contract.submitTransaction('bump', 'race'));
    const refused = (await Promise.allSettled(many)).filter((one) => one.status === 'rejected');
    for (const { reason } of refused) expect(reason).toBeInstanceOf(CommitError);
    expect(refused.length).toBeGreaterThan(0);
  });

  test('one that is on the ledger already is refused when it is proposed again', async () => {
    const proposal = tashi.contract.newProposal('put', { arguments: ['twice', '1'] });
    await (await (await proposal.endorse()).submit()).getStatus();
    const error = (await thrownBy(proposal.endorse())) as EndorseError;
    expect(error.code).toBe(10);
    expect(error.details[0]?.message).toContain(
      `duplicate transaction found [${proposal.getTransactionId()}]. Creator [`,
    );
  });

  test('one with too few endorsements is on the ledger with code 10', async () => {
    const transaction = await tashi.contract
      .newProposal('put', { arguments: ['lonely', '1'], endorsingOrganizations: ['MinistryMSP'] })
      .endorse();
    expect((await (await transaction.submit()).getStatus()).code).toBe(10);
  });
});

describe('refusals', () => {
  test('an evaluated chaincode error is UNKNOWN with the text and the peer', async () => {
    const error = (await thrownBy(evaluated('fail', 'boom'))) as GatewayError;
    expect(error).toBeInstanceOf(GatewayError);
    expect(error.code).toBe(2);
    expect(error.message).toBe(
      '2 UNKNOWN: evaluate call to endorser returned error: chaincode response 500, boom',
    );
    expect(error.details).toEqual([
      {
        address: expect.stringMatching(/^peer0\.ministry\.example:\d+$/),
        message: 'chaincode response 500, boom',
        mspId: 'MinistryMSP',
      },
    ]);
  });

  test('a submitted chaincode error is an EndorseError with the transaction id', async () => {
    const error = (await thrownBy(
      tashi.contract.submitTransaction('fail', 'boom'),
    )) as EndorseError;
    expect(error).toBeInstanceOf(EndorseError);
    expect(error.code).toBe(10);
    expect(error.transactionId).toMatch(/^[0-9a-f]{64}$/);
    expect(error.message).toBe(
      '10 ABORTED: failed to endorse transaction, see attached details for more info',
    );
    expect(error.details[0]?.message).toBe('chaincode response 500, boom');
  });

  test('an unknown chaincode is FAILED_PRECONDITION', async () => {
    const ghost = tashi.network.getContract('ghost');
    const evaluating = (await thrownBy(ghost.evaluateTransaction('get'))) as GatewayError;
    expect(evaluating.message).toBe(
      `9 FAILED_PRECONDITION: no peers available to evaluate chaincode ghost in channel ${channel}`,
    );
    const submitting = (await thrownBy(ghost.submitTransaction('get'))) as EndorseError;
    expect(submitting.message).toBe(
      '9 FAILED_PRECONDITION: no combination of peers can be derived which satisfy the ' +
        'endorsement policy: No metadata was found for chaincode ghost in channel procurement',
    );
  });

  test('an unknown channel is UNAVAILABLE to evaluate and FAILED_PRECONDITION to submit', async () => {
    const elsewhere = tashi.gateway.getNetwork('nochan').getContract('asset');
    const evaluating = (await thrownBy(elsewhere.evaluateTransaction('get'))) as GatewayError;
    expect(evaluating.message).toBe(
      '14 UNAVAILABLE: failed to get config for channel [nochan]: ' +
        'could not get last config for channel nochan',
    );
    const submitting = (await thrownBy(elsewhere.submitTransaction('get'))) as EndorseError;
    expect(submitting.code).toBe(9);
    expect(submitting.message).toContain('No metadata was found for chaincode asset in channel');
  });

  test("a proposal under somebody else's signature is refused", async () => {
    const bytes = tashi.contract.newProposal('get', { arguments: ['greeting'] }).getBytes();
    const other = tashi.contract.newProposal('get', { arguments: ['other'] });
    const wrong = gateway.ProposedTransaction.deserializeBinary(
      (await other.endorse(), other.getBytes()),
    );
    const signed = tashi.gateway.newSignedProposal(bytes, wrong.getProposal()!.getSignature_asU8());
    const error = (await thrownBy(signed.evaluate())) as GatewayError;
    expect(error.code).toBe(9);
    expect(error.message).toContain(
      'error validating proposal: access denied: channel [procurement] creator org [MinistryMSP]',
    );
  });

  test('a transaction under a wrong signature does not get past the ordering node', async () => {
    const transaction = await endorsed('put', 'forged', '1');
    const wrong = gateway.PreparedTransaction.deserializeBinary(
      (await endorsed('put', 'other', '1')).getBytes(),
    );
    const signature = wrong.getEnvelope()!.getSignature_asU8();
    const forged = tashi.gateway.newSignedTransaction(
      transaction.getBytes(),
      signature.length > 0 ? signature : Buffer.from('3006020101020101', 'hex'),
    );
    const error = (await thrownBy(forged.submit())) as GatewayError;
    expect(error.name).toBe('SubmitError');
    expect(error.message).toBe(
      '10 ABORTED: received unsuccessful response from orderer: status=FORBIDDEN, ' +
        'info=implicit policy evaluation failed - 0 sub-policies were satisfied, but this policy ' +
        "requires 1 of the 'Writers' sub-policies to be satisfied: permission denied",
    );
  });
});

describe('events and queries', () => {
  test('chaincode events come with name, payload and block, and resume after a transaction', async () => {
    const start = BigInt(theNetwork().network.heightOf('MinistryMSP'));
    for (const name of ['a', 'b', 'c']) {
      await tashi.contract.submitTransaction('event', name, `payload-${name}`);
    }
    const seen = await takeEvents(3, { startBlock: start });
    expect(seen.map((one) => one.eventName)).toEqual(['a', 'b', 'c']);
    expect(Buffer.from(seen[0]!.payload).toString()).toBe('payload-a');
    expect(seen[0]!.blockNumber).toBe(start);
    const checkpoint = {
      getBlockNumber: () => seen[0]!.blockNumber,
      getTransactionId: () => seen[0]!.transactionId,
    };
    const resumed = await takeEvents(2, { checkpoint });
    expect(resumed.map((one) => one.eventName)).toEqual(['b', 'c']);
  });

  test('qscc tells about the chain', async () => {
    const qscc = tashi.network.getContract('qscc');
    const info = common.BlockchainInfo.deserializeBinary(
      await qscc.evaluateTransaction('GetChainInfo', channel),
    );
    expect(info.getHeight()).toBe(theNetwork().network.heightOf('MinistryMSP'));
    const block = common.Block.deserializeBinary(
      await qscc.evaluateTransaction('GetBlockByNumber', channel, '0'),
    );
    expect(block.getHeader()?.getNumber()).toBe(0);
    const error = (await thrownBy(
      qscc.evaluateTransaction('GetTransactionByID', channel, 'ab'),
    )) as GatewayError;
    expect(error.details[0]?.message).toBe(
      'chaincode response 500, Failed to get transaction with id ab, ' +
        'error no such transaction ID [ab] in index',
    );
  });

  test('_lifecycle tells about the definition', async () => {
    const args = new peer.lifecycle.QueryChaincodeDefinitionArgs();
    args.setName('asset');
    const answer = await tashi.network
      .getContract('_lifecycle')
      .evaluate('QueryChaincodeDefinition', { arguments: [args.serializeBinary()] });
    const result = peer.lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(answer);
    expect([result.getSequence(), result.getVersion()]).toEqual([1, '1.0']);
    expect(result.getApprovalsMap().get('VendorMSP')).toBe(true);
  });
});

async function takeEvents(
  count: number,
  options: Parameters<GatewayClient['network']['getChaincodeEvents']>[1],
) {
  const events = await tashi.network.getChaincodeEvents('asset', options);
  const seen = [];
  try {
    for await (const event of events) {
      seen.push(event);
      if (seen.length === count) break;
    }
  } finally {
    events.close();
  }
  return seen;
}

describe('a restart', () => {
  test('names a damaged ledger, and rebuilds one that was removed from the orderer', async () => {
    const ledger = join(theNetwork().folder, 'peers', 'vendors.example', 'procurement');
    const height = theNetwork().network.heightOf('VendorMSP');
    client?.close();
    await theNetwork().network.close();
    await writeFile(join(ledger, 'CURRENT'), 'nonsense');
    await expect(theNetwork().restart()).rejects.toMatchObject({
      name: 'DataFolderError',
      code: 'LEDGER_CORRUPT',
      message: expect.stringContaining('Remove that folder'),
    });
    await rm(ledger, { recursive: true });
    await theNetwork().restart();
    tashi = client = await connectGateway(theNetwork().network, { user: 'tashi' });
    expect(theNetwork().network.heightOf('VendorMSP')).toBe(height);
  });

  test('keeps height, state and events, and goes on', async () => {
    await tashi.contract.submitTransaction('put', 'kept', 'yes');
    const heights = ['MinistryMSP', 'VendorMSP', 'AuditorMSP'].map((mspId) =>
      theNetwork().network.heightOf(mspId),
    );
    client?.close();
    await theNetwork().restart();
    tashi = client = await connectGateway(theNetwork().network, { user: 'tashi' });
    expect(theNetwork().network.heightOf('MinistryMSP')).toBe(heights[0]);
    expect(await evaluated('get', 'kept')).toBe('yes');
    expect((await takeEvents(1, { startBlock: 0n }))[0]?.eventName).toBe('a');
    await tashi.contract.submitTransaction('put', 'after', 'too');
    expect(await evaluated('get', 'after')).toBe('too');
  });
});
