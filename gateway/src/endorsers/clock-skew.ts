/** From how far on a clock is an alarm: a transaction is refused where they are 60 s apart. */
export const SKEW_ALARM_MS = 5_000;

/**
 * How far a clock is ahead of the gateway's, at least: it was read after the question was asked and
 * before the answer came, so an answer that took its time never looks like a clock that is wrong.
 * @param reading all in milliseconds since 1970; `askedMs` and `answeredMs` by the gateway's clock
 * @returns milliseconds, negative where the clock is behind; 0 where it may well be right
 */
export function skewOf(reading: {
  readonly askedMs: number;
  readonly clockMs: number;
  readonly answeredMs: number;
}): number {
  const { askedMs, clockMs, answeredMs } = reading;
  if (clockMs < askedMs) return clockMs - askedMs;
  return Math.max(0, clockMs - answeredMs);
}
