/** What every record of something that happened has in common. */
import { z } from 'zod';
import { bytes32Schema, instantSchema, mspIdSchema } from './fields';
import type { Immutable } from './immutable';

const TRANSACTION_ID = /^[0-9a-f]{64}$/;

/** A transaction's id: 64 hexadecimal digits. */
export const transactionIdSchema = z.string().max(64).regex(TRANSACTION_ID);

/** Who signed: organisation, and SHA-256 of the certificate's public key. */
export const signerSchema = z.strictObject({ mspId: mspIdSchema, spki: bytes32Schema });

/** Members of a fact, for records that add to one. */
export const fact = { at: instantSchema, by: signerSchema, transactionId: transactionIdSchema };

/** Something that happened: when (the transaction's own time), by whom, in which transaction. */
export const factSchema = z.strictObject(fact);

/** Organisation and public key of whoever signed. */
export type Signer = Immutable<z.infer<typeof signerSchema>>;
/** Something that happened, when, and by whom. */
export type Fact = Immutable<z.infer<typeof factSchema>>;
