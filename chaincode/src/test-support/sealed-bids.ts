/** Bids sealed for a procurement, with what their bidders keep. */
import { type BidDocument, decodeCanonical, ESTIMATE_VENDOR_ID } from '@procurement/protocol';
import { type Committee, type makeSelfOpen, seal } from '@procurement/sealed';

/** Which lines a bidder prices, and how. */
export interface Offer {
  readonly lotId: string;
  /** Rate of every item of the lot, in minor units. */
  readonly rate: string;
  /** Changes to the honest document before it is sealed. */
  readonly change?: (document: BidDocument) => object;
}

/** A published tender, as whoever seals sees it. */
interface Bidding {
  readonly onTender: { readonly requestId: string; readonly tenderId: string };
  readonly people: { readonly officer: { readonly spki: string } };
  committee(): Promise<Committee>;
  document(vendor: number, offer: Offer): Promise<BidDocument>;
}

/** A sealed bid: input of `bid:submit`, and what its bidder keeps. */
export interface Sealed {
  readonly input: Record<string, unknown>;
  readonly secret: Parameters<typeof makeSelfOpen>[0];
}

/** Seals what a bidder has written, for a lot of a published tender. */
export async function sealedFor(
  procurement: Bidding,
  { vendorId, spki: vendorSpki }: { readonly vendorId: string; readonly spki: string },
  written: { readonly document: BidDocument; readonly offer: Offer; readonly version: number },
): Promise<Sealed> {
  const { document, offer, version } = written;
  const { lotId } = offer;
  const committee = await procurement.committee();
  const bid = { lotId, vendorId, vendorSpki, version };
  const { text, seed } = await seal({
    committee,
    bid,
    plain: offer.change?.(document) ?? document,
  });
  const { noticeHash } = document;
  const envelope = decodeCanonical(text);
  const input = { ...procurement.onTender, lotId, noticeHash, version, envelope };
  return { input, secret: { committee, bid, seed } };
}

/** The official estimate, sealed by an officer of the buyer. */
export async function sealedEstimate(procurement: Bidding, offer: Offer): Promise<Sealed> {
  const document = { ...(await procurement.document(0, offer)), vendorId: ESTIMATE_VENDOR_ID };
  const bidder = { vendorId: ESTIMATE_VENDOR_ID, spki: procurement.people.officer.spki };
  return sealedFor(procurement, bidder, { document, offer, version: 1 });
}
