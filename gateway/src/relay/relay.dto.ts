import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

const PROPOSAL_TEXT_MAX = 700_000;
const PAYLOAD_TEXT_MAX = 1_400_000;
/** A DER signature of P-256 has at most 72 bytes. */
const SIGNATURE_TEXT_MAX = 96;

const base64url = (max: number): z.ZodString =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/);

const signedProposal = z.strictObject({
  proposal: base64url(PROPOSAL_TEXT_MAX).describe('Serialised protos.Proposal.'),
  signature: base64url(SIGNATURE_TEXT_MAX).describe('Over those bytes: ECDSA P-256, DER, low s.'),
});

/** A proposal and its signature, base64url. */
export class SignedProposal extends createZodDto(signedProposal) {}

/** An endorsed transaction and its signature, base64url. */
export class SignedTransaction extends createZodDto(
  z.strictObject({
    payload: base64url(PAYLOAD_TEXT_MAX).describe('Serialised common.Payload.'),
    signature: base64url(SIGNATURE_TEXT_MAX).describe('Over those bytes.'),
  }),
) {}

/** A transaction in a path. */
export class TransactionAddress extends createZodDto(
  z.strictObject({
    transactionId: z
      .string()
      .max(64)
      .regex(/^[0-9a-f]{64}$/),
  }),
) {}

/** What an endorsement route answers. */
export const endorsedSchema = z.strictObject({
  transactionId: z.string(),
  payload: z.string().describe('Serialised common.Payload, base64url: the bytes to sign.'),
});

/** What a query route answers. */
export const relayedAnswerSchema = z.strictObject({
  result: z.string().describe("The chaincode's own answer, canonical JSON."),
});

/** What a submission route answers. */
export const submittedSchema = z.strictObject({ transactionId: z.string() });

/** What became of a transaction, as peers of two organisations say. */
export const statusesSchema = z.strictObject({
  transactionId: z.string(),
  statuses: z.array(
    z.strictObject({
      mspId: z.string(),
      blockNumber: z.string(),
      validationCode: z.string().describe('Name of the validation code, such as VALID.'),
    }),
  ),
});
