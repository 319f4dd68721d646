import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { Route } from '../docs/route';
import { ForPeople } from '../identity/caller';
import { SignedIn } from '../identity/person';
import type { Person } from '../identity/person';
import { EvaluateRefused } from '../ledger/stage-errors';
import { RelayRefused } from '../relay/relay-errors';
import { ChainService } from '../transactions/chain.service';
import { BlockSecrecy } from './block-secrecy';

const blockSchema = z.strictObject({
  block: z.string().describe('Serialised common.Block, base64url.'),
});

/** A block in a path. */
export class BlockAddress extends createZodDto(
  z.strictObject({
    number: z
      .string()
      .regex(/^(0|[1-9][0-9]{0,8})$/)
      .describe('The first one has the number 0.'),
  }),
) {}

/**
 * Blocks, for whoever checks a procedure by itself. A block that is not there yet and one that is
 * withheld get the same answer, so that nobody counts sealed bids.
 */
@ApiTags('relay')
@ApiBearerAuth()
@ForPeople()
@Controller('relay/blocks/:number')
export class BlocksController {
  constructor(
    private readonly chain: ChainService,
    private readonly secrecy: BlockSecrecy,
  ) {}

  @Get()
  @Route('A block as the peer keeps it, once nothing in it is a sealed bid', blockSchema)
  async block(
    @SignedIn() person: Person,
    @Param() { number }: BlockAddress,
  ): Promise<{ readonly block: string }> {
    const bytes = await this.chain.block(Number(number)).catch((error: unknown) => {
      if (error instanceof EvaluateRefused) return undefined;
      throw error;
    });
    if (bytes === undefined || (await this.secrecy.tellsOfOthers(bytes, person))) {
      throw new RelayRefused('BLOCK_WITHHELD', { number });
    }
    return { block: Buffer.from(bytes).toString('base64url') };
  }
}
