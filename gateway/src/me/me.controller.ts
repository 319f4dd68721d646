import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { QueryResult } from '@procurement/protocol';
import { QueryRoute } from '../docs/route';
import { Caller } from '../identity/caller';
import type { Identity } from '../identity/wallet';
import { QueryService } from '../transactions/query.service';

/** The caller, as the ledger knows it. */
@ApiTags('me')
@ApiBearerAuth()
@Controller('me')
export class MeController {
  constructor(private readonly queries: QueryService) {}

  @Get()
  @QueryRoute('audit:whoami', 'Who the ledger takes the caller for')
  me(@Caller() caller: Identity): Promise<QueryResult<'audit:whoami'>> {
    return this.queries.run(caller, { name: 'audit:whoami', input: {} });
  }
}
