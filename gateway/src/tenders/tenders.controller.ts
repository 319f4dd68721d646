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
import { CancelTender, CloseTender, CreateTender, PublishTender } from './tenders.dto';

/** Tenders from draft to closure, and their record. */
@ApiTags('tenders')
@ApiBearerAuth()
@Controller('tenders')
export class TendersController {
  constructor(
    private readonly commands: CommandService,
    private readonly queries: QueryService,
  ) {}

  @Post()
  @CommandRoute('tender:create', 'Drafts a tender and appoints its opening committee')
  create(
    @Caller() caller: Identity,
    @Body() input: CreateTender,
  ): Promise<CommandOutcome<'tender:create'>> {
    return this.commands.run(caller, { name: 'tender:create', input });
  }

  @Get()
  @QueryRoute('tender:list', 'Tenders that the caller may see')
  list(@Caller() caller: Identity): Promise<QueryResult<'tender:list'>> {
    return this.queries.run(caller, { name: 'tender:list', input: {} });
  }

  @Get(':tenderId')
  @QueryRoute('tender:get', 'A tender and its state')
  get(
    @Caller() caller: Identity,
    @Param() { tenderId }: TenderAddress,
  ): Promise<QueryResult<'tender:get'>> {
    return this.queries.run(caller, { name: 'tender:get', input: { tenderId } });
  }

  @Post(':tenderId/publication')
  @CommandRoute('tender:publish', 'Publishes the notice and freezes the committee')
  publish(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() body: PublishTender,
  ): Promise<CommandOutcome<'tender:publish'>> {
    return this.commands.run(caller, { name: 'tender:publish', input: onTender(address, body) });
  }

  @Post(':tenderId/cancellation')
  @CommandRoute('tender:cancel', 'Cancels the tender')
  cancel(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() body: CancelTender,
  ): Promise<CommandOutcome<'tender:cancel'>> {
    return this.commands.run(caller, { name: 'tender:cancel', input: onTender(address, body) });
  }

  @Post(':tenderId/closure')
  @CommandRoute('tender:close', 'Ends the submission of bids and fixes their list')
  close(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() body: CloseTender,
  ): Promise<CommandOutcome<'tender:close'>> {
    return this.commands.run(caller, { name: 'tender:close', input: onTender(address, body) });
  }

  @Get(':tenderId/record')
  @QueryRoute('audit:record', 'Everything the ledger holds of the tender')
  record(
    @Caller() caller: Identity,
    @Param() { tenderId }: TenderAddress,
  ): Promise<QueryResult<'audit:record'>> {
    return this.queries.run(caller, { name: 'audit:record', input: { tenderId } });
  }
}
