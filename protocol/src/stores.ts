/**
 * Stores outside the ledger. They keep what is too long for it, named by its content, and sign for
 * what they keep, so that nobody can decide after the close whether a bid can be opened.
 */
import { z } from 'zod';
import { fromBase64url, lengthPrefixed, uint32 } from './bytes';
import { bytes32Schema, idSchema, mspIdSchema, publicKeySchema, signatureSchema } from './fields';
import type { Immutable } from './immutable';

/** The most documents of one bid. */
export const BID_DOCUMENTS_MAX = 20;
/** The most bytes of one document's ciphertext. */
export const STORED_BYTES_MAX = 64 * 1024 * 1024;
/** Stores that keep each ciphertext, each of another organisation. */
export const STORES_OF_EACH = 2;

const RECEIPT_LABEL = 'PROCUREMENT-STORE-RECEIPT';
const POSSESSION_LABEL = 'PROCUREMENT-STORE-POSSESSION';
const URL_LENGTH_MAX = 200;
const URL = /^https?:\/\/[A-Za-z0-9.:/_[\]-]+$/;

/** Address of a store: http or https, without query or fragment. */
export const storeUrlSchema = z.string().max(URL_LENGTH_MAX).regex(URL);

/** A ciphertext that stores keep: SHA-256 and length in bytes. */
export const storedSchema = z.strictObject({
  ctHash: bytes32Schema,
  ctLen: z.number().int().min(1).max(STORED_BYTES_MAX),
});

/** A store's word that it keeps a ciphertext of one version of one bid. */
export const storeReceiptSchema = storedSchema.extend({
  store: idSchema,
  /** ECDSA P-256 over SHA-256, DER with low s, base64url. */
  signature: signatureSchema,
});

/** A store in the register, one for each organisation. */
export const storeRecordSchema = z.strictObject({
  schema: z.literal('store/1'),
  storeId: idSchema,
  mspId: mspIdSchema,
  /** SubjectPublicKeyInfo of the key that signs receipts, DER, base64url. */
  publicKey: publicKeySchema,
  url: storeUrlSchema,
});

/** A ciphertext that stores keep. */
export type Stored = Immutable<z.infer<typeof storedSchema>>;
/** A store's word that it keeps a ciphertext. */
export type StoreReceipt = Immutable<z.infer<typeof storeReceiptSchema>>;
/** A store in the register. */
export type StoreRecord = Immutable<z.infer<typeof storeRecordSchema>>;

/** What a store signs: where the bid belongs, which version of it, and what is kept. */
export function storeReceiptMessage(
  receipt: Stored & {
    readonly channel: string;
    readonly chaincode: string;
    readonly bidKey: string;
    readonly version: number;
  },
): Uint8Array {
  const { channel, chaincode, bidKey, version, ctHash, ctLen } = receipt;
  return lengthPrefixed(
    ...[RECEIPT_LABEL, channel, chaincode, bidKey],
    ...[uint32(version), fromBase64url(ctHash), uint32(ctLen)],
  );
}

/**
 * What is signed with a store's key to show that whoever registers it has it.
 * @param claim.publicKey SubjectPublicKeyInfo, DER, base64url
 */
export function storePossessionMessage(claim: {
  readonly channel: string;
  readonly chaincode: string;
  readonly storeId: string;
  readonly publicKey: string;
}): Uint8Array {
  const { channel, chaincode, storeId, publicKey } = claim;
  return lengthPrefixed(
    ...[POSSESSION_LABEL, channel, chaincode, storeId],
    fromBase64url(publicKey),
  );
}
