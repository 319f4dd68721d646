/** Milliseconds since 1970. */
export type Clock = () => number;

/**
 * The endorser's own clock, and the only place where one is read. It decides whether a transaction
 * is taken or refused, and never enters a write: two endorsers' clocks differ, their answers must
 * not. `audit:clock` alone shows it, to whoever watches it.
 */
export const endorserClock: Clock = () => Date.now();
