/**
 * Examination and ranking of opened bids. Everything follows from what was sealed and what the
 * notice says: nobody types an amount, and where a vendor's own sums differ, quantity times rate
 * counts and both are kept.
 */
import {
  AMOUNT_MAX_MINOR,
  type AmountDifference,
  type BidDefect,
  type BidDocument,
  bidDocumentSchema,
  type BidEvaluationRecord,
  type BidListEntry,
  type BidOutcomeRecord,
  compareBytes,
  currentNoticeHash,
  decodeCanonical,
  ESTIMATE_VENDOR_ID,
  formatAmount,
  fromBase64url,
  lineAmountMinor,
  type Lot,
  parseAmount,
  parseQuantity,
  type Rank,
  type RankingRecord,
  type Stored,
  type TechnicalBidDocument,
  type TenderRecord,
} from '@procurement/protocol';

/** A listed bid in its final state, with everything that its examination needs. */
export interface Examined {
  readonly entry: BidListEntry;
  readonly outcome: BidOutcomeRecord;
  /** The text that was sealed; undefined where the bid did not open. */
  readonly document: string | undefined;
  /** The hash of the notice that the submission answered. */
  readonly noticeHash: string;
  /** The hash of the notice that the vendor has last confirmed the bid for. */
  readonly answered: string;
  /** The ciphertexts for which two stores have signed with the submission. */
  readonly receipted: readonly Stored[];
  /** The draw that orders equal amounts, base64url; undefined where there could be none. */
  readonly ticket: string | undefined;
}

type ItemDefectCode = 'ITEM_UNKNOWN' | 'ITEM_REPEATED' | 'ITEM_MISSING' | 'OTHER_QUANTITY';

/** What a bid is worth, and whether it answers the notice. */
export function evaluateBid(tender: TenderRecord, bid: Examined): BidEvaluationRecord {
  const { entry, outcome, ticket } = bid;
  const { bidKey, lotId, vendorId } = entry;
  const { tenderId } = tender;
  const name = { schema: 'bid-evaluation/1', tenderId, lotId, vendorId, bidKey } as const;
  const base = { ...name, state: outcome.state, ...(ticket && { ticket }) };
  const document = bid.document === undefined ? undefined : readBidDocument(bid.document);
  if (document === undefined) {
    const code = outcome.state === 'OPENED' ? 'NOT_A_BID_DOCUMENT' : 'NOT_OPENED';
    return { ...base, responsive: false, defects: [{ code }], differences: [] };
  }
  const evaluatedMinor = computedTotalMinor(document);
  const defects = [
    ...nameDefects(tender, bid, document),
    ...currencyDefects(tender, document),
    ...itemDefects(tender, lotId, document),
    ...amountDefects(evaluatedMinor),
    ...documentDefects(bid.receipted, document),
  ];
  return {
    ...base,
    responsive: defects.length === 0,
    defects,
    typedTotal: document.total,
    evaluatedAmount: evaluatedMinor.toString(),
    differences: amountDifferences(document),
  };
}

/**
 * A lot's responsive bids, the lowest evaluated amount first, equal ones by their tickets. Without
 * tickets equal bids share a place. The official estimate is examined, and has no place.
 */
export function rankLot(
  tender: TenderRecord,
  lot: Lot,
  evaluations: readonly BidEvaluationRecord[],
): RankingRecord {
  const ranks = evaluations
    .filter(({ lotId, responsive }) => responsive && lotId === lot.lotId)
    .filter(({ vendorId }) => vendorId !== ESTIMATE_VENDOR_ID)
    .map(toUnranked)
    .sort(compareUnranked)
    .map((bid, index, all): Rank => ({ rank: placeOf(all, index), ...bid }));
  const { tenderId, currency } = tender;
  return { schema: 'ranking/1', tenderId, lotId: lot.lotId, currency, ranks };
}

function placeOf(bids: readonly Omit<Rank, 'rank'>[], index: number): number {
  const bid = bids[index];
  if (bid === undefined || bid.ticket !== undefined) return index + 1;
  return bids.findIndex(({ evaluatedAmount }) => evaluatedAmount === bid.evaluatedAmount) + 1;
}

function readBidDocument(text: string): BidDocument | undefined {
  const result = bidDocumentSchema.safeParse(decodeCanonical(text));
  return result.success ? result.data : undefined;
}

/** Whether what was sealed names the tender, lot, vendor and notice under which it was handed in. */
export function nameDefects(
  tender: TenderRecord,
  { entry, noticeHash, answered }: Examined,
  document: BidDocument | TechnicalBidDocument,
): BidDefect[] {
  const comparisons = [
    ['OTHER_TENDER', document.tenderId, tender.tenderId],
    ['OTHER_LOT', document.lotId, entry.lotId],
    ['OTHER_VENDOR', document.vendorId, entry.vendorId],
    ['OTHER_NOTICE', document.noticeHash, noticeHash],
    ['NOT_CONFIRMED', answered, currentNoticeHash(tender)],
  ] as const;
  return comparisons.filter(([, named, due]) => named !== due).map(([code]) => ({ code }));
}

function currencyDefects({ currency }: TenderRecord, document: BidDocument): BidDefect[] {
  return document.currency === currency ? [] : [{ code: 'OTHER_CURRENCY' }];
}

function itemDefects(tender: TenderRecord, lotId: string, document: BidDocument): BidDefect[] {
  const due = itemsOfLot(tender, lotId);
  const named = document.lines.map(({ itemId }) => itemId);
  const unknown = named.filter((itemId) => !due.has(itemId));
  const repeated = named.filter((itemId, index) => named.indexOf(itemId) !== index);
  const missing = [...due.keys()].filter((itemId) => !named.includes(itemId));
  const otherwise = document.lines
    .filter(({ itemId, quantity }) => isOther(quantity, due.get(itemId)))
    .map(({ itemId }) => itemId);
  return [
    ...defectsOf('ITEM_UNKNOWN', unknown),
    ...defectsOf('ITEM_REPEATED', repeated),
    ...defectsOf('ITEM_MISSING', missing),
    ...defectsOf('OTHER_QUANTITY', otherwise),
  ];
}

/** Quantities of a lot's items by their ids. */
function itemsOfLot({ items, lots }: TenderRecord, lotId: string): ReadonlyMap<string, string> {
  const itemIds = new Set(lots.find((lot) => lot.lotId === lotId)?.itemIds);
  return new Map(
    items.filter(({ itemId }) => itemIds.has(itemId)).map((item) => [item.itemId, item.quantity]),
  );
}

/** Quantities are compared as numbers: 1.5 and 1.50 are the same. */
function isOther(quantity: string, due: string | undefined): boolean {
  return due !== undefined && parseQuantity(quantity) !== parseQuantity(due);
}

function defectsOf(code: ItemDefectCode, itemIds: readonly string[]): BidDefect[] {
  return [...new Set(itemIds)].map((itemId) => ({ code, itemId }));
}

function amountDefects(evaluatedMinor: bigint): BidDefect[] {
  return evaluatedMinor > AMOUNT_MAX_MINOR ? [{ code: 'AMOUNT_TOO_LARGE' }] : [];
}

/** A document is there only as two stores have signed for it, with hash and length. */
export function documentDefects(
  receipted: readonly Stored[],
  { documents }: Pick<BidDocument, 'documents'>,
): BidDefect[] {
  return documents
    .filter(
      ({ ctHash, ctLen }) =>
        !receipted.some((stored) => stored.ctHash === ctHash && stored.ctLen === ctLen),
    )
    .map(({ ctHash }) => ({ code: 'DOCUMENT_NOT_RECEIPTED', ctHash }));
}

function computedTotalMinor({ lines }: BidDocument): bigint {
  return lines.reduce((sum, line) => sum + lineAmountMinor(line), 0n);
}

function amountDifferences({ lines }: BidDocument): AmountDifference[] {
  return lines
    .map((line) => ({ line, computedMinor: lineAmountMinor(line) }))
    .filter(({ line, computedMinor }) => parseAmount(line.amount) !== computedMinor)
    .map(({ line, computedMinor }) => ({
      itemId: line.itemId,
      typed: line.amount,
      computed: computedMinor.toString(),
    }));
}

function toUnranked(bid: BidEvaluationRecord): Omit<Rank, 'rank'> {
  const { bidKey, vendorId, ticket } = bid;
  const evaluatedAmount = formatAmount(BigInt(bid.evaluatedAmount ?? '0'));
  return { bidKey, vendorId, evaluatedAmount, ...(ticket && { ticket }) };
}

function compareUnranked(left: Omit<Rank, 'rank'>, right: Omit<Rank, 'rank'>): number {
  const difference = parseAmount(left.evaluatedAmount) - parseAmount(right.evaluatedAmount);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  if (left.ticket === undefined || right.ticket === undefined) return 0;
  return compareBytes(fromBase64url(left.ticket), fromBase64url(right.ticket));
}
