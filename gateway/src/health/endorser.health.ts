import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { EndorserWatch, isAlarm } from '../endorsers/endorser-watch';

/**
 * Health of the endorsers' clocks, one by one. An organisation whose clock is off refuses honest
 * transactions, so that is an alarm; this gateway can serve all the same, and stays ready.
 */
@Injectable()
export class EndorserHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly endorsers: EndorserWatch,
  ) {}

  /** A check for every organisation: down if the clock of its endorser is off by 5 s or more. */
  checks(): (() => HealthIndicatorResult)[] {
    return [...this.endorsers.clocks].map(([mspId, clock]) => () => {
      const indicator = this.indicators.check(`clock of ${mspId}`);
      return isAlarm(clock) ? indicator.down() : indicator.up();
    });
  }
}
