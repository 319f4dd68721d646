import { once } from 'node:events';
import { Duplex } from 'node:stream';
import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import type { orderer } from '@hyperledger/fabric-protos';
import type { BroadcastAnswer } from '../ordering-service';
import { silentLog, systemClock } from '../seams';
import { orderingNodeService } from './ordering-node-service';

const { SUCCESS, BAD_REQUEST } = common.Status;
const accepted = { status: SUCCESS, info: '' };
const refused = { status: BAD_REQUEST, info: 'no' };

/** A message that is answered with this. */
function message(answer: BroadcastAnswer): common.Envelope {
  const envelope = new common.Envelope();
  envelope.setPayload(Buffer.from(JSON.stringify(answer)));
  return envelope;
}

/** Answers in a later turn of the event loop, which is the hardest case for the stream. */
async function broadcast(envelope: common.Envelope): Promise<BroadcastAnswer> {
  await new Promise((resolve) => setImmediate(resolve));
  const text = Buffer.from(envelope.getPayload_asU8()).toString();
  return JSON.parse(text) as BroadcastAnswer;
}

/** Answers to messages that arrive together, with the client's end of the stream. */
async function answersTo(messages: readonly common.Envelope[]): Promise<number[]> {
  const { handlers } = orderingNodeService({
    ordering: { broadcast, channel: () => undefined },
    clock: systemClock,
    log: silentLog,
    closing: new AbortController().signal,
  });
  const answers: number[] = [];
  const stream = new Duplex({
    objectMode: true,
    read: () => undefined,
    write: (answer: orderer.BroadcastResponse, _encoding, done) => {
      answers.push(answer.getStatus());
      done();
    },
  });
  for (const one of messages) stream.push(one);
  stream.push(null);
  const handle = handlers['broadcast'] as handleBidiStreamingCall<unknown, unknown>;
  const finished = once(stream, 'finish');
  handle(stream as unknown as Parameters<typeof handle>[0]);
  await finished;
  return answers;
}

describe('Broadcast, where the client ended its side together with its last message', () => {
  test.each([1, 2, 5])('answers each of %i before it ends', async (count) => {
    const messages = Array.from({ length: count }, () => message(accepted));
    expect(await answersTo(messages)).toEqual(messages.map(() => SUCCESS));
  });

  test('tells why the last one is refused', async () => {
    expect(await answersTo([accepted, refused].map(message))).toEqual([SUCCESS, BAD_REQUEST]);
  });

  test('says nothing of what comes after a refusal', async () => {
    expect(await answersTo([refused, accepted].map(message))).toEqual([BAD_REQUEST]);
  });

  test('ends without an answer where there was no message', async () => {
    expect(await answersTo([])).toEqual([]);
  });
});
