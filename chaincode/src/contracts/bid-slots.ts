/** The places that a tender has for bids, so that nobody can flood one. */
import { createHash } from 'node:crypto';
import { Reject } from '@procurement/protocol';
import type { ProcurementContext } from '../ledger/procurement-context';

/** The most bids that one tender takes, over all lots; far below what one range read gives. */
export const BIDS_MAX = 10_000;
/** Places that are looked at for one bid before the tender counts as full. */
const PROBES_MAX = 64;

/**
 * Takes a place for a bid's first version. Where two bids want the same one in the same block, one
 * of them has to be proposed again; a counter would let only one bid into each block.
 * @throws {Reject} LIMIT
 */
export async function takeSlot(
  { records }: ProcurementContext,
  tenderId: string,
  bidKey: string,
): Promise<void> {
  for (const slot of slotsOf(bidKey)) {
    if ((await records.bidSlots.find(tenderId, slot)) !== undefined) continue;
    await records.bidSlots.put({ schema: 'bid-slot/1', bidKey }, tenderId, slot);
    return;
  }
  throw new Reject('LIMIT', { what: 'bids of a tender', limit: BIDS_MAX });
}

/** The places that a bid may take, in the order in which they are tried. */
export function slotsOf(bidKey: string): readonly number[] {
  const first = createHash('sha256').update(bidKey).digest().readUInt32BE(0);
  return Array.from({ length: PROBES_MAX }, (_, step) => (first + step) % BIDS_MAX);
}

/**
 * Refuses to go on where a range read gave fewer bids than places are taken: a peer cuts a long
 * range without a word (fabric `query_response_generator.go`: totalQueryLimit).
 * @throws {Reject} LIMIT
 */
export async function requireAllCounted(
  { records }: ProcurementContext,
  tenderId: string,
  count: number,
): Promise<void> {
  const slots = await records.bidSlots.list(tenderId);
  if (slots.length !== count) {
    throw new Reject('LIMIT', { what: 'rows of a range', limit: Math.min(slots.length, count) });
  }
}
