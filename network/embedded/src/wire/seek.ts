import { common, orderer } from '@hyperledger/fabric-protos';
import type { Clock } from '../seams';
import type { SignedDatum } from '../policy/signature-policy';
import { decode } from './protobuf';

/** How far a request's timestamp may be from the server's clock. */
const timeWindowMs = 15 * 60 * 1000;

/** A request for blocks, taken apart. */
export interface SeekRequest {
  readonly channelId: string;
  readonly signed: SignedDatum;
  readonly info: orderer.SeekInfo;
}

/**
 * Takes a request for blocks apart.
 * @returns undefined when it is malformed or its timestamp is missing or too far off
 * Source: common/deliver/deliver.go:parseEnvelope, validateChannelHeader
 */
export function readSeekRequest(envelope: common.Envelope, clock: Clock): SeekRequest | undefined {
  try {
    const payload = decode(common.Payload, 'Payload', envelope.getPayload_asU8());
    const header = payload.getHeader();
    if (!header) return undefined;
    const channel = decode(common.ChannelHeader, 'ChannelHeader', header.getChannelHeader_asU8());
    if (!isTimely(channel, clock)) return undefined;
    const identity = decode(
      common.SignatureHeader,
      'SignatureHeader',
      header.getSignatureHeader_asU8(),
    ).getCreator_asU8();
    return {
      channelId: channel.getChannelId(),
      info: decode(orderer.SeekInfo, 'SeekInfo', payload.getData_asU8()),
      signed: {
        data: envelope.getPayload_asU8(),
        identity,
        signature: envelope.getSignature_asU8(),
      },
    };
  } catch {
    return undefined;
  }
}

function isTimely(channel: common.ChannelHeader, clock: Clock): boolean {
  const timestamp = channel.getTimestamp();
  if (!timestamp) return false;
  const atMs = timestamp.getSeconds() * 1000 + timestamp.getNanos() / 1_000_000;
  return Math.abs(clock.nowMs() - atMs) <= timeWindowMs;
}

/** Which blocks a request asks for, by number. */
export interface BlockRange {
  readonly first: number;
  /** Last block, itself included; may be far beyond the tip. */
  readonly last: number;
}

/** Refused because the blocks do not exist, or because the request makes no sense. */
export type RangeRefusal = 'NOT_FOUND' | 'BAD_REQUEST';

/**
 * Turns positions into numbers. A start at the height waits for the next block; one beyond it is
 * not found.
 * @param height number of blocks of the ledger
 * Source: common/deliver/deliver.go:deliverBlocks, blockledger/fileledger/impl.go:Iterator
 */
export function resolveRange(info: orderer.SeekInfo, height: number): BlockRange | RangeRefusal {
  const start = info.getStart();
  const stop = info.getStop();
  if (!start || !stop) return 'BAD_REQUEST';
  const first = firstBlock(start, height);
  if (first === undefined) return 'NOT_FOUND';
  const last = lastBlock({ start, stop, first, height });
  return last < first ? 'BAD_REQUEST' : { first, last };
}

function firstBlock(start: orderer.SeekPosition, height: number): number | undefined {
  const { OLDEST, NEWEST, SPECIFIED, NEXT_COMMIT } = orderer.SeekPosition.TypeCase;
  switch (start.getTypeCase()) {
    case OLDEST:
      return 0;
    case NEWEST:
      return height - 1;
    case NEXT_COMMIT:
      return height;
    case SPECIFIED: {
      const number = start.getSpecified()?.getNumber() ?? 0;
      return number <= height ? number : undefined;
    }
    default:
      return undefined;
  }
}

function lastBlock(parts: {
  readonly start: orderer.SeekPosition;
  readonly stop: orderer.SeekPosition;
  readonly first: number;
  readonly height: number;
}): number {
  const { OLDEST, NEWEST, SPECIFIED } = orderer.SeekPosition.TypeCase;
  switch (parts.stop.getTypeCase()) {
    case OLDEST:
      return parts.first;
    case NEWEST:
      return newestStop(parts);
    case SPECIFIED:
      return parts.stop.getSpecified()?.getNumber() ?? 0;
    default:
      return 0;
  }
}

/** A start beyond the newest block never meets the stop, so such a stream goes on for good. */
function newestStop(parts: {
  readonly start: orderer.SeekPosition;
  readonly first: number;
  readonly height: number;
}): number {
  if (parts.start.getTypeCase() === orderer.SeekPosition.TypeCase.NEWEST) return parts.first;
  const newest = parts.height - 1;
  return parts.first > newest ? Number.POSITIVE_INFINITY : newest;
}
