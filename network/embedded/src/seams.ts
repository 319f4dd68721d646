/** The places where a test may put something else than the machine's own clock and log. */

/** Where the network asks for the time. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

/** Where the network says what it does. Texts never hold keys, payloads or transient data. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
}

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** A log that keeps quiet. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined };
