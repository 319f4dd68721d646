/** Reading everything that an evaluation needs, and what it gave. */
import type { BidListRecord, LotResult, TenderRecord } from '@procurement/protocol';
import { ticket } from '@procurement/sealed';
import { isFirstEnvelope } from '../domain/envelopes';
import type { Examined } from '../domain/evaluation';
import type { ProcurementContext } from '../ledger/procurement-context';

/** Every listed bid with its text and its ticket, in list order. */
export async function examinedBids(
  context: ProcurementContext,
  list: BidListRecord,
): Promise<Examined[]> {
  const { records } = context;
  const { tenderId } = list;
  const bids: Omit<Examined, 'ticket'>[] = [];
  for (const entry of list.entries) {
    const { lotId, vendorId, version } = entry;
    const { noticeHash, documents = [] } = await records.bids.get(
      tenderId,
      lotId,
      vendorId,
      version,
    );
    const { confirmed } = await records.bidHeads.get(tenderId, lotId, vendorId);
    const outcome = await records.bidOutcomes.get(tenderId, lotId, vendorId);
    const document = await records.bidDocuments.find(tenderId, lotId, vendorId);
    const answered = confirmed?.noticeHash ?? noticeHash;
    bids.push({ entry, outcome, document, noticeHash, answered, receipted: documents });
  }
  const secrets = bids.flatMap(({ outcome }) => outcome.S ?? []);
  // A ticket is over the secret of every listed bid: where one stayed unknown there is no draw.
  if (secrets.length < bids.length) return bids.map((bid) => ({ ...bid, ticket: undefined }));
  const draw = { tender: context.tenderName(tenderId), listHash: list.listHash, secrets };
  return bids.map((bid) => ({ ...bid, ticket: ticket({ ...draw, bidKey: bid.entry.bidKey }) }));
}

/** Every lot with its bids, its ranking and its award, as far as they are there. */
export async function lotResults(
  { records }: ProcurementContext,
  tender: TenderRecord,
): Promise<LotResult[]> {
  const { tenderId } = tender;
  if (tender.evaluated === undefined || isFirstEnvelope(tenderId)) return [];
  const award = await records.awards.find(tenderId);
  const results: LotResult[] = [];
  for (const { lotId } of tender.lots) {
    const bids = await records.bidEvaluations.list(tenderId, lotId);
    const { ranks } = await records.rankings.get(tenderId, lotId);
    const lotAward = award?.lots.find((lot) => lot.lotId === lotId);
    results.push({ lotId, bids, ranks, award: lotAward });
  }
  return results;
}
