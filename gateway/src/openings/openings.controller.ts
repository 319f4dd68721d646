import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { QUERIES } from '@procurement/protocol';
import type { QueryResult } from '@procurement/protocol';
import { z } from 'zod';
import { CommandRoute, QueryRoute, Route } from '../docs/route';
import { onTender, sameTender, TenderAddress } from '../http/params';
import { Caller } from '../identity/caller';
import type { Identity } from '../identity/wallet';
import { CommandService } from '../transactions/command.service';
import type { CommandOutcome } from '../transactions/command.service';
import { QueryService } from '../transactions/query.service';
import { CombineBids, ListPart, PostShares, RegisterKey } from './openings.dto';
import { OpeningService } from './opening.service';
import type { Opening } from './opening.service';

const openingSchema = z.strictObject({
  status: QUERIES['opening:status'].result,
  list: QUERIES['opening:list'].result.optional(),
});

/** The opening committee of a tender and its work. */
@ApiTags('openings')
@ApiBearerAuth()
@Controller('tenders/:tenderId')
export class OpeningsController {
  constructor(
    private readonly commands: CommandService,
    private readonly queries: QueryService,
    private readonly openings: OpeningService,
  ) {}

  @Get('committee')
  @QueryRoute('tender:committee', 'The opening committee and its keys: what a sealer needs')
  committee(
    @Caller() caller: Identity,
    @Param() { tenderId }: TenderAddress,
  ): Promise<QueryResult<'tender:committee'>> {
    return this.queries.run(caller, { name: 'tender:committee', input: { tenderId } });
  }

  @Post('committee-keys')
  @CommandRoute('opening:registerKey', "Registers the caller's opening key for its seat")
  registerKey(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() input: RegisterKey,
  ): Promise<CommandOutcome<'opening:registerKey'>> {
    sameTender(address, 'key', input.key);
    return this.commands.run(caller, { name: 'opening:registerKey', input });
  }

  @Get('opening')
  @Route('How far the opening is, and the fixed list for those who may see it', openingSchema)
  opening(
    @Caller() caller: Identity,
    @Param() { tenderId }: TenderAddress,
    @Query() { chunk }: ListPart,
  ): Promise<Opening> {
    return this.openings.ofTender(caller, {
      tenderId,
      ...(chunk === undefined ? {} : { chunk: Number(chunk) }),
    });
  }

  @Post('shares')
  @CommandRoute('opening:postShares', "Posts the opening shares of the caller's seat")
  postShares(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() input: PostShares,
  ): Promise<CommandOutcome<'opening:postShares'>> {
    sameTender(address, 'shares', input.shares);
    return this.commands.run(caller, { name: 'opening:postShares', input });
  }

  @Post('combination')
  @CommandRoute('opening:combine', 'Opens listed bids from the posted shares')
  combine(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() body: CombineBids,
  ): Promise<CommandOutcome<'opening:combine'>> {
    return this.commands.run(caller, { name: 'opening:combine', input: onTender(address, body) });
  }
}
