import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { QueryResult } from '@procurement/protocol';
import { CommandRoute, QueryRoute } from '../docs/route';
import { VendorAddress } from '../http/params';
import { Caller } from '../identity/caller';
import type { Identity } from '../identity/wallet';
import { CommandService } from '../transactions/command.service';
import type { CommandOutcome } from '../transactions/command.service';
import { QueryService } from '../transactions/query.service';
import { RegisterVendor } from './vendors.dto';

/** The register of vendors. */
@ApiTags('vendors')
@ApiBearerAuth()
@Controller('vendors')
export class VendorsController {
  constructor(
    private readonly commands: CommandService,
    private readonly queries: QueryService,
  ) {}

  @Post()
  @CommandRoute('vendor:register', 'Registers the caller as a vendor')
  register(
    @Caller() caller: Identity,
    @Body() input: RegisterVendor,
  ): Promise<CommandOutcome<'vendor:register'>> {
    return this.commands.run(caller, { name: 'vendor:register', input });
  }

  @Get('me')
  @QueryRoute('vendor:me', "The caller's own entry in the register")
  me(@Caller() caller: Identity): Promise<QueryResult<'vendor:me'>> {
    return this.queries.run(caller, { name: 'vendor:me', input: {} });
  }

  @Get(':vendorId')
  @QueryRoute('vendor:get', 'An entry of the register')
  get(
    @Caller() caller: Identity,
    @Param() address: VendorAddress,
  ): Promise<QueryResult<'vendor:get'>> {
    return this.queries.run(caller, {
      name: 'vendor:get',
      input: { vendorId: address.vendorId },
    });
  }
}
