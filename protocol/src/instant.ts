/**
 * Instants: UTC to the millisecond in one spelling, `YYYY-MM-DDTHH:MM:SS.sssZ`. All have 24
 * characters, so the order of the texts is the order of time.
 */

const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;
const INSTANT_LENGTH = 24;
const YEAR_MAX_MS = 253_402_300_799_999;

/** Whether a text is an instant that exists: the thirtieth of February is none. */
export function isInstant(text: string): boolean {
  if (text.length !== INSTANT_LENGTH || !INSTANT.test(text)) return false;
  const epochMs = Date.parse(text);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString() === text;
}

/**
 * Milliseconds since 1970 of an instant's text; negative before.
 * @throws {RangeError} where the text is no instant
 */
export function instantToMs(text: string): number {
  if (!isInstant(text)) throw new RangeError('not an instant YYYY-MM-DDTHH:MM:SS.sssZ');
  return Date.parse(text);
}

/**
 * The text of an instant, given in whole milliseconds since 1970.
 * @throws {RangeError} where it is no integer, or lies outside the years 1970 to 9999
 */
export function instantFromMs(epochMs: number): string {
  if (!Number.isInteger(epochMs) || epochMs < 0 || epochMs > YEAR_MAX_MS) {
    throw new RangeError('an instant lies in the years 1970 to 9999');
  }
  return new Date(epochMs).toISOString();
}

/** Order of two instants: negative where the left one is earlier, 0 where they are the same. */
export function compareInstants(left: string, right: string): number {
  return instantToMs(left) - instantToMs(right);
}
