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
import { DecideAward, EvaluateBids, RecordTechnical } from './awards.dto';

/** Evaluation and award of a tender. */
@ApiTags('awards')
@ApiBearerAuth()
@Controller('tenders/:tenderId')
export class AwardsController {
  constructor(
    private readonly commands: CommandService,
    private readonly queries: QueryService,
  ) {}

  @Post('evaluation')
  @CommandRoute('award:evaluate', 'Examines and ranks the opened bids')
  evaluate(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() body: EvaluateBids,
  ): Promise<CommandOutcome<'award:evaluate'>> {
    return this.commands.run(caller, { name: 'award:evaluate', input: onTender(address, body) });
  }

  @Post('technical-evaluation')
  @CommandRoute(
    'award:recordTechnical',
    'Of first envelopes: records which passed, once an officer and an auditor say the same',
  )
  recordTechnical(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() body: RecordTechnical,
  ): Promise<CommandOutcome<'award:recordTechnical'>> {
    const input = onTender(address, body);
    return this.commands.run(caller, { name: 'award:recordTechnical', input });
  }

  @Post('award')
  @CommandRoute('award:decide', 'Awards each lot to its lowest evaluated amount')
  decide(
    @Caller() caller: Identity,
    @Param() address: TenderAddress,
    @Body() body: DecideAward,
  ): Promise<CommandOutcome<'award:decide'>> {
    return this.commands.run(caller, { name: 'award:decide', input: onTender(address, body) });
  }

  @Get('award')
  @QueryRoute(
    'award:get',
    'The evaluation and, once decided, the award; of first envelopes which passed',
  )
  get(
    @Caller() caller: Identity,
    @Param() { tenderId }: TenderAddress,
  ): Promise<QueryResult<'award:get'>> {
    return this.queries.run(caller, { name: 'award:get', input: { tenderId } });
  }
}
