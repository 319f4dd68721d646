import { COMMANDS } from '@procurement/protocol';
import { createZodDto } from 'nestjs-zod';

const REQUEST = { requestId: 'request-1' };

/** Body of an evaluation. */
export class EvaluateBids extends createZodDto(
  COMMANDS['award:evaluate'].input.omit({ tenderId: true }).meta({ example: REQUEST }),
) {}

/** Body of a technical evaluation; a bid that is not named passes, unless the ledger finds a defect. */
export class RecordTechnical extends createZodDto(
  COMMANDS['award:recordTechnical'].input.omit({ tenderId: true }).meta({
    example: {
      ...REQUEST,
      failed: [
        {
          bidKey: 'bid/MoIT-2026-W-017.technical/L-1/druk-construction',
          reason: 'No crane of 30 t is named, which section 4 of the notice asks for.',
        },
      ],
    },
  }),
) {}

/** Body of an award. */
export class DecideAward extends createZodDto(
  COMMANDS['award:decide'].input.omit({ tenderId: true }).meta({ example: REQUEST }),
) {}
