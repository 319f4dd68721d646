/** Evaluation and award, worked out from the opened bids without a look at what the ledger says. */
import {
  type BidDocument,
  bidDocumentSchema,
  currentNoticeHash,
  decodeCanonical,
  ESTIMATE_VENDOR_ID,
  lineAmountMinor,
  AMOUNT_MAX_MINOR,
  parseQuantity,
  type Stored,
  type TechnicalBidDocument,
  technicalBidDocumentSchema,
  type TenderRecord,
} from '@procurement/protocol';
import { compareTickets } from '@procurement/sealed';

/** A listed bid at the end of the opening. */
export interface OpenedBid {
  readonly bidKey: string;
  readonly lotId: string;
  readonly vendorId: string;
  /** The text that was sealed; undefined where it did not open. */
  readonly text: string | undefined;
  /** Hash of the notice that the submission answered. */
  readonly noticeHash: string;
  /** Hash of the notice for which the bid was confirmed last. */
  readonly answered: string;
  /** Ciphertexts for which two stores have signed. */
  readonly documents: readonly Stored[];
  readonly ticket: string | undefined;
}

/** What a bid is worth. */
export interface Worth {
  readonly bidKey: string;
  readonly lotId: string;
  readonly vendorId: string;
  readonly responsive: boolean;
  /** Minor units; undefined where there is no document. */
  readonly amountMinor: bigint | undefined;
  readonly ticket: string | undefined;
}

/** Quantity times rate of every line, and whether the bid answers the notice. */
export function worthOf(tender: TenderRecord, noticeHash: string, bid: OpenedBid): Worth {
  const { bidKey, lotId, vendorId, ticket } = bid;
  const document = documentOf(bid.text);
  if (document === undefined) {
    return { bidKey, lotId, vendorId, ticket, responsive: false, amountMinor: undefined };
  }
  const amountMinor = document.lines.reduce((sum, line) => sum + lineAmountMinor(line), 0n);
  const responsive =
    isNamed(tender, bid, document) &&
    document.currency === tender.currency &&
    bid.answered === noticeHash &&
    hasEveryItem(tender, document) &&
    amountMinor <= AMOUNT_MAX_MINOR &&
    areStored(document, bid);
  return { bidKey, lotId, vendorId, ticket, responsive, amountMinor };
}

/** Whether a first envelope answers the notice; who judges what it offers are people. */
export function doesPass(tender: TenderRecord, bid: Omit<OpenedBid, 'bidKey' | 'ticket'>): boolean {
  if (bid.text === undefined) return false;
  const parsed = technicalBidDocumentSchema.safeParse(decodeCanonical(bid.text));
  if (!parsed.success) return false;
  return (
    isNamed(tender, bid, parsed.data) &&
    bid.answered === currentNoticeHash(tender) &&
    areStored(parsed.data, bid)
  );
}

/** Responsive bids of a lot, the lowest amount first, equal ones by their tickets. */
export function rank(bids: readonly Worth[]): Worth[] {
  return bids
    .filter(({ responsive, vendorId }) => responsive && vendorId !== ESTIMATE_VENDOR_ID)
    .sort((left, right) => {
      const difference = (left.amountMinor ?? 0n) - (right.amountMinor ?? 0n);
      if (difference !== 0n) return difference < 0n ? -1 : 1;
      if (left.ticket === undefined || right.ticket === undefined) return 0;
      return compareTickets(left.ticket, right.ticket);
    });
}

/**
 * The place of each ranked bid, 1 being the first. Equal amounts share a place where there is no
 * ticket.
 * @param ranked bids of one lot in the order of {@link rank}
 */
export function placesOf(
  ranked: readonly Worth[],
): { readonly place: number; readonly worth: Worth }[] {
  return ranked.map((worth, index) => {
    const { ticket, amountMinor } = worth;
    const first = ranked.findIndex((other) => other.amountMinor === amountMinor);
    return { place: (ticket === undefined ? first : index) + 1, worth };
  });
}

function documentOf(text: string | undefined): BidDocument | undefined {
  if (text === undefined) return undefined;
  const parsed = bidDocumentSchema.safeParse(decodeCanonical(text));
  return parsed.success ? parsed.data : undefined;
}

function areStored(
  { documents }: Pick<BidDocument, 'documents'>,
  bid: Pick<OpenedBid, 'documents'>,
): boolean {
  return documents.every(({ ctHash, ctLen }) =>
    bid.documents.some((stored) => stored.ctHash === ctHash && stored.ctLen === ctLen),
  );
}

function isNamed(
  tender: TenderRecord,
  bid: Pick<OpenedBid, 'lotId' | 'vendorId' | 'noticeHash'>,
  document: BidDocument | TechnicalBidDocument,
): boolean {
  return (
    document.tenderId === tender.tenderId &&
    document.lotId === bid.lotId &&
    document.vendorId === bid.vendorId &&
    document.noticeHash === bid.noticeHash
  );
}

/** Each item of the lot once, in the quantity of the notice, and nothing else. */
function hasEveryItem(tender: TenderRecord, { lotId, lines }: BidDocument): boolean {
  const due = tender.lots.find((lot) => lot.lotId === lotId)?.itemIds ?? [];
  const named = new Map(lines.map(({ itemId, quantity }) => [itemId, quantity]));
  return (
    lines.length === due.length &&
    due.every((itemId) => {
      const quantity = named.get(itemId);
      const item = tender.items.find((one) => one.itemId === itemId);
      if (quantity === undefined || item === undefined) return false;
      return parseQuantity(quantity) === parseQuantity(item.quantity);
    })
  );
}
