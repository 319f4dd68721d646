/**
 * Transactions that write. Each takes one argument, canonical JSON of its input, and answers
 * canonical JSON of `{repeated, result, transactionId}`. The caller is who signed the proposal; no
 * input names the caller's role, and no input of a bid names its vendor.
 */
import { z } from 'zod';
import {
  bidKeySchema,
  bytes32Schema,
  countSchema,
  documentSchema,
  idSchema,
  licenceSchema,
  instantSchema,
  mspIdSchema,
  publicKeySchema,
  signatureSchema,
  tenderIdSchema,
  tenderStateSchema,
  titleSchema,
} from './fields';
import type { Immutable } from './immutable';
import { lotAwardSchema } from './award-records';
import { transactionIdSchema } from './facts';
import { bidStateSchema, LOTS_MAX, RECEIPTS_MAX, tenderDraftSchema } from './records';
import {
  committeeKeySchema,
  openSharesSchema,
  REHEARSALS,
  rehearsalSchema,
  selfOpenSchema,
} from './seal-messages';
import { BID_DOCUMENTS_MAX, storedSchema, storeReceiptSchema, storeUrlSchema } from './stores';

/** The most bids that one combine takes (TSEAL-V1 section 9). */
export const COMBINE_BIDS_MAX = 50;

/** The most bytes of buckets that one combine takes (TSEAL-V1 section 9). */
export const COMBINE_BUCKET_BYTES_MAX = 256 * 1024;

/** The most ciphertexts out of stores that one combine takes (TSEAL-V1 section 9). */
export const COMBINE_REFS_MAX = 2;

/** Base64url of the longest ciphertext of a bid, 65536 bytes and a tag. */
const CIPHERTEXT_LENGTH_MAX = 87_403;

/** The longest text of an input, in bytes of UTF-8. */
export const INPUT_BYTES_MAX = 256 * 1024;

const requestId = idSchema;
const onTender = z.strictObject({ requestId, tenderId: tenderIdSchema });
const newKey = { publicKey: publicKeySchema, possession: signatureSchema };
const ciphertextSchema = z
  .string()
  .min(1)
  .max(CIPHERTEXT_LENGTH_MAX)
  .regex(/^[A-Za-z0-9_-]+$/);
const inState = z.strictObject({ tenderId: tenderIdSchema, state: tenderStateSchema });

/**
 * An envelope before its own checks. Whether it is one is asked only after role, register, lot,
 * phase and clock (TSEAL-V1 section 6), so at the door it is any object.
 */
const anyEnvelopeSchema = z
  .unknown()
  .refine((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const openedBids = inState.extend({
  bids: z.array(z.strictObject({ bidKey: bidKeySchema, state: bidStateSchema })),
  refused: z.array(z.strictObject({ bidKey: bidKeySchema, code: z.string() })),
  remaining: countSchema,
});

/** Every command: input and result. */
export const COMMANDS = {
  'key:register': {
    input: z.strictObject({ requestId, name: titleSchema }),
    result: z.strictObject({ spki: bytes32Schema }),
  },
  // `revoked` is false while the word of a second organisation is awaited.
  'key:revoke': {
    input: z.strictObject({ requestId, spki: bytes32Schema, reason: titleSchema }),
    result: z.strictObject({ spki: bytes32Schema, revoked: z.boolean() }),
  },
  'vendor:register': {
    input: z.strictObject({
      requestId,
      vendorId: idSchema,
      name: titleSchema,
      licence: licenceSchema,
    }),
    result: z.strictObject({ vendorId: idSchema }),
  },
  'vendor:renewKey': {
    input: z.strictObject({ requestId, ...newKey }),
    result: z.strictObject({ vendorId: idSchema, spki: bytes32Schema }),
  },
  // `recovered` is false while the word of a second organisation is awaited.
  'vendor:recoverKey': {
    input: z.strictObject({ requestId, vendorId: idSchema, ...newKey }),
    result: z.strictObject({ vendorId: idSchema, spki: bytes32Schema, recovered: z.boolean() }),
  },
  'store:register': {
    input: z.strictObject({ requestId, storeId: idSchema, url: storeUrlSchema, ...newKey }),
    result: z.strictObject({ storeId: idSchema, mspId: mspIdSchema }),
  },
  // `replaced` is false while the word of a second organisation is awaited.
  'store:replaceKey': {
    input: z.strictObject({ requestId, storeId: idSchema, ...newKey }),
    result: z.strictObject({ storeId: idSchema, replaced: z.boolean() }),
  },
  'tender:create': {
    input: z.strictObject({ requestId, tender: tenderDraftSchema }),
    result: inState,
  },
  'opening:registerKey': {
    input: z.strictObject({ requestId, key: committeeKeySchema }),
    result: z.strictObject({ tenderId: tenderIdSchema, seat: countSchema }),
  },
  'opening:rehearse': {
    input: z.strictObject({ requestId, rehearsal: rehearsalSchema }),
    result: z.strictObject({
      tenderId: tenderIdSchema,
      seat: countSchema,
      moment: z.enum(REHEARSALS),
    }),
  },
  'tender:publish': {
    input: onTender,
    result: inState.extend({ noticeHash: bytes32Schema, committeeHash: bytes32Schema }),
  },
  // Nothing but a later deadline, more documents and an explanation: the rest stands as published.
  'tender:amend': {
    input: onTender.extend({
      text: titleSchema,
      deadline: instantSchema.optional(),
      documents: z.array(documentSchema).max(100).optional(),
    }),
    result: inState.extend({ number: countSchema, noticeHash: bytes32Schema }),
  },
  'tender:cancel': {
    input: onTender.extend({ reason: titleSchema }),
    result: inState.extend({ cancelled: z.boolean() }),
  },
  'bid:submit': {
    input: onTender.extend({
      lotId: idSchema,
      noticeHash: bytes32Schema,
      version: z.number().int(),
      envelope: anyEnvelopeSchema,
      // Receipts of two stores for each ciphertext that is kept outside the ledger.
      documents: z.array(storedSchema).max(BID_DOCUMENTS_MAX).optional(),
      receipts: z.array(storeReceiptSchema).max(RECEIPTS_MAX).optional(),
    }),
    result: z.strictObject({
      bidKey: bidKeySchema,
      version: countSchema,
      envelopeHash: bytes32Schema,
    }),
  },
  'bid:confirm': {
    input: onTender.extend({ lotId: idSchema, noticeHash: bytes32Schema }),
    result: z.strictObject({
      bidKey: bidKeySchema,
      version: countSchema,
      noticeHash: bytes32Schema,
    }),
  },
  'bid:withdraw': {
    input: onTender.extend({ lotId: idSchema }),
    result: z.strictObject({ bidKey: bidKeySchema, version: countSchema }),
  },
  'tender:close': {
    input: onTender,
    result: inState.extend({ listHash: bytes32Schema }),
  },
  'opening:postShares': {
    input: z.strictObject({ requestId, shares: openSharesSchema }),
    result: z.strictObject({ tenderId: tenderIdSchema, seat: countSchema, chunk: countSchema }),
  },
  'opening:combine': {
    input: onTender.extend({
      bidKeys: z.array(bidKeySchema).min(1).optional(),
      // Bytes of bids by ref, from their stores.
      ciphertexts: z.record(bidKeySchema, ciphertextSchema).optional(),
    }),
    result: openedBids,
  },
  // Says of a listed bid that its deal is false: the ledger looks again.
  'opening:strike': {
    input: onTender.extend({ bidKey: bidKeySchema }),
    result: inState.extend({
      bidKey: bidKeySchema,
      listHash: bytes32Schema,
      remaining: countSchema,
    }),
  },
  'opening:selfOpen': {
    input: onTender.extend({ selfOpen: selfOpenSchema, ciphertext: ciphertextSchema.optional() }),
    result: openedBids,
  },
  // After the end of the opening: final states of bids that nobody could open.
  'opening:recordMissing': {
    input: onTender.extend({ bidKeys: z.array(bidKeySchema).min(1).optional() }),
    result: openedBids,
  },
  'award:evaluate': {
    input: onTender,
    result: inState,
  },
  // Of first envelopes: those that did not pass; every other one without a defect did. `recorded`
  // is false while the word of a second organisation is awaited; then the list of second envelopes
  // is fixed, and `listHash` is its hash.
  'award:recordTechnical': {
    input: onTender.extend({
      failed: z.array(z.strictObject({ bidKey: bidKeySchema, reason: titleSchema })),
    }),
    result: inState.extend({ recorded: z.boolean(), listHash: bytes32Schema.optional() }),
  },
  'award:decide': {
    // Bids drawn by a public lot, for lots whose first place is shared and has no ticket.
    input: onTender.extend({ publicLots: z.array(bidKeySchema).max(LOTS_MAX).optional() }),
    result: inState.extend({ lots: z.array(lotAwardSchema) }),
  },
} as const;

/** A command's full name. */
export type CommandName = keyof typeof COMMANDS;

/** A command's input. */
export type CommandInput<Name extends CommandName> = Immutable<
  z.output<(typeof COMMANDS)[Name]['input']>
>;

/** A command's result. */
export type CommandResult<Name extends CommandName> = Immutable<
  z.output<(typeof COMMANDS)[Name]['result']>
>;

/** What a command answers. `transactionId` is that of the transaction that carried it out first. */
export const commandAnswerSchema = z.strictObject({
  repeated: z.boolean(),
  result: z.unknown(),
  transactionId: transactionIdSchema,
});

/** What a command answers. */
export interface CommandAnswer<Name extends CommandName> {
  readonly repeated: boolean;
  readonly result: CommandResult<Name>;
  readonly transactionId: string;
}

/** Whether a transaction's full name is that of a command. */
export function isCommandName(text: string): text is CommandName {
  return Object.hasOwn(COMMANDS, text);
}
