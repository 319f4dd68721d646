/**
 * Receipts: what somebody keeps to show, without any network, that the ledger holds a transaction
 * as valid. All bytes are base64url.
 */
import { z } from 'zod';
import { transactionIdSchema } from './facts';
import { bytes32Schema, countSchema, idSchema, mspIdSchema } from './fields';
import type { Immutable } from './immutable';
import { ORGANIZATIONS } from './roles';

/** The most headers that follow the block of a receipt. */
export const RECEIPT_HEADERS_MAX = 16;
/** Organisations whose peers vouch for a transaction, at least. */
export const ATTESTATIONS_MIN = 2;

/** The most blocks of configuration that a receipt brings. */
export const RECEIPT_CONFIGURATIONS_MAX = 16;

const BYTES_TEXT_MAX = 16 * 1024 * 1024;
const BLOCK_TRANSACTIONS_MAX = 10_000;
const METADATA_SLOTS_MAX = 8;

const bytesSchema = z
  .string()
  .max(BYTES_TEXT_MAX)
  .regex(/^[A-Za-z0-9_-]*$/);

const headerFields = {
  number: countSchema,
  previousHash: bytes32Schema,
  dataHash: bytes32Schema,
};

/** A receipt as it is handed out and kept. */
export const receiptSchema = z.strictObject({
  v: z.literal(1),
  channel: idSchema,
  chaincode: idSchema,
  transactionId: transactionIdSchema,
  // Of the sealed envelope, where the transaction hands in a bid.
  envelopeHash: bytes32Schema.optional(),
  block: z.strictObject({
    ...headerFields,
    // Every envelope of the block. Left out while it would tell of the sealed bids of others; then
    // only the slot of signatures stands in the metadata.
    data: z.array(bytesSchema).max(BLOCK_TRANSACTIONS_MAX).optional(),
    metadata: z.array(bytesSchema).min(1).max(METADATA_SLOTS_MAX),
  }),
  // Of the blocks that follow, each with the signatures of the ordering service.
  headers: z
    .array(z.strictObject({ ...headerFields, signatures: bytesSchema }))
    .max(RECEIPT_HEADERS_MAX),
  // Blocks of configuration after the channel's first one, in their order, up to the one under
  // which the last of these blocks was ordered: where a quorum of consenters orders.
  configurations: z.array(bytesSchema).max(RECEIPT_CONFIGURATIONS_MAX).optional(),
  // Of each organisation: a proposal to show the transaction, and its peer's signed answer.
  attestations: z
    .array(z.strictObject({ mspId: mspIdSchema, proposal: bytesSchema, response: bytesSchema }))
    .min(ATTESTATIONS_MIN)
    .max(ORGANIZATIONS.length),
});

/** A receipt. */
export type Receipt = Immutable<z.infer<typeof receiptSchema>>;
