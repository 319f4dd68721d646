import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import type { HealthCheckResult, HealthIndicatorFunction } from '@nestjs/terminus';
import { Public } from '../identity/caller';
import { EndorserHealth } from './endorser.health';
import { LedgerHealth } from './ledger.health';

/**
 * Health of the process, of the ledger behind it, and of the endorsers' clocks; no token is needed.
 */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly ledger: LedgerHealth,
    private readonly endorsers: EndorserHealth,
  ) {}

  @Get()
  @HealthCheck()
  @ApiOperation({ summary: "Whether gateway and ledger work and the endorsers' clocks agree" })
  all(): Promise<HealthCheckResult> {
    return this.health.check([...this.#ledgerChecks(), ...this.endorsers.checks()]);
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
    return this.health.check(this.#ledgerChecks());
  }

  #ledgerChecks(): HealthIndicatorFunction[] {
    return [() => this.ledger.reachable(), () => this.ledger.trail()];
  }
}
