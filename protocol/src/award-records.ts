/** Records of the evaluation and of the award. */
import { z } from 'zod';
import { factSchema } from './facts';
import {
  amountSchema,
  bidKeySchema,
  bidderIdSchema,
  bytes32Schema,
  computedAmountSchema,
  currencySchema,
  idSchema,
  tenderIdSchema,
  titleSchema,
} from './fields';
import type { Immutable } from './immutable';
import { bidStateSchema } from './records';

/** Why a bid is not responsive, in the order in which the reasons are looked for. */
export const BID_DEFECTS = [
  'NOT_OPENED',
  'NOT_A_BID_DOCUMENT',
  'OTHER_TENDER',
  'OTHER_LOT',
  'OTHER_VENDOR',
  'OTHER_NOTICE',
  'NOT_CONFIRMED',
  'OTHER_CURRENCY',
  'ITEM_UNKNOWN',
  'ITEM_REPEATED',
  'ITEM_MISSING',
  'OTHER_QUANTITY',
  'AMOUNT_TOO_LARGE',
  'DOCUMENT_NOT_RECEIPTED',
] as const;

/**
 * One reason why a bid is not responsive. `itemId` where it concerns one of the tender's items,
 * `ctHash` where it concerns one of the bid's documents.
 */
export const bidDefectSchema = z.strictObject({
  code: z.enum(BID_DEFECTS),
  itemId: idSchema.optional(),
  ctHash: bytes32Schema.optional(),
});

/** A line whose typed amount is not quantity times rate. Both in minor units. */
export const amountDifferenceSchema = z.strictObject({
  itemId: idSchema,
  typed: amountSchema,
  computed: computedAmountSchema,
});

/**
 * A bid examined. `typedTotal` is what the vendor wrote, `evaluatedAmount` the sum of the computed
 * lines, which counts; both are there for every bid whose lines could be read. `ticket` orders
 * equal amounts; there is none where a listed bid stayed unopened.
 */
export const bidEvaluationRecordSchema = z.strictObject({
  schema: z.literal('bid-evaluation/1'),
  tenderId: tenderIdSchema,
  lotId: idSchema,
  vendorId: bidderIdSchema,
  bidKey: bidKeySchema,
  state: bidStateSchema,
  responsive: z.boolean(),
  defects: z.array(bidDefectSchema),
  typedTotal: amountSchema.optional(),
  evaluatedAmount: computedAmountSchema.optional(),
  differences: z.array(amountDifferenceSchema),
  ticket: bytes32Schema.optional(),
});

/**
 * A responsive bid's place in its lot, 1 being the lowest evaluated amount. Equal amounts have the
 * same place where no ticket could be drawn.
 */
export const rankSchema = z.strictObject({
  rank: z.number().int().min(1),
  bidKey: bidKeySchema,
  vendorId: bidderIdSchema,
  evaluatedAmount: amountSchema,
  ticket: bytes32Schema.optional(),
});

/** The ranking of a lot's responsive bids. */
export const rankingRecordSchema = z.strictObject({
  schema: z.literal('ranking/1'),
  tenderId: tenderIdSchema,
  lotId: idSchema,
  currency: currencySchema,
  ranks: z.array(rankSchema),
});

/** What became of a lot. */
export const lotAwardSchema = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('awarded'),
    lotId: idSchema,
    bidKey: bidKeySchema,
    vendorId: bidderIdSchema,
    amount: amountSchema,
    currency: currencySchema,
    /** Drawn by a public lot among equal bids, since the ledger could draw no ticket. */
    publicLot: z.literal(true).optional(),
  }),
  z.strictObject({ outcome: z.literal('unsuccessful'), lotId: idSchema }),
]);

/** The award of a tender, lot by lot in the notice's order. */
export const awardRecordSchema = z.strictObject({
  schema: z.literal('award/1'),
  tenderId: tenderIdSchema,
  lots: z.array(lotAwardSchema),
  decided: factSchema,
});

/**
 * How a first envelope came out. `reason` says why an evaluation committee did not pass a bid that
 * could be read and has no defects.
 */
export const technicalResultSchema = z.strictObject({
  bidKey: bidKeySchema,
  lotId: idSchema,
  vendorId: bidderIdSchema,
  state: bidStateSchema,
  passed: z.boolean(),
  defects: z.array(bidDefectSchema),
  reason: titleSchema.optional(),
});

/** The result of a technical evaluation, in the order of the list, as two organisations gave it. */
export const technicalEvaluationRecordSchema = z.strictObject({
  schema: z.literal('technical-evaluation/1'),
  tenderId: tenderIdSchema,
  results: z.array(technicalResultSchema),
  recorded: factSchema,
});

/** How a first envelope came out. */
export type TechnicalResult = Immutable<z.infer<typeof technicalResultSchema>>;
/** The result of a technical evaluation. */
export type TechnicalEvaluationRecord = Immutable<z.infer<typeof technicalEvaluationRecordSchema>>;
/** Why a bid is not responsive. */
export type BidDefect = Immutable<z.infer<typeof bidDefectSchema>>;
/** A line whose typed amount is not the computed one. */
export type AmountDifference = Immutable<z.infer<typeof amountDifferenceSchema>>;
/** A bid examined. */
export type BidEvaluationRecord = Immutable<z.infer<typeof bidEvaluationRecordSchema>>;
/** A responsive bid's place in its lot. */
export type Rank = Immutable<z.infer<typeof rankSchema>>;
/** The ranking of a lot. */
export type RankingRecord = Immutable<z.infer<typeof rankingRecordSchema>>;
/** What became of a lot. */
export type LotAward = Immutable<z.infer<typeof lotAwardSchema>>;
/** The award of a tender. */
export type AwardRecord = Immutable<z.infer<typeof awardRecordSchema>>;
