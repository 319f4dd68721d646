import type { Client } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GatewayError } from '@hyperledger/fabric-gateway';
import { common, gateway, ledger, msp, peer } from '@hyperledger/fabric-protos';
import type { Topology } from '../../../topology';
import { assetTopology, startAssetNetwork } from '../test-support/asset-network';
import type { TestNetwork } from '../test-network';
import { connectGateway } from '../test-support/gateway-client';
import type { GatewayClient } from '../test-support/gateway-client';

const [asset] = assetTopology.chaincodes;
const topology: Topology = {
  ...assetTopology,
  chaincodes: [
    asset!,
    { ...asset!, name: 'other', endorsementPolicy: "AND('MinistryMSP.peer', 'VendorMSP.peer')" },
  ],
};

let running: TestNetwork;
let tashi: GatewayClient;

beforeAll(async () => {
  running = await startAssetNetwork({ topology });
  await running.network.awaitChaincode('other');
  tashi = await connectGateway(running.network, { user: 'tashi' });
});

afterAll(async () => {
  tashi.close();
  await running.close();
});

interface Message {
  serializeBinary(): Uint8Array;
}

/** A unary call past the client library. @returns the error of the peer */
function refused(client: Client, path: string, request: Message): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      (message: Message) => Buffer.from(message.serializeBinary()),
      (bytes) => bytes,
      request,
      (error) => {
        if (error) resolve(error);
        else reject(new Error(`${path} was not refused`));
      },
    );
  });
}

interface Endorsed {
  readonly endorsers: readonly string[];
  readonly action: peer.ChaincodeAction;
  readonly prepared: gateway.PreparedTransaction;
  commit(): Promise<number>;
}

async function endorse(...[name, ...args]: [string, ...string[]]): Promise<Endorsed> {
  const transaction = await tashi.contract.newProposal(name, { arguments: args }).endorse();
  const prepared = gateway.PreparedTransaction.deserializeBinary(transaction.getBytes());
  const payload = common.Payload.deserializeBinary(prepared.getEnvelope()!.getPayload_asU8());
  const [first] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(
    first!.getPayload_asU8(),
  ).getAction()!;
  const proposed = peer.ProposalResponsePayload.deserializeBinary(
    endorsed.getProposalResponsePayload_asU8(),
  );
  return {
    prepared,
    action: peer.ChaincodeAction.deserializeBinary(proposed.getExtension_asU8()),
    endorsers: endorsed
      .getEndorsementsList()
      .map((one) => msp.SerializedIdentity.deserializeBinary(one.getEndorser_asU8()).getMspid())
      .sort(),
    commit: async () => (await (await transaction.submit()).getStatus()).code,
  };
}

describe('a refusal as real peers give it', () => {
  test('ends a stream of chaincode events of a channel that nobody knows', async () => {
    const events = await tashi.gateway.getNetwork('nochannel').getChaincodeEvents('asset');
    const error = await events[Symbol.asyncIterator]()
      .next()
      .catch((thrown: unknown) => thrown as GatewayError);
    expect(error).toMatchObject({
      code: 7,
      details: [],
      message: expect.stringContaining('Failed to get policy manager for channel [nochannel]'),
    });
  });

  test('answers a transaction that is submitted to a channel that nobody knows', async () => {
    const { prepared } = await endorse('put', 'elsewhere', '1');
    const envelope = prepared.getEnvelope()!;
    envelope.setSignature('signed');
    const request = new gateway.SubmitRequest();
    request.setChannelId('nochannel');
    request.setPreparedTransaction(envelope);
    expect(await refused(tashi.client, '/gateway.Gateway/Submit', request)).toMatchObject({
      code: 9,
      details:
        'failed to get config for channel [nochannel]: ' +
        'could not get last config for channel nochannel',
    });
  });
});

test('a range without rows says nothing about reads, and holds until a row comes', async () => {
  const empty = await endorse('rangePut', 'void-', 'void-z', 'void-count');
  const namespaces = ledger.rwset.TxReadWriteSet.deserializeBinary(
    empty.action.getResults_asU8(),
  ).getNsRwsetList();
  const own = namespaces.find((one) => one.getNamespace() === 'asset');
  const [range] = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(
    own!.getRwset_asU8(),
  ).getRangeQueriesInfoList();
  expect(range?.hasRawReads()).toBe(false);
  expect(await empty.commit()).toBe(peer.TxValidationCode.VALID);

  const late = await endorse('rangePut', 'void-', 'void-z', 'void-count');
  await tashi.contract.submitTransaction('put', 'void-b', '1');
  expect(await late.commit()).toBe(peer.TxValidationCode.PHANTOM_READ_CONFLICT);
});

test('a transaction that only calls another chaincode is planned by the policy of that', async () => {
  const called = await endorse('call', 'other', JSON.stringify(['put', 'through', '1']));
  expect(called.endorsers).toEqual(['MinistryMSP', 'VendorMSP']);
  expect(await called.commit()).toBe(peer.TxValidationCode.ENDORSEMENT_POLICY_FAILURE);
});
