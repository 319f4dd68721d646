import { status } from '@grpc/grpc-js';
import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { RawClients } from '../behaviours/raw-clients.test-support';
import { newAssetProposal } from '../behaviours/asset-proposal.test-support';
import { connectGateway } from '../test-support/gateway-client';
import type { GatewayClient } from '../test-support/gateway-client';
import { startAssetNetwork } from '../test-support/asset-network';
import type { TestNetwork } from '../test-network';
import { CallSlots } from './concurrency-limits';
import { askPeer } from './endorsing-peer';
import type { EndorsingPeer } from './endorsing-peer';

// Peers that take one call of each service at a time (Fabric: peer.limits.concurrency).

let running: TestNetwork;
let clients: RawClients;
let tashi: GatewayClient;

beforeAll(async () => {
  running = await startAssetNetwork({
    concurrencyLimits: { endorserService: 1, deliverService: 1, gatewayService: 1 },
    executeTimeoutMs: 1_000,
  });
  clients = await RawClients.of(running);
  tashi = await connectGateway(running.network, { user: 'tashi' });
}, 60_000);

afterAll(async () => {
  clients.close();
  tashi.close();
  await running.close();
});

const tooMany = (service: string): object => ({
  code: status.UNKNOWN,
  details: `too many requests for ${service}, exceeding concurrency limit (1)`,
});

/** What a call ends with. */
function endOf<Answer>(call: Promise<Answer>): Promise<unknown> {
  return call.catch((error: unknown) => (error as { cause?: unknown }).cause ?? error);
}

describe('a peer whose only call of a service is under way', () => {
  test('refuses another proposal, and takes one when it has answered', async () => {
    const creator = await clients.user('tashi');
    const propose = (...args: string[]): Promise<unknown> =>
      endOf(clients.propose('MinistryMSP', newAssetProposal({ creator, args }).signed));
    const [slow, refused] = await Promise.all([propose('hang'), propose('echo', 'a')]);
    expect(textOf(slow)).toContain('timeout expired while executing transaction');
    expect(refused).toMatchObject(tooMany('/protos.Endorser'));
    expect(textOf(await propose('echo', 'a'))).toBe('');
  });

  test('refuses another call of its gateway until a stream of events is closed', async () => {
    const evaluate = (): Promise<unknown> =>
      endOf(tashi.contract.evaluateTransaction('echo', 'a').then((bytes) => bytes.length));
    expect(await evaluate()).toBe(1);
    const events = await tashi.network.getChaincodeEvents('asset');
    const end = endOf(events[Symbol.asyncIterator]().next());
    expect(await evaluate()).toMatchObject(tooMany('/gateway.Gateway'));
    events.close();
    await end;
    let answer = await evaluate();
    while (answer !== 1) {
      expect(answer).toMatchObject(tooMany('/gateway.Gateway'));
      answer = await evaluate();
    }
  });

  test('refuses another stream of blocks until the first has ended', async () => {
    const first = openStream(tashi.client);
    expect(await statusOf(openStream(tashi.client))).toMatchObject(tooMany('/protos.Deliver'));
    first.end();
    expect(await statusOf(first)).toMatchObject({ code: status.OK });
    const second = openStream(tashi.client);
    second.end();
    expect(await statusOf(second)).toMatchObject({ code: status.OK });
  });
});

test("a gateway that asks another peer needs a slot of that peer's endorser", async () => {
  const endorserSlots = new CallSlots({ service: '/protos.Endorser', limit: 1 });
  const answer = new peer.ProposalResponse();
  answer.setResponse(new peer.Response());
  answer.getResponse()?.setStatus(200);
  const other: Partial<EndorsingPeer> = {
    ...{ endorserSlots, address: 'other:7051', mspId: 'OtherMSP', filtersLocalCalls: true },
    checkFilters: () => undefined,
    processProposal: () => Promise.resolve(answer),
  };
  const ask = (isLocal: boolean): ReturnType<typeof askPeer> =>
    askPeer(other as EndorsingPeer, new peer.SignedProposal(), isLocal);
  const end = endorserSlots.take();
  const message =
    'rpc error: code = Unknown desc = too many requests for /protos.Endorser, ' +
    'exceeding concurrency limit (1)';
  expect(await ask(false)).toMatchObject({ ok: false, code: status.UNAVAILABLE, message });
  expect(await ask(true)).toMatchObject({ ok: true });
  end();
  expect(await ask(false)).toMatchObject({ ok: true });
});

test('a limit of 0 is none', () => {
  const slots = new CallSlots({ service: '/protos.Endorser', limit: 0 });
  expect(() => Array.from({ length: 10_000 }, () => slots.take())).not.toThrow();
});

function textOf(outcome: unknown): string | undefined {
  return (outcome as peer.ProposalResponse).getResponse()?.getMessage();
}

type Stream = ClientDuplexStream<Buffer, Buffer>;

function openStream(client: Client): Stream {
  const same = (bytes: Buffer): Buffer => bytes;
  const stream = client.makeBidiStreamRequest('/protos.Deliver/Deliver', same, same);
  stream.on('error', () => undefined);
  stream.resume();
  return stream;
}

function statusOf(stream: Stream): Promise<unknown> {
  return new Promise((resolve) => {
    stream.on('status', resolve);
  });
}
