/** Records of the register of keys. */
import { z } from 'zod';
import { fact, factSchema } from './facts';
import { bytes32Schema, idSchema, mspIdSchema, titleSchema } from './fields';
import type { Immutable } from './immutable';

/** A key in the register: whose it is, and whether it is still in force. */
export const keyRecordSchema = z.strictObject({
  schema: z.literal('key/1'),
  spki: bytes32Schema,
  mspId: mspIdSchema,
  /** A vendor's id, or the name under which a person registered. */
  holder: z.union([
    z.strictObject({ vendorId: idSchema }),
    z.strictObject({ name: titleSchema, role: z.string().max(64) }),
  ]),
  registered: factSchema,
  revoked: z.strictObject({ ...fact, reason: titleSchema }).optional(),
});

/**
 * How long an organisation's word for such an act counts: whoever gives the second one later finds
 * that the first has lapsed, since nobody can take a word back.
 */
export const APPROVAL_PERIOD_MS = 30 * 24 * 3600 * 1000;

/** What one organisation has said of an act that takes the word of two. */
export const approvalRecordSchema = z.strictObject({
  schema: z.literal('approval/1'),
  act: z.enum([
    'key:revoke',
    'vendor:recoverKey',
    'store:replaceKey',
    'tender:cancel',
    'award:recordTechnical',
  ]),
  /** Hash of everything that the act is about. */
  contentHash: bytes32Schema,
  approved: factSchema,
});

/** A key in the register. */
export type KeyRecord = Immutable<z.infer<typeof keyRecordSchema>>;
/** What one organisation has said of an act that takes two. */
export type ApprovalRecord = Immutable<z.infer<typeof approvalRecordSchema>>;
