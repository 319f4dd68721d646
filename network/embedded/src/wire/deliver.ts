import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import type { BlockFeed } from '../order/block-feed';
import type { SignedDatum } from '../policy/signature-policy';
import { textOf } from '../../../machine/text-of';
import type { Clock, Log } from '../seams';
import { readSeekRequest, resolveRange } from './seek';
import type { SeekRequest } from './seek';
import { send, signalOf, UnreadableMessage } from './stream';

type Request = common.Envelope | UnreadableMessage;
type Status = common.StatusMap[keyof common.StatusMap];

/** A channel whose blocks are asked for. */
export interface DeliverChannel {
  /** At the moment. */
  readonly config: ChannelConfig;
  readonly feed: BlockFeed;
}

/** Where a stream of blocks comes from, and in which form. */
export interface DeliverParts<Answer> {
  readonly channel: (channelId: string) => DeliverChannel | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the network closes. */
  readonly closing: AbortSignal;
  /** @throws Error when the signer may not read these blocks */
  readonly checkAccess: (config: ChannelConfig, signed: SignedDatum) => void;
  readonly blockAnswer: (block: common.Block, request: SeekRequest) => Answer | Promise<Answer>;
  readonly statusAnswer: (status: Status) => Answer;
}

interface Session<Answer> {
  readonly parts: DeliverParts<Answer>;
  readonly call: ServerDuplexStream<common.Envelope, Answer>;
  readonly signal: AbortSignal;
}

/**
 * Handles streams of blocks. A client may ask again on the same stream after SUCCESS; any other
 * status ends the stream. Source: common/deliver/deliver.go:Handle.
 */
export function deliver<Answer>(
  parts: DeliverParts<Answer>,
): handleBidiStreamingCall<common.Envelope, Answer> {
  return (call) => {
    const session = { parts, call, signal: signalOf(call, parts.closing) };
    const requests = requestsOf(call, session.signal);
    serve(session, requests)
      .catch((error: unknown) => {
        parts.log.warn(`a stream of blocks broke: ${textOf(error)}`);
      })
      .finally(() => {
        call.end();
      });
  };
}

async function serve<Answer>(
  session: Session<Answer>,
  requests: AsyncIterable<Request>,
): Promise<void> {
  const { parts, call, signal } = session;
  for await (const envelope of requests) {
    if (envelope instanceof UnreadableMessage) {
      call.emit('error', envelope.refusal);
      return;
    }
    const status = await deliverBlocks(session, envelope);
    if (status === undefined) return;
    if (!(await send(call as never, parts.statusAnswer(status), signal))) return;
    if (status !== common.Status.SUCCESS) return;
  }
}

/** @returns the status that ends this request, undefined when the client has gone */
async function deliverBlocks<Answer>(
  session: Session<Answer>,
  envelope: common.Envelope,
): Promise<Status | undefined> {
  const { parts } = session;
  const request = readSeekRequest(envelope, parts.clock);
  if (!request) return common.Status.BAD_REQUEST;
  const channel = parts.channel(request.channelId);
  if (!channel) return common.Status.NOT_FOUND;
  if (!mayRead(parts, channel, request)) return common.Status.FORBIDDEN;
  const range = resolveRange(request.info, channel.feed.height);
  if (range === 'NOT_FOUND') return common.Status.NOT_FOUND;
  if (range === 'BAD_REQUEST') return common.Status.BAD_REQUEST;
  for (let number = range.first; number <= range.last; number += 1) {
    const refusal = await deliverOne(session, { request, channel, number });
    if (refusal !== 'sent') return refusal;
  }
  return common.Status.SUCCESS;
}

async function deliverOne<Answer>(
  session: Session<Answer>,
  asked: { request: SeekRequest; channel: DeliverChannel; number: number },
): Promise<Status | undefined | 'sent'> {
  const { parts, call, signal } = session;
  const { request, channel, number } = asked;
  const failIfNotReady =
    request.info.getBehavior() === orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY;
  if (failIfNotReady && number >= channel.feed.height) return common.Status.NOT_FOUND;
  if (!(await channel.feed.waitFor(number, signal))) return undefined;
  if (!mayRead(parts, channel, request)) return common.Status.FORBIDDEN;
  const answer = await parts.blockAnswer(channel.feed.block(number), request);
  return (await send(call as never, answer, signal)) ? 'sent' : undefined;
}

/**
 * The certificate may expire, and the configuration change, while the stream is open; so this is
 * asked for every block.
 */
function mayRead<Answer>(
  parts: DeliverParts<Answer>,
  { config }: DeliverChannel,
  { signed }: SeekRequest,
): boolean {
  try {
    parts.checkAccess(config, signed);
    const { notAfter } = config.msps.deserialize(signed.identity);
    return notAfter.getTime() > parts.clock.nowMs();
  } catch (error) {
    parts.log.info(`a client may not read blocks: ${textOf(error)}`);
    return false;
  }
}

/** The requests of a stream, one by one; ends when the client ends its side or goes away. */
async function* requestsOf(
  call: ServerDuplexStream<common.Envelope, never>,
  signal: AbortSignal,
): AsyncGenerator<Request> {
  const waiting: Request[] = [];
  const stream = { hasEnded: false };
  let wake: () => void = () => undefined;
  const end = (): void => {
    stream.hasEnded = true;
    wake();
  };
  call.on('data', (envelope: Request) => {
    waiting.push(envelope);
    wake();
  });
  call.on('end', end);
  call.on('error', end);
  signal.addEventListener('abort', end);
  for (;;) {
    const envelope = waiting.shift();
    if (envelope) yield envelope;
    else if (stream.hasEnded) return;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}
