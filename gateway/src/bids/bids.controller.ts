import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { QueryResult } from '@procurement/protocol';
import { CommandRoute, QueryRoute } from '../docs/route';
import { onTender, TenderAddress } from '../http/params';
import { Caller } from '../identity/caller';
import type { Identity } from '../identity/wallet';
import { CommandService } from '../transactions/command.service';
import type { CommandOutcome } from '../transactions/command.service';
import { QueryService } from '../transactions/query.service';
import { SubmitBid } from './bids.dto';

/** Sealed bids on a tender. */
@ApiTags('bids')
@ApiBearerAuth()
@Controller('tenders/:tenderId/bids')
export class BidsController {
  constructor(
    private readonly commands: CommandService,
    private readonly queries: QueryService,
  ) {}

  @Post()
  @CommandRoute('bid:submit', "Hands in a sealed bid, or replaces the caller's own")
  submit(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() body: SubmitBid,
  ): Promise<CommandOutcome<'bid:submit'>> {
    return this.commands.run(caller, { name: 'bid:submit', input: onTender(address, body) });
  }

  @Get()
  @QueryRoute('bid:list', "The bids; before the opening only the caller's own")
  list(
    @Caller() caller: Identity,
    @Param() { tenderId }: TenderAddress,
  ): Promise<QueryResult<'bid:list'>> {
    return this.queries.run(caller, { name: 'bid:list', input: { tenderId } });
  }
}
