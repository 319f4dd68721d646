import { COMMANDS, envelopeSchema } from '@procurement/protocol';
import { createZodDto } from 'nestjs-zod';

/**
 * Body of a bid. The envelope is strict here, so that neither a plain bid nor the secret of one can
 * reach the gateway in it.
 */
export class SubmitBid extends createZodDto(
  COMMANDS['bid:submit'].input.omit({ tenderId: true }).extend({ envelope: envelopeSchema }),
) {}
