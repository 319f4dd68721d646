/** What transactions write: parts of keys, records, and which command may write which. */
import {
  type CommandName,
  decodeCanonical,
  encodeCanonical,
  fromUtf8,
  otherEnvelopeOf,
} from '@procurement/protocol';
import { check } from '../check';
import type { Placed } from './chain';
import { type Step, tenderIdOf } from './step';

const KEYS = ['key', 'vendor', 'vendor-owner'] as const;
const OUTCOMES = ['bid-outcome', 'opening-progress', 'tender'] as const;

/** Prefixes of the keys that each command may write, besides the log of requests. */
const MAY_WRITE: Readonly<Record<CommandName, readonly string[]>> = {
  'key:register': ['key'],
  'key:revoke': ['key', 'approval'],
  'vendor:register': [...KEYS, 'vendor-licence'],
  'vendor:renewKey': KEYS,
  'vendor:recoverKey': [...KEYS, 'approval'],
  'store:register': ['store'],
  'store:replaceKey': ['store', 'approval'],
  'tender:create': ['tender'],
  'opening:registerKey': ['committee-key', 'opening-key'],
  'opening:rehearse': ['rehearsal'],
  'tender:publish': ['tender'],
  'tender:amend': ['tender'],
  'tender:cancel': ['tender', 'approval'],
  'bid:submit': ['bid', 'bid-head', 'bid-slot'],
  'bid:confirm': ['bid-head'],
  'bid:withdraw': ['bid-head'],
  'tender:close': ['tender', 'bid-list', 'opening-progress'],
  'opening:postShares': ['shares'],
  'opening:combine': [...OUTCOMES, 'bid-document'],
  'opening:strike': [...OUTCOMES, 'bid-list'],
  'opening:selfOpen': [...OUTCOMES, 'bid-document'],
  'opening:recordMissing': OUTCOMES,
  'award:evaluate': ['tender', 'bid-evaluation', 'ranking'],
  'award:recordTechnical': ['tender', 'technical-evaluation', 'approval'],
  'award:decide': ['tender', 'award'],
};

/** What a command on one envelope's tender may write under that of the other. */
const MAY_WRITE_BESIDE: Partial<Readonly<Record<CommandName, readonly string[]>>> = {
  'tender:cancel': ['tender'],
  'tender:close': ['tender'],
  'award:recordTechnical': ['tender', 'bid-list', 'opening-progress'],
};

/** Records that lie under no tender. */
const OUTSIDE = ['request', 'opening-key', 'approval'];

/** A record as it is written: its prefix, the other parts of its key, and its bytes. */
export interface Written {
  readonly prefix: string;
  readonly parts: readonly string[];
  readonly value: Uint8Array;
}

/** What a transaction writes, in the order of the keys. */
export function writtenBy({ writes }: Placed): Written[] {
  return writes.map(({ key, value }) => {
    const [, prefix = '', ...parts] = key.split('\u0000');
    return { prefix, parts: parts.slice(0, -1), value };
  });
}

/** The records that a transaction writes under a prefix. */
export function recordsOf(placed: Placed, prefix: string): object[] {
  return writtenBy(placed)
    .filter((one) => one.prefix === prefix)
    .map(({ value }) => recordOf(value));
}

/** The one record that a transaction writes under a prefix. @throws {CheckFailed} */
export function recordIn(placed: Placed, prefix: string): object {
  const [record, ...others] = recordsOf(placed, prefix);
  const isOne = record !== undefined && others.length === 0;
  check(isOne, `${placed.proposal.transaction} wrote no record "${prefix}", or several`, 'WRITES');
  return record;
}

/** A record from its bytes. @throws {EncodingError} */
export function recordOf(value: Uint8Array): object {
  return decodeCanonical(fromUtf8(value));
}

/**
 * A command writes only what belongs to it, under its own tender, and removes nothing.
 * @throws {CheckFailed}
 */
export function checkWritten({ name, input, placed }: Step): void {
  const tenderId = tenderIdOf(input);
  for (const { prefix, parts, value } of writtenBy(placed)) {
    if (isBeside(name, tenderId, { prefix, parts })) continue;
    const isAllowed = prefix === 'request' || MAY_WRITE[name].includes(prefix);
    check(isAllowed && value.length > 0, `${name} wrote a record "${prefix}"`, 'WRITES');
    const isHere = tenderId === undefined || OUTSIDE.includes(prefix) || parts[0] === tenderId;
    check(isHere, `${name} wrote a record "${prefix}" of another tender`, 'WRITES');
  }
}

/** Whether a record belongs to the other envelope's tender, and the command may write it there. */
function isBeside(
  name: CommandName,
  tenderId: string | undefined,
  { prefix, parts }: Pick<Written, 'prefix' | 'parts'>,
): boolean {
  const other = tenderId === undefined ? undefined : otherEnvelopeOf(tenderId);
  return parts[0] === other && (MAY_WRITE_BESIDE[name] ?? []).includes(prefix);
}

/** Whether two values have one canonical text. */
export function isSameText(left: unknown, right: unknown): boolean {
  return encodeCanonical({ value: left }) === encodeCanonical({ value: right });
}
