import { COMMANDS } from '@procurement/protocol';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

/** Body of an opening key's registration. */
export class RegisterKey extends createZodDto(COMMANDS['opening:registerKey'].input) {}

/** Body of an officer's opening shares. */
export class PostShares extends createZodDto(COMMANDS['opening:postShares'].input) {}

/** Body of a combination. */
export class CombineBids extends createZodDto(
  COMMANDS['opening:combine'].input
    .omit({ tenderId: true })
    .meta({ example: { requestId: 'combine-1' } }),
) {}

/** Which part of the list is wanted: positions 200·chunk to 200·chunk + 199. */
export class ListPart extends createZodDto(
  z.strictObject({
    chunk: z
      .string()
      .regex(/^[0-9]{1,6}$/)
      .optional(),
  }),
) {}
