/** The list of bids that the close fixes, and its chunks (TSEAL-V1 section 7). */
import {
  type BidState,
  compareBytes,
  fromBase64url,
  lengthPrefixed,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import type { TenderName } from './committee';
import { sha256 } from './digest';
import { u32 } from './transcript';

/** Bids that one message of shares covers. */
export const CHUNK_SIZE = 200;

/** One line of the list. `envelopeHash` is base64url. */
export interface ListEntry {
  readonly bidKey: string;
  readonly version: number;
  readonly envelopeHash: string;
}

/** The entries in the order of the list: ascending by the bytes of the bid key. */
export function sortList<Entry extends { readonly bidKey: string }>(
  entries: readonly Entry[],
): Entry[] {
  return [...entries].sort((left, right) => compareBytes(utf8(left.bidKey), utf8(right.bidKey)));
}

/** Hash of a list in its order, base64url. */
export function listHash(tender: TenderName, entries: readonly ListEntry[]): string {
  const { channel, chaincode, tenderId } = tender;
  const head = ['TSEAL-V1-LIST', channel, chaincode, tenderId, u32(entries.length)];
  const rows = entries.flatMap(({ bidKey, version, envelopeHash }) => [
    bidKey,
    u32(version),
    fromBase64url(envelopeHash),
  ]);
  return toBase64url(sha256(lengthPrefixed(...head, ...rows)));
}

/** How many chunks a list of `count` bids has. */
export function chunkCount(count: number): number {
  return Math.ceil(count / CHUNK_SIZE);
}

/** Number of the chunk that a list position (from 0) falls into, and the place inside it. */
export function chunkPlace(position: number): { readonly chunk: number; readonly index: number } {
  return { chunk: Math.floor(position / CHUNK_SIZE), index: position % CHUNK_SIZE };
}

/** The part of a list that one chunk covers; empty where there is no such chunk. */
export function chunkOf<Entry>(list: readonly Entry[], chunk: number): Entry[] {
  return list.slice(chunk * CHUNK_SIZE, (chunk + 1) * CHUNK_SIZE);
}

/** How the first envelope of a bid came out, in a procurement with two envelopes. */
export interface FirstEnvelope {
  readonly lotId: string;
  readonly vendorId: string;
  readonly state: BidState;
  /** Whether the first envelope is recorded as passed. */
  readonly passed: boolean;
}

/**
 * The list of second envelopes: exactly the bids of the same lot and vendor whose first envelope is
 * opened and passed. The others are excluded; no share and no self-opening for them is accepted.
 * Both come in the order of the list.
 */
export function secondList<
  Entry extends { readonly bidKey: string; readonly lotId: string; readonly vendorId: string },
>(
  entries: readonly Entry[],
  first: readonly FirstEnvelope[],
): { readonly listed: readonly Entry[]; readonly excluded: readonly Entry[] } {
  const passed = new Set(
    first
      .filter((bid) => bid.state === 'OPENED' && bid.passed)
      .map(({ lotId, vendorId }) => `${lotId}/${vendorId}`),
  );
  const isPassed = ({ lotId, vendorId }: Entry): boolean => passed.has(`${lotId}/${vendorId}`);
  const sorted = sortList(entries);
  return { listed: sorted.filter(isPassed), excluded: sorted.filter((entry) => !isPassed(entry)) };
}
