/** What a bidder seals: the JSON inside an envelope, readable once the bid is opened. */
import { z } from 'zod';
import {
  amountSchema,
  bidderIdSchema,
  bytes32Schema,
  currencySchema,
  descriptionSchema,
  documentSchema,
  idSchema,
  quantitySchema,
  tenderIdSchema,
} from './fields';
import { BID_DOCUMENTS_MAX, storedSchema } from './stores';

const LINES_MAX = 1000;

/** One priced item. `rate` is per unit; rate and amount in minor units. */
export const bidLineSchema = z.strictObject({
  itemId: idSchema,
  quantity: quantitySchema,
  rate: amountSchema,
  amount: amountSchema,
});

/**
 * A document of the bid itself. `sha256` and `size` are the document's, known to nobody before the
 * opening; `ctHash` and `ctLen` those of the ciphertext, by which stores keep it.
 */
export const bidEnclosureSchema = documentSchema.extend(storedSchema.shape);

const named = {
  v: z.literal(1),
  tenderId: tenderIdSchema,
  lotId: idSchema,
  vendorId: bidderIdSchema,
  noticeHash: bytes32Schema,
};

/**
 * A bid, first version of its form. It repeats which notice, lot and vendor it belongs to, so that
 * the opened text can be held against the submission. The typed amounts are kept as they are; what
 * counts is quantity times rate.
 */
export const bidDocumentSchema = z.strictObject({
  ...named,
  currency: currencySchema,
  lines: z.array(bidLineSchema).min(1).max(LINES_MAX),
  total: amountSchema,
  documents: z.array(bidEnclosureSchema).max(BID_DOCUMENTS_MAX),
});

/**
 * The first envelope of a bid, where there are two: what is offered, without any amount. It names
 * its notice, lot and vendor as a bid does.
 */
export const technicalBidDocumentSchema = z.strictObject({
  ...named,
  statement: descriptionSchema,
  documents: z.array(bidEnclosureSchema).max(BID_DOCUMENTS_MAX),
});

/** One priced item of a bid. */
export type BidLine = z.infer<typeof bidLineSchema>;

/** A document of a bid. */
export type BidEnclosure = z.infer<typeof bidEnclosureSchema>;

/** A bid as its vendor wrote it. */
export type BidDocument = z.infer<typeof bidDocumentSchema>;

/** The first envelope of a bid as its vendor wrote it. */
export type TechnicalBidDocument = z.infer<typeof technicalBidDocumentSchema>;
