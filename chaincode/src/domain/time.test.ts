import { describe, expect, test } from '@jest/globals';
import { Reject } from '@procurement/protocol';
import { readingOf, requireBidInTime, requireGracePassed, requireTrueTime } from './time';

const deadlineMs = Date.UTC(2027, 0, 1);
const graceMs = 120_000;
const tender = { tenderId: 'T', deadline: '2027-01-01T00:00:00.000Z', graceMs };

function codeOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof Reject ? error.code : String(error);
  }
}

describe('the time of a transaction', () => {
  test.each([
    [0, undefined],
    [59_999, undefined],
    [60_000, undefined],
    [60_001, 'CLOCK'],
    [30 * 365 * 86_400_000, 'CLOCK'],
    [9e15, 'CLOCK'],
  ])('%d ms away from the clock, before or after, gives %s', (distanceMs, code) => {
    for (const atMs of [deadlineMs - distanceMs, deadlineMs + distanceMs]) {
      const times = { atMs, clockMs: deadlineMs };
      const check = codeOf(() => {
        requireTrueTime(times);
      });
      expect(check).toBe(code);
    }
  });
});

describe("the reading of an endorser's clock", () => {
  test('is told however far it is from the time of the transaction', () => {
    expect(readingOf({ atMs: deadlineMs, clockMs: deadlineMs + 90_000 })).toEqual({
      at: '2027-01-01T00:00:00.000Z',
      clock: '2027-01-01T00:01:30.000Z',
    });
  });

  test('is not told for a time that no calendar has', () => {
    const check = codeOf(() => {
      readingOf({ atMs: 9e15, clockMs: deadlineMs });
    });
    expect(check).toBe('CLOCK');
  });
});

describe('the deadline', () => {
  test.each([
    [-1, -1, undefined],
    [0, 0, undefined],
    [0, 60_000, undefined],
    [0, graceMs, undefined],
    [0, graceMs + 1, 'DEADLINE'],
    [1, 1, 'DEADLINE'],
    [1, -1, 'DEADLINE'],
  ])('signed at %d ms, clock at %d ms from it: %s', (atMs, clockMs, code) => {
    const times = { atMs: deadlineMs + atMs, clockMs: deadlineMs + clockMs };
    const check = codeOf(() => {
      requireBidInTime(tender, times);
    });
    expect(check).toBe(code);
  });
});

describe('the close', () => {
  test.each([
    [graceMs, graceMs, undefined],
    [graceMs + 1, graceMs, undefined],
    [graceMs - 1, graceMs, 'EARLY'],
    [graceMs, graceMs - 1, 'EARLY'],
    [0, 0, 'EARLY'],
  ])('signed at %d ms, clock at %d ms from the deadline: %s', (atMs, clockMs, code) => {
    const times = { atMs: deadlineMs + atMs, clockMs: deadlineMs + clockMs };
    const check = codeOf(() => {
      requireGracePassed(tender, times);
    });
    expect(check).toBe(code);
  });
});
