/** The list of bids that are opened: how it is fixed, and reading it. */
import { type BidListRecord, Reject, type TenderRecord } from '@procurement/protocol';
import { type FirstEnvelope, listHash, secondList, sortList } from '@procurement/sealed';
import { isStanding, listEntryOf } from '../domain/bid';
import { startProgress } from '../domain/opening';
import { fixListOf } from '../domain/tender';
import type { ProcurementContext } from '../ledger/procurement-context';
import { requireAllCounted } from './bid-slots';

/** A tender whose list is fixed. */
export interface Listed {
  readonly tender: TenderRecord;
  readonly listHash: string;
}

/**
 * Fixes the list of a closed tender, and records the tender with it.
 * @param first for second envelopes: how the first came out, which decides what is listed
 * @throws {Reject} EXISTS or LIMIT
 */
export async function fixList(
  context: ProcurementContext,
  closed: TenderRecord,
  first?: readonly FirstEnvelope[],
): Promise<Listed> {
  const { records, fact } = context;
  const { tenderId } = closed;
  const heads = await records.bidHeads.list(tenderId);
  await requireAllCounted(context, tenderId, heads.length);
  const standing = heads.filter(isStanding).map(listEntryOf);
  const all = { listed: sortList(standing), excluded: [] };
  const { listed: entries, excluded } = first === undefined ? all : secondList(standing, first);
  const hash = listHash(context.tenderName(tenderId), entries);
  const list: BidListRecord = {
    ...{ schema: 'bid-list/1', tenderId, listHash: hash, entries },
    ...(excluded.length > 0 ? { excluded } : {}),
  };
  await records.bidLists.requireFree(tenderId);
  await records.bidLists.put(list, tenderId);
  await records.openingProgress.requireFree(tenderId);
  await records.openingProgress.put(startProgress(list), tenderId);
  const fixed = { fixed: fact, listHash: hash, bidCount: entries.length };
  const tender = fixListOf(closed, fixed);
  await records.tenders.put(tender, tenderId);
  return { tender, listHash: hash };
}

/**
 * The fixed list of a tender.
 * @throws {Reject} STATE where there is none yet: second envelopes wait for the first
 */
export async function requireList(
  { records }: ProcurementContext,
  tenderId: string,
): Promise<BidListRecord> {
  const list = await records.bidLists.find(tenderId);
  if (list === undefined) throw new Reject('STATE', { item: 'list' });
  return list;
}
