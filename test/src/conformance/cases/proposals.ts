import { expect } from '@jest/globals';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common } from '@hyperledger/fabric-protos';
import type { CaseGroup, ConformanceCase } from '../conformance-case';
import { evaluate, evaluateOutcome, submit, submitOutcome } from '../gateway-calls';
import { unknownError } from '../known-texts';
import { outcomeOf, responseView } from '../outcomes';
import type { Outcome } from '../outcomes';
import { signedProposal } from '@procurement/network/messages/proposal';
import { newTransaction } from '@procurement/network/messages/transaction';
import { sha256 } from '@procurement/network/messages/signer';
import type { World } from '../world';

const chaincodeThrew = { error: 'GatewayError', grpcCode: 2 };
const endorsed = { ok: true, result: { status: 200, endorsed: true, version: 1 } };
const tenYearsAgo = Timestamp.fromDate(new Date('2016-01-01T00:00:00Z'));
const outsideWindow = expect.stringContaining('request unauthorized due to incorrect timestamp');

const results: CaseGroup = {
  title: 'the result of a chaincode',
  cases: [
    {
      id: '1a',
      title: 'evaluate returns the bytes of the chaincode unchanged',
      observe: async (world) => ({ payload: await evaluate(world, ['echo', 'héllo €']) }),
      expected: { payload: 'héllo €' },
    },
    {
      id: '1b',
      title: 'evaluate returns an empty result',
      observe: async (world) => ({ length: (await evaluate(world, ['nothing'])).length }),
      expected: { length: 0 },
    },
    {
      id: '1c',
      title: 'submit returns an empty result',
      observe: async (world) => {
        const { code, result } = await submit(world, ['event', 'told', 'p']);
        return { validationCode: code, length: result.length };
      },
      expected: { validationCode: 0, length: 0 },
    },
    {
      id: '1d',
      title: 'a result of a million bytes is returned',
      observe: async (world) => ({ length: (await evaluate(world, ['big', '1000000'])).length }),
      expected: { length: 1_000_000 },
    },
    {
      id: '2',
      title: 'an error that is thrown during evaluate is told with one detail',
      observe: (world) => evaluateOutcome(world, ['fail', 'boom']),
      expected: { ...chaincodeThrew, details: [{ message: 'chaincode response 500, boom' }] },
    },
    {
      id: '2b',
      title: 'an error that is thrown during ProcessProposal is a response without endorsement',
      observe: (world) => world.ask(['putFail', 'k', 'boom']),
      expected: { ok: true, result: { status: 500, message: 'boom', endorsed: false } },
    },
    {
      id: '3',
      title: 'an error that is thrown during submit is a refusal to endorse with details',
      observe: (world) => submitOutcome(world, ['putFail', 'k', 'boom']),
      expected: {
        error: 'EndorseError',
        grpcCode: 10,
        details: [{ message: 'chaincode response 500, boom' }],
      },
    },
    {
      id: '4',
      title: 'a function that the contract does not have is named',
      observe: (world) => evaluateOutcome(world, ['absent']),
      expected: {
        ...chaincodeThrew,
        message:
          '2 UNKNOWN: evaluate call to endorser returned error: chaincode response 500, ' +
          "You've asked to invoke a function that does not exist: absent",
      },
    },
    ...rawStatuses(),
  ],
};

const places: CaseGroup = {
  title: 'a chaincode or channel that is not there',
  cases: [
    {
      id: '5a',
      title: 'evaluate finds no peer for an unknown chaincode',
      observe: (world) => evaluateOutcome(world, ['get', 'a'], { chaincode: 'nope' }),
      expected: {
        grpcCode: 9,
        message:
          '9 FAILED_PRECONDITION: no peers available to evaluate chaincode nope in channel ' +
          'procurement',
      },
    },
    {
      id: '5b',
      title: 'endorse finds no combination of peers for an unknown chaincode',
      observe: (world) => submitOutcome(world, ['get', 'a'], { chaincode: 'nope' }),
      expected: { error: 'EndorseError', grpcCode: 9, details: [] },
    },
    {
      id: '5c',
      title: 'a peer says that an unknown chaincode is not defined',
      observe: (world) => world.ask(['get', 'a'], { chaincode: 'nope' }),
      expected: { ok: true, result: { status: 500, endorsed: false } },
    },
    {
      id: '6a',
      title: 'evaluate on an unknown channel is unavailable',
      observe: (world) => evaluateOutcome(world, ['get', 'a'], { channel: 'nochan' }),
      expected: { error: 'GatewayError', grpcCode: 14 },
    },
    {
      id: '6b',
      title: 'endorse on an unknown channel finds no combination of peers',
      observe: (world) => submitOutcome(world, ['get', 'a'], { channel: 'nochan' }),
      expected: { error: 'EndorseError', grpcCode: 9 },
    },
    {
      id: '6c',
      title: 'a peer answers for an unknown channel without a gRPC error',
      observe: (world) => world.ask(['get', 'a'], { channel: 'nochan' }),
      expected: { ok: true, result: { status: 500, message: "channel 'nochan' not found" } },
    },
  ],
};

const headers: CaseGroup = {
  title: 'the header of a proposal',
  cases: [
    {
      id: '7',
      title: 'must have the transaction id that follows from it',
      observe: (world) =>
        world.ask(['get', 'a'], {
          changeChannelHeader: (header) => {
            header.setTxId('00'.repeat(31) + '01');
          },
        }),
      expected: {
        ok: false,
        grpcCode: 2,
        message: expect.stringContaining('incorrectly computed txid'),
      },
    },
    {
      id: '16a',
      title: 'must not have the transaction id of a committed transaction',
      observe: askAgain,
      expected: {
        ok: false,
        grpcCode: 2,
        message: expect.stringContaining('duplicate transaction found ['),
      },
    },
    {
      id: '17a',
      title: 'may be old on 2.5, but not on 3.x',
      observe: (world) =>
        world.ask(['txinfo'], {
          changeChannelHeader: (header) => {
            header.setTimestamp(tenYearsAgo);
          },
        }),
      expectedByCompat: { '2.5': endorsed, '3.1': { grpcCode: 2, message: outsideWindow } },
    },
    {
      id: '17b',
      title: 'may have no time on 2.5, but not on 3.x',
      observe: (world) => askWithoutTime(world, 'echo', 'x'),
      expectedByCompat: { '2.5': endorsed, '3.1': { grpcCode: 2, message: outsideWindow } },
    },
    {
      id: '17c',
      title: 'may have no time, which the chaincode then misses',
      observe: (world) => askWithoutTime(world, 'txinfo'),
      expectedByCompat: {
        '2.5': { ok: true, result: { status: 500, endorsed: false } },
        '3.1': { grpcCode: 2, message: outsideWindow },
      },
    },
    wrongHeader('x1', 'must have epoch 0', 'epoch is non-zero', (header) => {
      header.setEpoch(1);
    }),
    wrongSignatureHeader('x2', 'must have a nonce', 'nonce is empty', (header) => {
      header.setNonce('');
    }),
    wrongSignatureHeader('x3', 'must have a creator', 'creator is empty', (header) => {
      header.setCreator('');
    }),
    wrongHeader('x5', 'must not be that of a message', 'invalid header type MESSAGE', (header) => {
      header.setType(common.HeaderType.MESSAGE);
    }),
    {
      id: 'x6',
      title: 'must name a chaincode',
      observe: (world) => world.ask(['get', 'a'], { chaincode: '' }),
      expected: unknownError('ChaincodeHeaderExtension.ChaincodeId.Name is empty'),
    },
    {
      id: 'x21',
      title: 'gives the transaction its time and its binding',
      observe: observeTransactionInfo,
      expected: { secondsSame: true, nanos: 789_000_000, bindingMatches: true },
    },
  ],
};

const answers: CaseGroup = {
  title: 'a proposal',
  cases: [
    {
      id: 'x7',
      title: 'without arguments is answered by the shim',
      observe: (world) => world.ask([]),
      expected: { ok: true, result: { status: 200, payload: 'Default initiator successful.' } },
    },
    {
      id: 'x9',
      title: 'must decode',
      observe: async (world) => {
        const signed = signedProposal(Buffer.of(0xff, 0xff, 0xff), await world.client());
        return outcomeOf(world.clients.propose('MinistryMSP', signed), responseView);
      },
      expected: {
        ok: false,
        grpcCode: 2,
        message: expect.stringContaining('error unmarshalling Proposal'),
      },
    },
    {
      id: 'x10',
      title: 'that the chaincode does not answer in time fails',
      observe: (world) => world.ask(['sleep', String(world.driver.executeTimeoutMs + 2000)]),
      expected: {
        ok: true,
        result: {
          status: 500,
          message: expect.stringContaining('timeout expired while executing'),
        },
      },
    },
    {
      id: 'x11',
      title: 'that succeeds is answered with version 1 and no timestamp',
      observe: (world) => world.ask(['echo', 'x']),
      expected: { ok: true, result: { status: 200, version: 1, hasTimestamp: false } },
    },
  ],
};

/** Proposals, whoever sends them. */
export function proposalCases(): readonly CaseGroup[] {
  return [results, places, headers, answers];
}

function rawStatuses(): ConformanceCase[] {
  const answerOf = async (world: World, status: number) => {
    const args = ['answer', String(status), 'message', 'payload'];
    const response = await world.run(args, { chaincode: 'raw' });
    const { message, payload, endorsed: isEndorsed } = responseView(response);
    const hasPayload = response.getPayload_asU8().length > 0;
    return { status, message, payload, endorsed: isEndorsed, hasPayload };
  };
  const expected = (status: number) => ({
    status,
    message: 'message',
    payload: 'payload',
    endorsed: status < 400,
    hasPayload: status < 400 || status >= 500,
  });
  const statuses = [100, 200, 201, 399, 400, 404, 499, 500];
  return [
    {
      id: '18',
      title: 'is endorsed below status 400, answered without payload from there, with it from 500',
      observe: (world) => Promise.all(statuses.map((status) => answerOf(world, status))),
      expected: statuses.map(expected),
    },
    {
      id: '18b',
      title: 'below status 200 is an error to the gateway',
      observe: (world) => submitOutcome(world, ['answer', '100', 'too low'], { chaincode: 'raw' }),
      expected: { error: 'EndorseError', grpcCode: 10 },
    },
  ];
}

function wrongHeader(
  id: string,
  title: string,
  text: string,
  changeChannelHeader: (header: common.ChannelHeader) => void,
): ConformanceCase {
  return {
    id,
    title,
    observe: (world) => world.ask(['get', 'a'], { changeChannelHeader }),
    expected: unknownError(`error validating proposal: ${text}`),
  };
}

function wrongSignatureHeader(
  id: string,
  title: string,
  text: string,
  changeSignatureHeader: (header: common.SignatureHeader) => void,
): ConformanceCase {
  return {
    id,
    title,
    observe: (world) => world.ask(['get', 'a'], { changeSignatureHeader }),
    expected: unknownError(`error validating proposal: ${text}`),
  };
}

function askWithoutTime(world: World, ...args: string[]): Promise<Outcome> {
  return world.ask(args, {
    changeChannelHeader: (header) => {
      header.clearTimestamp();
    },
  });
}

async function askAgain(world: World): Promise<Outcome> {
  const proposal = await world.proposal(['put', 'k16', 'v']);
  const mspIds = ['AuditorMSP', 'MinistryMSP'];
  const responses = await Promise.all(
    mspIds.map((mspId) => world.clients.propose(mspId, proposal.signed)),
  );
  await world.commit(
    newTransaction({
      proposal,
      payload: responses[0]!.getPayload_asU8(),
      endorsements: responses.map((one) => one.getEndorsement()!),
    }),
  );
  return outcomeOf(world.clients.propose('MinistryMSP', proposal.signed), responseView);
}

/** Of a proposal a minute ago; the binding is that of Fabric's protoutil:ComputeProposalBinding. */
async function observeTransactionInfo(world: World): Promise<object> {
  const time = new Timestamp();
  time.setSeconds(Math.floor(Date.now() / 1000) - 60);
  time.setNanos(789_000_000);
  const proposal = await world.proposal(['txinfo'], {
    changeChannelHeader: (header) => {
      header.setTimestamp(time);
    },
  });
  const response = await world.clients.propose('MinistryMSP', proposal.signed);
  const info = JSON.parse(
    Buffer.from(response.getResponse()!.getPayload_asU8()).toString('utf8'),
  ) as TransactionInfo;
  const header = common.SignatureHeader.deserializeBinary(
    proposal.header.getSignatureHeader_asU8(),
  );
  const binding = sha256(header.getNonce_asU8(), header.getCreator_asU8(), Buffer.alloc(8));
  return {
    secondsSame: info.timestamp.seconds === String(time.getSeconds()),
    nanos: info.timestamp.nanos,
    dateIs: new Date(info.dateTimestamp).getTime() === time.toDate().getTime(),
    channel: info.channel,
    txidMatches: info.txId === proposal.txId,
    bindingMatches: info.binding === binding.toString('hex'),
  };
}

interface TransactionInfo {
  readonly txId: string;
  readonly channel: string;
  readonly timestamp: { readonly seconds: string; readonly nanos: number };
  readonly binding: string;
  readonly dateTimestamp: string;
}
