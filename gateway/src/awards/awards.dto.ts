import { COMMANDS } from '@procurement/protocol';
import { createZodDto } from 'nestjs-zod';

const REQUEST = { requestId: 'request-1' };

/** Body of an evaluation. */
export class EvaluateBids extends createZodDto(
  COMMANDS['award:evaluate'].input.omit({ tenderId: true }).meta({ example: REQUEST }),
) {}

/** Body of an award. */
export class DecideAward extends createZodDto(
  COMMANDS['award:decide'].input.omit({ tenderId: true }).meta({ example: REQUEST }),
) {}
