/** Bids as callers may see them. */
import type { BidView, TenderRecord } from '@procurement/protocol';
import { sortList } from '@procurement/sealed';
import { viewBid } from '../domain/bid';
import { isOpened } from '../domain/phase';
import type { ProcurementContext } from '../ledger/procurement-context';
import { bidderIdOf } from './bidders';

/**
 * Every bid that was listed, with its final state and text, and every one that was excluded. For
 * opened tenders only.
 */
export async function listedBids(
  { records }: ProcurementContext,
  { tenderId }: TenderRecord,
): Promise<BidView[]> {
  const { entries, struck = [], excluded = [] } = await records.bidLists.get(tenderId);
  const views: BidView[] = [];
  for (const { lotId, vendorId, version } of sortList([...entries, ...struck, ...excluded])) {
    const bid = await records.bids.get(tenderId, lotId, vendorId, version);
    const outcome = await records.bidOutcomes.find(tenderId, lotId, vendorId);
    const document = await records.bidDocuments.find(tenderId, lotId, vendorId);
    const head = await records.bidHeads.get(tenderId, lotId, vendorId);
    views.push(viewBid(bid, head, { outcome, document }));
  }
  return views;
}

/** The caller's own latest bids, lot by lot; none where the caller bids under no name. */
export async function ownBids(
  context: ProcurementContext,
  tender: TenderRecord,
): Promise<BidView[]> {
  const vendorId = await bidderIdOf(context, tender);
  if (vendorId === undefined) return [];
  const views: BidView[] = [];
  for (const { lotId } of tender.lots) {
    const view = await ownBid(context, tender, { lotId, vendorId });
    if (view !== undefined) views.push(view);
  }
  return views;
}

async function ownBid(
  { records }: ProcurementContext,
  tender: TenderRecord,
  { lotId, vendorId }: { readonly lotId: string; readonly vendorId: string },
): Promise<BidView | undefined> {
  const place = [tender.tenderId, lotId, vendorId] as const;
  const head = await records.bidHeads.find(...place);
  if (head === undefined) return undefined;
  const bid = await records.bids.get(...place, head.version);
  if (!isOpened(tender)) return viewBid(bid, head);
  const outcome = await records.bidOutcomes.find(...place);
  return viewBid(bid, head, { outcome, document: await records.bidDocuments.find(...place) });
}
