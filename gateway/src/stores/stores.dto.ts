import { bidKeySchema, bytes32Schema } from '@procurement/protocol';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

/** A ciphertext by its SHA-256. */
export class StoredAddress extends createZodDto(z.strictObject({ ctHash: bytes32Schema })) {}

/** The bid for which a ciphertext is kept. */
export class KeptForQuery extends createZodDto(
  z.strictObject({
    bidKey: bidKeySchema,
    version: z
      .string()
      .max(6)
      .regex(/^[1-9][0-9]*$/),
  }),
) {}
