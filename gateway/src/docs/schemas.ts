import type { ApiResponseOptions } from '@nestjs/swagger';
import { z } from 'zod';

/** Schema object as the OpenAPI module takes it. */
type OpenApiSchema = Extract<ApiResponseOptions, { schema: unknown }>['schema'];

/** A zod schema as an OpenAPI 3.0 schema of what is answered. */
export function openApiSchema(schema: z.ZodType): OpenApiSchema {
  return z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'output',
    unrepresentable: 'any',
  }) as OpenApiSchema;
}

/** What every command route answers, around the command's own result. */
export function commandOutcomeSchema(result: z.ZodType): z.ZodType {
  return z.strictObject({
    result,
    transactionId: z.string().describe('Transaction that carried the command out.'),
    blockNumber: z
      .string()
      .regex(/^[0-9]+$/)
      .describe('Block of that transaction.'),
    repeated: z.boolean().describe('The same request had been carried out before.'),
  });
}

/** A problem document (RFC 9457) with the extension members of this gateway. */
export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string().describe('Reject code of the ledger, or a code of the gateway.'),
  args: z.record(z.string(), z.unknown()),
  transactionId: z.string().optional(),
});

const trailSignerSchema = z.strictObject({
  mspId: z.string(),
  subject: z.string(),
  spki: z.string(),
});

/** What the trail route answers. */
export const trailSchema = z.strictObject({
  tenderId: z.string(),
  complete: z.boolean().describe('False while the rule of the sealed phase leaves something out.'),
  entries: z.array(
    z.strictObject({
      at: z.string(),
      signer: trailSignerSchema,
      command: z.string(),
      tenderId: z.string(),
      blockNumber: z.string().optional().describe('Left out where it would tell of sealed bids.'),
      transactionId: z.string(),
      validationCode: z.string(),
      changes: z.array(z.strictObject({ record: z.string(), removed: z.boolean() })),
      event: z.strictObject({ name: z.string(), payload: z.unknown().optional() }).optional(),
    }),
  ),
});
