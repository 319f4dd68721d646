/**
 * Names that end up inside ledger keys and hashes. They are checked before a key is built, so that
 * no separator, control character or look-alike can make two names collide (TSEAL-V1 section 1).
 */

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const PROCUREMENT_ID_LENGTH_MAX = 54;
const LICENCE = /^[A-Za-z0-9 ./_-]{1,64}$/;
const NOT_COMPARED = /[^A-Za-z0-9]/g;
const ENVELOPE_SUFFIX = /\.(technical|financial)$/;

/** The vendorId under which a tender's owner seals the official estimate; nobody registers it. */
export const ESTIMATE_VENDOR_ID = '.estimate';

/** Whether a text is an id: 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or digit. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Whether a text may stand as vendorId inside a bid key: an id, or the reserved estimate. */
export function isBidderId(text: string): boolean {
  return text === ESTIMATE_VENDOR_ID || isId(text);
}

/** Whether a text may be a licence's number: 1 to 64 of `A-Z a-z 0-9 . / _ -` and the space. */
export function isLicence(text: string): boolean {
  return LICENCE.test(text) && comparableLicence(text) !== '';
}

/**
 * What of a licence's number tells it from others: letters and digits, whatever stands between them
 * and however they are written, so that no firm registers `L-17` and `l 17` as two.
 */
export function comparableLicence(licence: string): string {
  return licence.replace(NOT_COMPARED, '').toUpperCase();
}

/**
 * Whether a text may name a procurement: an id of at most 54 characters that does not end in one of
 * the suffixes under which a two-envelope procurement keeps its two tenders.
 */
export function isProcurementId(text: string): boolean {
  return isId(text) && text.length <= PROCUREMENT_ID_LENGTH_MAX && !ENVELOPE_SUFFIX.test(text);
}

/** The two envelopes of a bid, where a procurement has two, in the order in which they are opened. */
export const ENVELOPES = ['technical', 'financial'] as const;

/** One of the two envelopes of a bid. */
export type EnvelopeKind = (typeof ENVELOPES)[number];

/**
 * Whether a text may name a tender: the id of a procurement, or that of one of its two envelopes,
 * each of which is a tender of its own (TSEAL-V1 section 3).
 */
export function isTenderId(text: string): boolean {
  return isProcurementId(procurementIdOf(text));
}

/** Which envelope a tender is for; undefined where bids have one. */
export function envelopeOf(tenderId: string): EnvelopeKind | undefined {
  const [, suffix] = ENVELOPE_SUFFIX.exec(tenderId) ?? [];
  return ENVELOPES.find((kind) => kind === suffix);
}

/** The id of the procurement that a tender belongs to: its own, where bids have one envelope. */
export function procurementIdOf(tenderId: string): string {
  return tenderId.replace(ENVELOPE_SUFFIX, '');
}

/**
 * The tender of a procurement for one of its two envelopes.
 * @param id of the procurement, or of either of its tenders
 */
export function tenderIdOfEnvelope(id: string, kind: EnvelopeKind): string {
  return `${procurementIdOf(id)}.${kind}`;
}

/** The tender for the other envelope of the same bids; undefined where bids have one. */
export function otherEnvelopeOf(tenderId: string): string | undefined {
  const kind = envelopeOf(tenderId);
  if (kind === undefined) return undefined;
  return tenderIdOfEnvelope(tenderId, kind === 'technical' ? 'financial' : 'technical');
}

/** The key by which the seal, the list and the ticket know a bid: `bid/tender/lot/vendor`. */
export function bidKeyOf(bid: {
  readonly tenderId: string;
  readonly lotId: string;
  readonly vendorId: string;
}): string {
  return `bid/${bid.tenderId}/${bid.lotId}/${bid.vendorId}`;
}

/**
 * The parts of a bid key, or undefined where the text is none.
 */
export function parseBidKey(
  text: string,
): { tenderId: string; lotId: string; vendorId: string } | undefined {
  const [prefix, tenderId, lotId, vendorId, ...rest] = text.split('/');
  if (prefix !== 'bid' || rest.length > 0) return undefined;
  if (tenderId === undefined || lotId === undefined || vendorId === undefined) return undefined;
  if (!isId(tenderId) || !isId(lotId) || !isBidderId(vendorId)) return undefined;
  return { tenderId, lotId, vendorId };
}
