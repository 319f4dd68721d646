import { describe, expect, test } from '@jest/globals';
import { common, orderer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { readSeekRequest, resolveRange } from './seek';

const { SeekPosition } = orderer;
type Position = 'oldest' | 'newest' | 'next' | number | undefined;

function position(at: Position): orderer.SeekPosition | undefined {
  if (at === undefined) return undefined;
  const found = new SeekPosition();
  if (at === 'oldest') found.setOldest(new orderer.SeekOldest());
  else if (at === 'newest') found.setNewest(new orderer.SeekNewest());
  else if (at === 'next') found.setNextCommit(new orderer.SeekNextCommit());
  else {
    const specified = new orderer.SeekSpecified();
    specified.setNumber(at);
    found.setSpecified(specified);
  }
  return found;
}

function range(start: Position, stop: Position): ReturnType<typeof resolveRange> {
  const info = new orderer.SeekInfo();
  info.setStart(position(start));
  info.setStop(position(stop));
  return resolveRange(info, 10);
}

describe('a range of blocks on a ledger of ten', () => {
  const cases: readonly [Position, Position, ReturnType<typeof resolveRange>][] = [
    ['oldest', 'newest', { first: 0, last: 9 }],
    ['newest', 'newest', { first: 9, last: 9 }],
    ['oldest', 'oldest', { first: 0, last: 0 }],
    ['newest', Number.MAX_SAFE_INTEGER, { first: 9, last: Number.MAX_SAFE_INTEGER }],
    ['next', 2 ** 63, { first: 10, last: 2 ** 63 }],
    ['next', 'newest', { first: 10, last: Number.POSITIVE_INFINITY }],
    [10, 12, { first: 10, last: 12 }],
    [11, 12, 'NOT_FOUND'],
    [5, 4, 'BAD_REQUEST'],
    [undefined, 4, 'BAD_REQUEST'],
    [4, undefined, 'BAD_REQUEST'],
  ];
  test.each(cases)('from %s to %s is %j', (start, stop, expected) => {
    expect(range(start, stop)).toEqual(expected);
  });
});

describe('the timestamp of a request for blocks', () => {
  const nowMs = Date.UTC(2026, 0, 1);

  function isTaken(timestamp: Timestamp | undefined): boolean {
    const channel = new common.ChannelHeader();
    channel.setTimestamp(timestamp);
    const header = new common.Header();
    header.setChannelHeader(channel.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    const envelope = new common.Envelope();
    envelope.setPayload(payload.serializeBinary());
    return readSeekRequest(envelope, { nowMs: () => nowMs }) !== undefined;
  }

  test.each([
    [14, true],
    [-14, true],
    [16, false],
    [-16, false],
  ])('%d minutes off is taken: %s', (minutes, taken) => {
    expect(isTaken(Timestamp.fromDate(new Date(nowMs + minutes * 60_000)))).toBe(taken);
  });

  test('must be there', () => {
    expect(isTaken(undefined)).toBe(false);
  });
});
