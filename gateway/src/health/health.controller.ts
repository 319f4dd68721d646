import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import type { HealthCheckResult } from '@nestjs/terminus';
import { Public } from '../identity/caller';
import { LedgerHealth } from './ledger.health';

/** Health of the process and of the ledger behind it; no token is needed. */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly ledger: LedgerHealth,
  ) {}

  @Get()
  @HealthCheck()
  @ApiOperation({ summary: 'Whether the gateway and the ledger behind it work' })
  all(): Promise<HealthCheckResult> {
    return this.health.check([() => this.ledger.reachable(), () => this.ledger.trail()]);
  }

  @Get('live')
  @HealthCheck()
  @ApiOperation({ summary: 'Whether the process works' })
  @ApiOkResponse()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @HealthCheck()
  @ApiOperation({ summary: 'Whether requests can be served' })
  ready(): Promise<HealthCheckResult> {
    return this.all();
  }
}
