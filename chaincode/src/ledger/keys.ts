/** Every key that the ledger writes: one prefix per record, and what follows it. */

/**
 * Prefixes of composite keys. The comment says which parts follow. Parts are ids, numbers and
 * base64url hashes, none of which can hold a separator.
 */
export const KEY_PREFIXES = {
  /** spki: whose a key is, and whether it is in force */
  key: 'key',
  /** act, hash of its content, mspId: the word of one organisation */
  approval: 'approval',
  /** vendorId */
  vendor: 'vendor',
  /** mspId, spki: which vendor a person is */
  vendorOwner: 'vendor-owner',
  /** hash of the licence: which vendor holds it */
  vendorLicence: 'vendor-licence',
  /** mspId: the store of an organisation */
  store: 'store',
  /** tenderId */
  tender: 'tender',
  /** tenderId, seat */
  committeeKey: 'committee-key',
  /** y: where an opening key was registered */
  openingKey: 'opening-key',
  /** tenderId, moment, seat */
  rehearsal: 'rehearsal',
  /** tenderId, slot: one of the places that a tender has for bids */
  bidSlot: 'bid-slot',
  /** tenderId, lotId, vendorId: the latest version, small */
  bidHead: 'bid-head',
  /** tenderId, lotId, vendorId, version: with its envelope */
  bid: 'bid',
  /** tenderId */
  bidList: 'bid-list',
  /** tenderId */
  openingProgress: 'opening-progress',
  /** tenderId, chunk, seat */
  shares: 'shares',
  /** tenderId, lotId, vendorId */
  bidOutcome: 'bid-outcome',
  /** tenderId, lotId, vendorId: the opened text, as raw bytes */
  bidDocument: 'bid-document',
  /** tenderId, lotId, vendorId */
  bidEvaluation: 'bid-evaluation',
  /** tenderId of a first envelope */
  technicalEvaluation: 'technical-evaluation',
  /** tenderId, lotId */
  ranking: 'ranking',
  /** tenderId */
  award: 'award',
  /** mspId, spki, requestId */
  request: 'request',
} as const;

/** A kind of record. */
export type KeyKind = keyof typeof KEY_PREFIXES;

/** One part of a key: an id, a number, or base64url. */
export type KeyPart = string | number;

const PART = /^[A-Za-z0-9._-]{1,64}$/;
const NUMBER_WIDTH = 10;

/**
 * The parts of a key as text; numbers are padded, so that ranges are in their order.
 * @throws {RangeError} where a part could be mistaken for two: ids are checked before this, and
 * this is the second lock (a composite key accepts even its own separator inside a part)
 */
export function keyParts(parts: readonly KeyPart[]): string[] {
  return parts.map((part) => {
    const text = typeof part === 'number' ? String(part).padStart(NUMBER_WIDTH, '0') : part;
    if (!PART.test(text)) throw new RangeError('a part of a key is neither id, number nor hash');
    return text;
  });
}
