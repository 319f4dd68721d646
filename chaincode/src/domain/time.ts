/**
 * When things may happen. A client chooses its transaction's time, so the endorser's clock must
 * bear it out; what is recorded is the transaction's time.
 */
import {
  deadlineOf,
  envelopeOf,
  graceEndMs,
  instantFromMs,
  instantToMs,
  isInstant,
  OPENING_PERIOD_DEFAULT_MS,
  Reject,
  type TenderRecord,
} from '@procurement/protocol';

/** How far a transaction's time and an endorser's clock may differ. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** A transaction's own time and the endorser's clock, in milliseconds since 1970. */
export interface Times {
  readonly atMs: number;
  readonly clockMs: number;
}

/**
 * What the clock shows at a transaction's time, however far they are apart.
 * @throws {Reject} CLOCK where the transaction's time is of no year that can be written
 */
export function readingOf({ atMs, clockMs }: Times): { at: string; clock: string } {
  const at = instantText(atMs);
  if (isInstant(at)) return { at, clock: instantFromMs(clockMs) };
  throw new Reject('CLOCK', { at, toleranceMs: CLOCK_TOLERANCE_MS });
}

type Period = Pick<TenderRecord, 'tenderId' | 'deadline' | 'graceMs' | 'amendments'>;

/**
 * Refuses a transaction whose time the clock does not bear out.
 * @throws {Reject} CLOCK
 */
export function requireTrueTime({ atMs, clockMs }: Times): void {
  if (Math.abs(clockMs - atMs) <= CLOCK_TOLERANCE_MS) return;
  // The clock itself stays out of the answer, so that endorsers answer alike.
  throw new Reject('CLOCK', { at: instantText(atMs), toleranceMs: CLOCK_TOLERANCE_MS });
}

/**
 * Refuses a bid signed after the deadline, or held back until after the grace.
 * @throws {Reject} DEADLINE
 */
export function requireBidInTime(tender: Period, { atMs, clockMs }: Times): void {
  const deadline = deadlineOf(tender);
  const deadlineMs = instantToMs(deadline);
  if (atMs <= deadlineMs && clockMs <= deadlineMs + tender.graceMs) return;
  throw new Reject('DEADLINE', { at: instantText(atMs), deadline, tenderId: tender.tenderId });
}

/**
 * Refuses a close before deadline and grace have passed, by the transaction's time and the clock.
 * @throws {Reject} EARLY
 */
export function requireGracePassed(tender: Period, times: Times): void {
  requirePassed(tender, times, graceEndMs(tender));
}

type Opening = Period & Pick<TenderRecord, 'listFixed' | 'openingPeriodMs'>;

/**
 * When the opening of a tender ends, in milliseconds since 1970. Second envelopes cannot be opened
 * before the first are evaluated, so their time runs from then.
 */
export function openingEndMs(tender: Opening): number {
  const { tenderId, listFixed, openingPeriodMs = OPENING_PERIOD_DEFAULT_MS } = tender;
  const isSecond = envelopeOf(tenderId) === 'financial' && listFixed !== undefined;
  return (isSecond ? instantToMs(listFixed.at) : graceEndMs(tender)) + openingPeriodMs;
}

/**
 * Refuses to record that a bid could not be opened before the opening has ended, by the
 * transaction's time and the clock.
 * @throws {Reject} EARLY
 */
export function requireOpeningPassed(tender: Opening, times: Times): void {
  requirePassed(tender, times, openingEndMs(tender));
}

function requirePassed(tender: Period, { atMs, clockMs }: Times, opensAtMs: number): void {
  if (atMs >= opensAtMs && clockMs >= opensAtMs) return;
  const opensAt = instantText(opensAtMs);
  throw new Reject('EARLY', { at: instantText(atMs), opensAt, tenderId: tender.tenderId });
}

function instantText(epochMs: number): string {
  // A forged header can carry any number of seconds, and a refusal must still be a refusal.
  try {
    return instantFromMs(epochMs);
  } catch {
    return String(epochMs);
  }
}
