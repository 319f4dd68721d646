/**
 * Schemas of single members, shared by commands, records and queries. Nothing is coerced: a number
 * given as text, or the reverse, is refused. Lengths are bounded before any pattern runs.
 */
import { z } from 'zod';
import { fromBase64url } from './bytes';
import { isBidderId, isId, isLicence, isTenderId, parseBidKey } from './ids';
import { isInstant } from './instant';
import { isAmount, isQuantity, parseQuantity } from './money';
import { ORGANIZATIONS, TENDER_STATES } from './roles';

const BID_KEY_LENGTH_MAX = 200;
const TITLE_LENGTH_MAX = 300;
const DESCRIPTION_LENGTH_MAX = 4000;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9.+-]{0,63}\/[a-z0-9][a-z0-9.+-]{0,126}$/;
const CURRENCY = /^[A-Z]{3}$/;
// Control characters, and the marks that reorder text on a screen (Unicode UAX #9, section 2).
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

function isBytes(text: string, length: number): boolean {
  if (text.length !== Math.ceil((length * 4) / 3)) return false;
  try {
    return fromBase64url(text).length === length;
  } catch {
    return false;
  }
}

const bytes = (length: number): z.ZodString =>
  z
    .string()
    .max(Math.ceil((length * 4) / 3))
    .refine((text) => isBytes(text, length), `base64url of ${length} bytes`);

/** An id of TSEAL-V1 section 1. */
export const idSchema = z.string().max(64).refine(isId, 'an id');

/** An id that names a tender. */
export const tenderIdSchema = z.string().max(64).refine(isTenderId, 'an id of a tender');

/** An id of a bidder: an id, or the reserved estimate. */
export const bidderIdSchema = z.string().max(64).refine(isBidderId, 'an id of a bidder');

/** The number of a firm's licence. */
export const licenceSchema = z.string().max(64).refine(isLicence, 'the number of a licence');

/** `bid/tender/lot/vendor`. */
export const bidKeySchema = z
  .string()
  .max(BID_KEY_LENGTH_MAX)
  .refine((text) => parseBidKey(text) !== undefined, 'a bid key');

/** An organisation of the network. */
export const mspIdSchema = z.enum(ORGANIZATIONS);

/** SHA-256, point or scalar: 32 bytes as base64url. */
export const bytes32Schema = bytes(32);

/** Two scalars: 64 bytes as base64url. */
export const bytes64Schema = bytes(64);

/** SubjectPublicKeyInfo of a P-256 key, DER, as base64url: always 91 bytes. */
export const publicKeySchema = bytes(91);

/** ECDSA signature, DER, as base64url. */
export const signatureSchema = z
  .string()
  .min(10)
  .max(96)
  .regex(/^[A-Za-z0-9_-]+$/);

/** Amount in minor units. */
export const amountSchema = z.string().max(18).refine(isAmount, 'an amount in minor units');

/** Sum that a calculation gave; unlike an amount it may have more than 18 digits. */
export const computedAmountSchema = z
  .string()
  .max(60)
  .regex(/^(?:0|[1-9][0-9]*)$/);

/** Quantity of at most three places. */
export const quantitySchema = z.string().max(16).refine(isQuantity, 'a quantity');

/** Quantity above zero. */
export const positiveQuantitySchema = z
  .string()
  .max(16)
  .refine((text) => isQuantity(text) && parseQuantity(text) > 0n, 'a quantity above zero');

/** Instant `YYYY-MM-DDTHH:MM:SS.sssZ`. */
export const instantSchema = z.string().max(24).refine(isInstant, 'an instant in UTC');

/** ISO 4217 code. */
export const currencySchema = z.string().max(3).regex(CURRENCY);

/** Media type without parameters, in lower case. */
export const mediaTypeSchema = z.string().max(192).regex(MEDIA_TYPE);

/** One line for a reader, not empty. */
export const titleSchema = z
  .string()
  .min(1)
  .max(TITLE_LENGTH_MAX)
  .refine((text) => !UNPRINTABLE.test(text), 'text without control characters');

/** Text of several lines for a reader; may be empty. */
export const descriptionSchema = z
  .string()
  .max(DESCRIPTION_LENGTH_MAX)
  .refine(
    (text) => !UNPRINTABLE.test(text.replaceAll('\n', '')),
    'text without control characters',
  );

/** Integer from 0 to 2^53-1. */
export const countSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Seat or chunk of a message: any integer; what is out of range has codes of its own. */
export const anyIntegerSchema = z.number().int();

/** State of a tender. */
export const tenderStateSchema = z.enum(TENDER_STATES);

/** A document kept elsewhere, named by its content. */
export const documentSchema = z.strictObject({
  sha256: bytes32Schema,
  size: countSchema,
  mediaType: mediaTypeSchema,
  title: titleSchema,
});

/** A document kept elsewhere. `size` in bytes. */
export type DocumentReference = z.infer<typeof documentSchema>;
