/**
 * Shapes of the messages of TSEAL-V1. They say which members there are and how long; what the
 * members must prove is for the sealing code.
 */
import { z } from 'zod';
import {
  anyIntegerSchema,
  bidKeySchema,
  bytes32Schema,
  bytes64Schema,
  countSchema,
  idSchema,
  mspIdSchema,
} from './fields';

const SEATS_MAX = 15;
const CHUNK_BIDS_MAX = 200;
const INLINE_CIPHERTEXT_LENGTH_MAX = 21_867;

/** An officer's public key for one tender (TSEAL-V1 section 2). */
export const committeeKeySchema = z.strictObject({
  mspId: mspIdSchema,
  pop: bytes64Schema,
  seat: z.number().int().min(0).max(255),
  spki: bytes32Schema,
  tenderId: idSchema,
  y: bytes32Schema,
});

/** When an officer shows that the opening key is still at hand. */
export const REHEARSALS = ['publication', 'opening'] as const;

/** An officer's proof, made anew, that the secret of the registered key is still there. */
export const rehearsalSchema = z.strictObject({
  moment: z.enum(REHEARSALS),
  proof: bytes64Schema,
  seat: z.number().int().min(0).max(255),
  tenderId: idSchema,
});

/**
 * A sealed bid (TSEAL-V1 section 5). It carries its ciphertext, or names the two stores that keep
 * it.
 */
export const envelopeSchema = z.strictObject({
  C: z.array(bytes32Schema).max(SEATS_MAX),
  Y: z.array(bytes32Schema).max(SEATS_MAX),
  cmt: bytes32Schema,
  ct: z
    .string()
    .max(INLINE_CIPHERTEXT_LENGTH_MAX)
    .regex(/^[A-Za-z0-9_-]*$/)
    .optional(),
  ref: z.array(idSchema).length(2).optional(),
  ctHash: bytes32Schema,
  ctLen: countSchema,
  e: bytes32Schema,
  suite: z.literal('ristretto255-SHA512/HKDF-SHA256/AES-256-GCM'),
  v: z.literal(1),
  z: z.array(bytes32Schema).max(SEATS_MAX),
});

/** An officer's opening shares for one chunk of the list (TSEAL-V1 section 8). */
export const openSharesSchema = z.strictObject({
  S: z.array(bytes32Schema).max(CHUNK_BIDS_MAX),
  chunk: anyIntegerSchema,
  listHash: bytes32Schema,
  proof: bytes64Schema,
  seat: anyIntegerSchema,
  tenderId: idSchema,
});

/** A vendor's own opening of its bid (TSEAL-V1 section 10). */
export const selfOpenSchema = z.strictObject({
  S: bytes32Schema,
  bidKey: bidKeySchema,
  proof: bytes64Schema,
});
