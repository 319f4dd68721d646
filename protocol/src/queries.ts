/**
 * Transactions that only read. Each takes one argument, canonical JSON of its input, and answers
 * canonical JSON of its result. Before the opening no result tells anyone but the owner who bid, or
 * how many.
 */
import { z } from 'zod';
import {
  bidKeySchema,
  bidderIdSchema,
  bytes32Schema,
  countSchema,
  idSchema,
  instantSchema,
  mspIdSchema,
  tenderIdSchema,
  tenderStateSchema,
  titleSchema,
} from './fields';
import {
  awardRecordSchema,
  bidEvaluationRecordSchema,
  lotAwardSchema,
  rankSchema,
  technicalEvaluationRecordSchema,
} from './award-records';
import { factSchema } from './facts';
import type { Immutable } from './immutable';
import { keyRecordSchema } from './key-records';
import {
  bidStateSchema,
  committeeKeyRecordSchema,
  tenderRecordSchema,
  vendorRecordSchema,
} from './records';
import { ROLES } from './roles';
import { committeeKeySchema, envelopeSchema } from './seal-messages';
import { storedSchema, storeReceiptSchema, storeRecordSchema } from './stores';

const nothing = z.strictObject({});

/** A gateway's challenge, and the gateway's address as the person who signs knows it. */
export const signInSchema = z.strictObject({
  audience: z.string().min(1).max(200),
  challenge: bytes32Schema,
});
const ofTender = z.strictObject({ tenderId: tenderIdSchema });

/** A tender with the state that its facts add up to. */
export const tenderViewSchema = tenderRecordSchema.extend({ state: tenderStateSchema });

/** A tender in a list. */
export const tenderSummarySchema = z.strictObject({
  tenderId: tenderIdSchema,
  title: titleSchema,
  buyer: z.strictObject({ agency: idSchema, name: titleSchema }),
  deadline: instantSchema,
  state: tenderStateSchema,
});

/**
 * A submitted bid. After the opening with its final state, its combined secret `S`, from which
 * anyone opens the envelope and draws the tickets again, and, if it opened, the text that was
 * sealed (canonical JSON, as the vendor wrote it).
 */
export const bidViewSchema = z.strictObject({
  bidKey: bidKeySchema,
  lotId: idSchema,
  vendorId: bidderIdSchema,
  version: countSchema,
  envelopeHash: bytes32Schema,
  noticeHash: bytes32Schema,
  documents: z.array(storedSchema).optional(),
  receipts: z.array(storeReceiptSchema).optional(),
  submitted: factSchema,
  confirmed: z.strictObject({ noticeHash: bytes32Schema, at: instantSchema }).optional(),
  withdrawn: factSchema.optional(),
  // A second envelope that is never opened, since the first did not pass.
  excluded: z.literal(true).optional(),
  state: bidStateSchema.optional(),
  S: bytes32Schema.optional(),
  document: z.string().optional(),
});

/** A listed bid with its envelope and what else an officer needs to make and check shares. */
export const listedBidSchema = z.strictObject({
  bidKey: bidKeySchema,
  lotId: idSchema,
  vendorId: bidderIdSchema,
  vendorSpki: bytes32Schema,
  version: countSchema,
  envelopeHash: bytes32Schema,
  envelope: envelopeSchema,
});

/** A lot with its examined bids, its ranking and, once decided, its award. */
export const lotResultSchema = z.strictObject({
  lotId: idSchema,
  bids: z.array(bidEvaluationRecordSchema),
  ranks: z.array(rankSchema),
  award: lotAwardSchema.optional(),
});

/** One posting of opening shares. */
export const sharesViewSchema = z.strictObject({
  seat: countSchema,
  chunk: countSchema,
  posted: factSchema,
});

/** Every query: input and result. */
export const QUERIES = {
  'key:get': {
    input: z.strictObject({ spki: bytes32Schema }),
    result: keyRecordSchema,
  },
  'vendor:get': {
    input: z.strictObject({ vendorId: idSchema }),
    result: vendorRecordSchema,
  },
  'vendor:me': { input: nothing, result: vendorRecordSchema },
  'store:list': {
    input: nothing,
    result: z.strictObject({ stores: z.array(storeRecordSchema) }),
  },
  'tender:get': { input: ofTender, result: tenderViewSchema },
  'tender:list': {
    input: nothing,
    result: z.strictObject({ tenders: z.array(tenderSummarySchema) }),
  },
  'tender:committee': {
    input: ofTender,
    // `committeeHash` is there once the committee is frozen; records are in the order of seats.
    result: z.strictObject({
      channel: idSchema,
      chaincode: idSchema,
      tenderId: tenderIdSchema,
      n: countSchema,
      t: countSchema,
      records: z.array(committeeKeySchema),
      committeeHash: bytes32Schema.optional(),
      noticeHash: bytes32Schema.optional(),
    }),
  },
  'bid:mine': {
    input: ofTender,
    result: z.strictObject({ tenderId: tenderIdSchema, bids: z.array(bidViewSchema) }),
  },
  'bid:list': {
    input: ofTender,
    // `complete` is false before the opening, when only the caller's own bids are shown.
    result: z.strictObject({
      tenderId: tenderIdSchema,
      complete: z.boolean(),
      bids: z.array(bidViewSchema),
    }),
  },
  'opening:list': {
    input: ofTender.extend({ chunk: countSchema.optional() }),
    result: z.strictObject({
      tenderId: tenderIdSchema,
      listHash: bytes32Schema,
      count: countSchema,
      chunks: countSchema,
      bids: z.array(listedBidSchema),
    }),
  },
  'opening:status': {
    input: ofTender,
    // `posted`: the seat's shares are there for the whole list. `ready`: enough seats have posted.
    result: z.strictObject({
      tenderId: tenderIdSchema,
      state: tenderStateSchema,
      t: countSchema,
      seats: z.array(
        z.strictObject({
          seat: countSchema,
          mspId: mspIdSchema,
          posted: z.boolean(),
          // Whether the seat has shown since the publication that its key is still at hand.
          rehearsed: z.boolean(),
        }),
      ),
      ready: z.boolean(),
      listHash: bytes32Schema.optional(),
      counts: z
        .strictObject({ listed: countSchema, opened: countSchema, invalid: countSchema })
        .optional(),
    }),
  },
  'award:get': {
    input: ofTender,
    result: z.strictObject({
      tenderId: tenderIdSchema,
      state: tenderStateSchema,
      lots: z.array(lotResultSchema),
      // Of first envelopes, which are awarded nothing.
      technical: technicalEvaluationRecordSchema.optional(),
    }),
  },
  'audit:record': {
    input: ofTender,
    result: z.strictObject({
      tender: tenderViewSchema,
      committee: z.array(committeeKeyRecordSchema),
      shares: z.array(sharesViewSchema),
      bids: z.array(bidViewSchema),
      lots: z.array(lotResultSchema),
      technical: technicalEvaluationRecordSchema.optional(),
      award: awardRecordSchema.optional(),
    }),
  },
  'audit:clock': {
    input: nothing,
    // Endorsers answer differently, so this is asked of one peer and never ordered.
    result: z.strictObject({ at: instantSchema, clock: instantSchema }),
  },
  'audit:whoami': {
    // A signed whoami is also how a person signs in: it answers a gateway's challenge.
    input: z.strictObject({ signIn: signInSchema.optional() }),
    result: z.strictObject({
      mspId: mspIdSchema,
      spki: bytes32Schema,
      role: z.enum(ROLES),
      agency: z.string().optional(),
      vendorId: idSchema.optional(),
    }),
  },
} as const;

/** A query's full name. */
export type QueryName = keyof typeof QUERIES;

/** A query's input. */
export type QueryInput<Name extends QueryName> = Immutable<
  z.output<(typeof QUERIES)[Name]['input']>
>;

/** A query's result. */
export type QueryResult<Name extends QueryName> = Immutable<
  z.output<(typeof QUERIES)[Name]['result']>
>;

/** A tender with its state. */
export type TenderView = Immutable<z.infer<typeof tenderViewSchema>>;
/** A tender in a list. */
export type TenderSummary = Immutable<z.infer<typeof tenderSummarySchema>>;
/** A submitted bid. */
export type BidView = Immutable<z.infer<typeof bidViewSchema>>;
/** A listed bid with its envelope. */
export type ListedBid = Immutable<z.infer<typeof listedBidSchema>>;
/** A lot and what became of it. */
export type LotResult = Immutable<z.infer<typeof lotResultSchema>>;
/** One posting of opening shares. */
export type SharesView = Immutable<z.infer<typeof sharesViewSchema>>;

/** Whether a transaction's full name is that of a query. */
export function isQueryName(text: string): text is QueryName {
  return Object.hasOwn(QUERIES, text);
}
