/**
 * Shapes of everything that the ledger stores, each with one version tag in `schema`. Hashes, keys
 * and points are base64url; amounts are decimal text.
 */
import { z } from 'zod';
import {
  bidKeySchema,
  bidderIdSchema,
  bytes32Schema,
  countSchema,
  currencySchema,
  descriptionSchema,
  documentSchema,
  idSchema,
  licenceSchema,
  instantSchema,
  mspIdSchema,
  positiveQuantitySchema,
  tenderIdSchema,
  titleSchema,
} from './fields';
import { fact, factSchema, signerSchema, transactionIdSchema } from './facts';
import type { Immutable } from './immutable';
import {
  committeeKeySchema,
  envelopeSchema,
  openSharesSchema,
  rehearsalSchema,
} from './seal-messages';
import { BID_DOCUMENTS_MAX, storedSchema, storeReceiptSchema, STORES_OF_EACH } from './stores';

const ITEMS_MAX = 1000;
/** The most lots of one tender. */
export const LOTS_MAX = 50;
const DOCUMENTS_MAX = 100;
const SEATS_MAX = 255;
/** One for each store of each document, and of the envelope's own ciphertext. */
export const RECEIPTS_MAX = STORES_OF_EACH * (BID_DOCUMENTS_MAX + 1);
/** The most amendments of one notice. */
export const AMENDMENTS_MAX = 50;
const DAY_MS = 24 * 3600 * 1000;
const GRACE_MAX_MS = 7 * DAY_MS;
const OPENING_PERIOD_MAX_MS = 90 * DAY_MS;
/** How long the opening of a tender lasts whose draft says nothing of it. */
export const OPENING_PERIOD_DEFAULT_MS = 7 * DAY_MS;

/** A vendor in the register. */
export const vendorRecordSchema = z.strictObject({
  schema: z.literal('vendor/1'),
  vendorId: idSchema,
  name: titleSchema,
  licence: licenceSchema,
  owner: signerSchema,
  registered: factSchema,
});

/** An entry of an index that leads to a vendor: from its owner, or from its licence. */
export const vendorReferenceSchema = z.strictObject({
  schema: z.literal('vendor-reference/1'),
  vendorId: idSchema,
});

/** An item of the bill of quantities. */
export const itemSchema = z.strictObject({
  itemId: idSchema,
  description: titleSchema,
  unit: titleSchema,
  quantity: positiveQuantitySchema,
});

/** A part of a tender that is awarded by itself. Every item belongs to exactly one lot. */
export const lotSchema = z.strictObject({
  lotId: idSchema,
  title: titleSchema,
  itemIds: z.array(idSchema).min(1).max(ITEMS_MAX),
});

/** A seat of the opening committee, and who is appointed to it. */
export const seatSchema = z.strictObject({
  seat: z.number().int().min(0).max(255),
  mspId: mspIdSchema,
  spki: bytes32Schema,
});

const draft = {
  tenderId: tenderIdSchema,
  title: titleSchema,
  description: descriptionSchema,
  buyer: z.strictObject({ agency: idSchema, name: titleSchema }),
  currency: currencySchema,
  items: z.array(itemSchema).min(1).max(ITEMS_MAX),
  lots: z.array(lotSchema).min(1).max(LOTS_MAX),
  documents: z.array(documentSchema).max(DOCUMENTS_MAX),
  deadline: instantSchema,
  graceMs: z.number().int().min(0).max(GRACE_MAX_MS),
  openingPeriodMs: z.number().int().min(0).max(OPENING_PERIOD_MAX_MS).optional(),
  committee: z.strictObject({
    t: z.number().int().min(0).max(255),
    seats: z.array(seatSchema).max(SEATS_MAX),
  }),
  awardCriterion: z.literal('lowest-evaluated-amount'),
};

/**
 * A tender as its buyer drafts it. `deadline` is the last instant at which a bid may be signed;
 * `graceMs` later the tender may be closed, and `openingPeriodMs` after that it may be recorded of
 * a bid that it could not be opened. `committee.t` seats open together.
 */
export const tenderDraftSchema = z.strictObject(draft);

/** A change of a published notice: a later deadline, further documents, an explanation. */
export const amendmentSchema = z.strictObject({
  number: z.number().int().min(1),
  text: titleSchema,
  deadline: instantSchema.optional(),
  documents: z.array(documentSchema),
  /** Hash of the amendment and, through it, of the notice and every amendment before. */
  noticeHash: bytes32Schema,
  ...fact,
});

/** A tender: its draft, and every fact that was recorded since. The facts make up its state. */
export const tenderRecordSchema = z.strictObject({
  schema: z.literal('tender/1'),
  ...draft,
  created: factSchema,
  published: z
    .strictObject({
      ...fact,
      noticeHash: bytes32Schema,
      committeeHash: bytes32Schema,
      committeeKeys: z.array(committeeKeySchema),
    })
    .optional(),
  amendments: z.array(amendmentSchema).max(AMENDMENTS_MAX).optional(),
  closed: factSchema.optional(),
  listFixed: z.strictObject({ ...fact, listHash: bytes32Schema }).optional(),
  opened: factSchema.optional(),
  evaluated: factSchema.optional(),
  awarded: factSchema.optional(),
  cancelled: z.strictObject({ ...fact, reason: titleSchema }).optional(),
});

/** A seat's opening key. */
export const committeeKeyRecordSchema = z.strictObject({
  schema: z.literal('committee-key/1'),
  key: committeeKeySchema,
  registered: factSchema,
});

/** A seat's rehearsal: its key was still at hand. */
export const rehearsalRecordSchema = z.strictObject({
  schema: z.literal('rehearsal/1'),
  rehearsal: rehearsalSchema,
  /** The transaction since which the proof must have been made. */
  since: transactionIdSchema,
  rehearsed: factSchema,
});

/** An entry of the index of every opening key ever registered. */
export const openingKeyReferenceSchema = z.strictObject({
  schema: z.literal('opening-key-reference/1'),
  tenderId: tenderIdSchema,
  seat: z.number().int(),
});

const bidName = {
  tenderId: tenderIdSchema,
  lotId: idSchema,
  vendorId: bidderIdSchema,
  version: z.number().int().min(1),
};

/** The latest version under a bid key, without the envelope: small, since the close reads all. */
export const bidHeadRecordSchema = z.strictObject({
  schema: z.literal('bid-head/1'),
  ...bidName,
  envelopeHash: bytes32Schema,
  ctLen: countSchema,
  /** The notice that the vendor has confirmed this version for, since it was submitted. */
  confirmed: z.strictObject({ ...fact, noticeHash: bytes32Schema }).optional(),
  /** A tombstone: the number of the version stays used. */
  withdrawn: factSchema.optional(),
});

/** A place among the bids that a tender may have, taken by a bid's first version. */
export const bidSlotRecordSchema = z.strictObject({
  schema: z.literal('bid-slot/1'),
  bidKey: bidKeySchema,
});

/** One version of a bid. `owner` is who signed it, `noticeHash` the notice that it answers. */
export const bidRecordSchema = z.strictObject({
  schema: z.literal('bid/1'),
  ...bidName,
  owner: signerSchema,
  noticeHash: bytes32Schema,
  envelopeHash: bytes32Schema,
  envelope: envelopeSchema,
  /** Ciphertexts of the bid's documents, and what two stores signed for each. */
  documents: z.array(storedSchema).max(BID_DOCUMENTS_MAX).optional(),
  receipts: z.array(storeReceiptSchema).max(RECEIPTS_MAX).optional(),
  submitted: factSchema,
});

/** A bid's place in the fixed list. `ctLen` is the length of its ciphertext in bytes. */
export const listEntrySchema = z.strictObject({
  bidKey: bidKeySchema,
  lotId: idSchema,
  vendorId: bidderIdSchema,
  version: z.number().int().min(1),
  envelopeHash: bytes32Schema,
  ctLen: countSchema,
});

/** A bid taken off the list because its deal is false; `listHash` is that of the list before. */
export const struckEntrySchema = listEntrySchema.extend({
  listHash: bytes32Schema,
  struck: factSchema,
});

/**
 * The bids that are opened, ascending by the bytes of the bid key, and those struck since. Second
 * envelopes of bids whose first did not pass are `excluded`: they stay sealed (TSEAL-V1 section 7).
 */
export const bidListRecordSchema = z.strictObject({
  schema: z.literal('bid-list/1'),
  tenderId: tenderIdSchema,
  listHash: bytes32Schema,
  entries: z.array(listEntrySchema),
  struck: z.array(struckEntrySchema).optional(),
  excluded: z.array(listEntrySchema).optional(),
});

/** Positions in the list whose bids have no final state yet, ascending. */
export const openingProgressRecordSchema = z.strictObject({
  schema: z.literal('opening-progress/1'),
  tenderId: tenderIdSchema,
  remaining: z.array(countSchema),
});

/** One seat's opening shares for one chunk of the list. */
export const sharesRecordSchema = z.strictObject({
  schema: z.literal('shares/1'),
  shares: openSharesSchema,
  posted: factSchema,
});

/**
 * Final states of a listed bid (TSEAL-V1 section 9). The last three are recorded by other acts than
 * combine.
 */
export const BID_STATES = [
  'OPENED',
  'INVALID_FORM',
  'INVALID_GCM',
  'INVALID_CMT',
  'INVALID_DEAL',
  'INVALID_MISSING',
  'UNOPENED',
] as const;

/** Final state of a listed bid. */
export const bidStateSchema = z.enum(BID_STATES);

/**
 * How a listed bid came out. `S` is its secret, unknown where the bid was struck or stayed
 * unopened; `selfOpened` is there where its vendor gave it. The opened text has a key of its own.
 */
export const bidOutcomeRecordSchema = z.strictObject({
  schema: z.literal('bid-outcome/1'),
  tenderId: tenderIdSchema,
  bidKey: bidKeySchema,
  version: z.number().int().min(1),
  state: bidStateSchema,
  S: bytes32Schema.optional(),
  selfOpened: z.literal(true).optional(),
  documentHash: bytes32Schema.optional(),
  combined: factSchema,
});

/** A command that was carried out, so that its repetition gets the first answer. */
export const requestRecordSchema = z.strictObject({
  schema: z.literal('request/1'),
  transaction: z.string(),
  contentHash: bytes32Schema,
  transactionId: transactionIdSchema,
  result: z.string(),
});

/** A change of a published notice. */
export type Amendment = Immutable<z.infer<typeof amendmentSchema>>;
/** A registered vendor. */
export type VendorRecord = Immutable<z.infer<typeof vendorRecordSchema>>;
/** An item of the bill of quantities. */
export type Item = Immutable<z.infer<typeof itemSchema>>;
/** A part of a tender that is awarded by itself. */
export type Lot = Immutable<z.infer<typeof lotSchema>>;
/** A tender as its buyer drafts it. */
export type TenderDraft = Immutable<z.infer<typeof tenderDraftSchema>>;
/** A tender with its facts. */
export type TenderRecord = Immutable<z.infer<typeof tenderRecordSchema>>;
/** An officer's public key for one tender. */
export type CommitteeKeyMessage = Immutable<z.infer<typeof committeeKeySchema>>;
/** A seat's opening key, registered. */
export type CommitteeKeyRecord = Immutable<z.infer<typeof committeeKeyRecordSchema>>;
/** The latest version under a bid key. */
export type BidHeadRecord = Immutable<z.infer<typeof bidHeadRecordSchema>>;
/** One version of a bid. */
export type BidRecord = Immutable<z.infer<typeof bidRecordSchema>>;
/** A bid's place in the fixed list. */
export type BidListEntry = Immutable<z.infer<typeof listEntrySchema>>;
/** The fixed list. */
export type BidListRecord = Immutable<z.infer<typeof bidListRecordSchema>>;
/** Bids that have no final state yet. */
export type OpeningProgressRecord = Immutable<z.infer<typeof openingProgressRecordSchema>>;
/** One seat's shares of one chunk. */
export type SharesRecord = Immutable<z.infer<typeof sharesRecordSchema>>;
/** Final state of a listed bid. */
export type BidState = z.infer<typeof bidStateSchema>;
/** How a listed bid came out. */
export type BidOutcomeRecord = Immutable<z.infer<typeof bidOutcomeRecordSchema>>;
/** A command that was carried out. */
export type RequestRecord = Immutable<z.infer<typeof requestRecordSchema>>;
