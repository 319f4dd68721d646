/** What an organisation sets for its chaincode process, read once when the process starts. */

const DAY_MS = 24 * 3600 * 1000;
const MIN_BIDDING_DEFAULT_MS = 7 * DAY_MS;
const MIN_GRACE_DEFAULT_MS = 120_000;
const PERIOD_MAX_MS = 366 * DAY_MS;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Settings of a chaincode process. */
export interface Settings {
  /** The name under which the channel's definition knows this chaincode. */
  readonly chaincode: string;
  /** The least time from a tender's publication, and from each amendment, to its deadline. */
  readonly minBiddingMs: number;
  /** The least time from a deadline to the close. */
  readonly minGraceMs: number;
}

/**
 * Settings from environment variables, with defaults for what is not set: PROCUREMENT_CHAINCODE
 * (procurement), PROCUREMENT_MIN_BIDDING_MS (7 days), PROCUREMENT_MIN_GRACE_MS (120 s).
 * @throws {Error} naming the variable that has no usable value
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const chaincode = environment['PROCUREMENT_CHAINCODE'] ?? 'procurement';
  if (!ID.test(chaincode)) {
    throw new Error('PROCUREMENT_CHAINCODE must be the name of a chaincode, such as procurement.');
  }
  const minBiddingMs = readPeriodMs(environment, 'PROCUREMENT_MIN_BIDDING_MS');
  const minGraceMs = readPeriodMs(environment, 'PROCUREMENT_MIN_GRACE_MS');
  return {
    chaincode,
    minBiddingMs: minBiddingMs ?? MIN_BIDDING_DEFAULT_MS,
    minGraceMs: minGraceMs ?? MIN_GRACE_DEFAULT_MS,
  };
}

function readPeriodMs(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): number | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  const periodMs = Number(text);
  if (!/^[0-9]{1,12}$/.test(text) || periodMs > PERIOD_MAX_MS) {
    throw new Error(`${name} must be a whole number of milliseconds, at most a year.`);
  }
  return periodMs;
}

/** The settings of this process. */
export const processSettings: Settings = readSettings(process.env);
