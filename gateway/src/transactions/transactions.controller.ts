import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  checkFormat,
  COMMANDS,
  isCommandName,
  isQueryName,
  QUERIES,
  Reject,
} from '@procurement/protocol';
import type { CommandInput, CommandName, QueryInput, QueryName } from '@procurement/protocol';
import { Caller } from '../identity/caller';
import type { Identity } from '../identity/wallet';
import { CommandService } from './command.service';
import type { CommandOutcome } from './command.service';
import { QueryService } from './query.service';

const OK = 200;

/** Every transaction of the ledger by its name, for those that have no route of their own. */
@ApiTags('transactions')
@ApiBearerAuth()
@Controller()
export class TransactionsController {
  constructor(
    private readonly commands: CommandService,
    private readonly queries: QueryService,
  ) {}

  @Post('commands/:transaction')
  @HttpCode(OK)
  @ApiOperation({ summary: 'Runs any command by its name, such as tender:amend' })
  @ApiBody({ description: "The command's input.", schema: { type: 'object' } })
  command(
    @Caller() caller: Identity,
    @Param('transaction') name: string,
    @Body() body: unknown,
  ): Promise<CommandOutcome<CommandName>> {
    if (!isCommandName(name)) throw unknown(name);
    const input = checkFormat(COMMANDS[name].input, body) as CommandInput<CommandName>;
    return this.commands.run(caller, { name, input });
  }

  @Post('queries/:transaction')
  @HttpCode(OK)
  @ApiOperation({ summary: 'Asks any query by its name, such as key:get' })
  @ApiBody({ description: "The query's input.", schema: { type: 'object' } })
  query(
    @Caller() caller: Identity,
    @Param('transaction') name: string,
    @Body() body: unknown,
  ): Promise<unknown> {
    if (!isQueryName(name)) throw unknown(name);
    const input = checkFormat(QUERIES[name].input, body) as QueryInput<QueryName>;
    return this.queries.run(caller, { name, input });
  }
}

function unknown(name: string): Reject {
  return new Reject('UNKNOWN_TRANSACTION', { transaction: name.slice(0, 100).toWellFormed() });
}
