import { expect } from '@jest/globals';
import { checkpointers } from '@hyperledger/fabric-gateway';
import type { ChaincodeEvent, ChaincodeEventsOptions } from '@hyperledger/fabric-gateway';
import { gateway } from '@hyperledger/fabric-protos';
import type { CaseGroup } from '../conformance-case';
import { submit } from '../gateway-calls';
import type { GatewayUse } from '../gateway-connections';
import { policyCheckFailure } from '../known-texts';
import { outcomeOf } from '../outcomes';
import type { Outcome } from '../outcomes';
import type { Signer } from '../signer';
import type { World } from '../world';

const permissionDenied = { ok: false, grpcCode: 7 };

const events: CaseGroup = {
  title: 'the events of a chaincode',
  cases: [
    {
      id: '64',
      title: 'are those of valid transactions, from a checkpoint on',
      observe: observeResumption,
      expected: { badCode: 10, all: ['a', 'b', 'c', 'd'], after: ['c', 'd'], unknownAfter: [] },
    },
    {
      id: '64b',
      title: 'begin with the next block where no start is given',
      observe: async (world) => {
        await submit(world, ['event', 'earlier', 'p']);
        const got = namesOf(world, 1);
        await submit(world, ['event', 'later', 'p']);
        return { got: await got };
      },
      expected: { got: ['later'] },
    },
    {
      id: '64c',
      title: 'are for readers of a channel',
      observe: async (world) => {
        const signer = await world.identities.stranger();
        const silent = new AbortController();
        const unknownChaincode = namesOf(
          world,
          1,
          { startBlock: 0n },
          { chaincode: 'nope', until: silent.signal },
        );
        await namesOf(world, 1, { startBlock: 0n });
        silent.abort();
        return {
          unknownChannel: await outcomeOf(namesOf(world, 1, {}, { channel: 'nochan' })),
          unknownChaincode: await unknownChaincode,
          nonReader: await outcomeOf(namesOf(world, 1, {}, { signer, via: 'MinistryMSP' })),
        };
      },
      expected: {
        unknownChannel: permissionDenied,
        unknownChaincode: [],
        nonReader: {
          ...permissionDenied,
          message: `7 PERMISSION_DENIED: ${policyCheckFailure('Readers')}`,
        },
      },
    },
  ],
};

const statuses: CaseGroup = {
  title: 'the status of a transaction',
  cases: [
    {
      id: '70',
      title: 'is told at once when it is known, and to readers',
      observe: observeStatuses,
      expected: {
        ...{ fast: true, statusCode: 11, viaContract: { error: 'CommitError' } },
        unknownTxid: {
          ok: false,
          message: expect.stringMatching(/^(4 DEADLINE_EXCEEDED: Deadline|1 CANCELLED: Call) /),
        },
      },
      // Client and peer both end the call at its deadline, and either may be first.
      chance: ['unknownTxid'],
    },
  ],
};

/** Events and statuses at the gateway. */
export function eventCases(): readonly CaseGroup[] {
  return [events, statuses];
}

interface Listening extends Partial<GatewayUse> {
  /** Ends the stream. */
  readonly until?: AbortSignal;
}

/** Names of the next events, so many of them unless the stream is ended before. */
async function namesOf(
  world: World,
  count: number,
  options: ChaincodeEventsOptions = {},
  { until, ...use }: Listening = {},
): Promise<string[]> {
  const signer = use.signer ?? (await world.client());
  const network = world.gateways.network({ ...use, signer });
  const stream = await network.getChaincodeEvents(use.chaincode ?? 'probe', options);
  until?.addEventListener('abort', () => {
    stream.close();
  });
  try {
    return await namesIn(stream, count);
  } catch (error) {
    if (until?.aborted === true) return [];
    throw error;
  } finally {
    stream.close();
  }
}

async function namesIn(events: AsyncIterable<ChaincodeEvent>, count: number): Promise<string[]> {
  const names: string[] = [];
  for await (const { eventName } of events) {
    names.push(eventName);
    if (names.length === count) break;
  }
  return names;
}

async function observeResumption(world: World): Promise<object> {
  const [a] = await world.commit(await world.forged(['event', 'a', 'p']));
  const bad = await world.orderForged(['event', 'bad', 'p'], { by: [] });
  const b = await submit(world, ['event', 'b', 'p']);
  for (const name of ['c', 'd']) await world.prepare(['event', name, 'p']);
  const startBlock = BigInt(a!.block);
  const at = (transactionId: string) => ({
    checkpoint: { getBlockNumber: () => BigInt(b.block), getTransactionId: () => transactionId },
  });
  const kept = checkpointers.inMemory();
  await kept.checkpointTransaction(BigInt(b.block), b.txId);
  const ended = new AbortController();
  const unknownAfter = namesOf(world, 1, at('00'.repeat(32)), { until: ended.signal });
  const seen = {
    badCode: bad.validationCode,
    all: await namesOf(world, 4, { startBlock }),
    after: await namesOf(world, 2, at(b.txId)),
    checkpoint: await namesOf(world, 2, { checkpoint: kept }),
  };
  // By now the stream that opens no more has had as much time as those that did.
  ended.abort();
  return { ...seen, unknownAfter: await unknownAfter };
}

async function observeStatuses(world: World): Promise<object> {
  const proposal = await world.proposal(['addTo', 'k70', '1']);
  const loser = await world.forgedFrom(proposal);
  await world.prepare(['addTo', 'k70', '1']);
  await world.commit(loser);
  const signer = await world.client();
  const stranger = await world.identities.stranger();
  const of = (about: Partial<Asked>) =>
    statusOf(world, { txId: proposal.txId, signer, at: 'MinistryMSP', ...about });
  // Nothing is ordered meanwhile: whoever waited for another block would wait until the deadline.
  const height = world.watch().blocks.length;
  const first = await of({ deadlineMs: 30_000 });
  const heightThen = world.watch().blocks.length;
  const elsewhere = await of({ signer: await world.client('VendorMSP'), at: 'VendorMSP' });
  return {
    fast: heightThen === height,
    sameBlockFromOtherPeer: first.getBlockNumber() === elsewhere.getBlockNumber(),
    statusCode: first.getResult(),
    second: (await of({})).getResult(),
    unknownTxid: await outcomeOf(of({ txId: 'ff'.repeat(32), deadlineMs: 300 })),
    denied: await outcomeOf(of({ signer: stranger })),
    unknownChannel: await outcomeOf(of({ channel: 'nochan' })),
    viaContract: await conflictOfContract(world),
  };
}

interface Asked {
  readonly txId: string;
  readonly signer: Signer;
  readonly at: string;
  readonly channel?: string;
  readonly deadlineMs?: number;
}

function statusOf(
  world: World,
  { txId, signer, at, channel = 'procurement', deadlineMs }: Asked,
): Promise<gateway.CommitStatusResponse> {
  const request = new gateway.CommitStatusRequest();
  request.setTransactionId(txId);
  request.setChannelId(channel);
  request.setIdentity(signer.serialized);
  const signed = new gateway.SignedCommitStatusRequest();
  signed.setRequest(request.serializeBinary());
  signed.setSignature(signer.sign(signed.getRequest_asU8()));
  return world.clients.commitStatus(at, signed, deadlineMs);
}

/** Several at the same time read the same version, so that only the first of a block counts. */
async function conflictOfContract(world: World): Promise<Outcome> {
  const contract = await world.contract();
  const calls = Array.from({ length: 8 }, () =>
    outcomeOf(contract.submitTransaction('addTo', 'k70', '1')),
  );
  const lost = (await Promise.all(calls)).find(({ ok }) => ok === false);
  if (!lost) throw new Error('no transaction was in the way of another');
  return lost;
}
