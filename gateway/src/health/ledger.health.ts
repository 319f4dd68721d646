import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { ChainService } from '../transactions/chain.service';
import { TRAIL } from '../trail/trail-index';
import type { TrailIndex } from '../trail/trail-index';

/** Time that a probe gives the index to take in the latest block. */
const CATCH_UP_MS = 1_000;

/** Health of the ledger connection. It tells no height: that would tell how many bids there are. */
@Injectable()
export class LedgerHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly chain: ChainService,
    @Inject(TRAIL) private readonly index: TrailIndex,
  ) {}

  /** Up if a peer answers the gateway's own identity. */
  async reachable(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('ledger');
    try {
      await this.chain.height();
      return indicator.up();
    } catch {
      return indicator.down();
    }
  }

  /** Up if the index of the trail holds every block that the peer has. */
  async trail(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('trail');
    try {
      const height = await this.chain.height();
      return (await this.index.reached(height - 1n, CATCH_UP_MS))
        ? indicator.up()
        : indicator.down();
    } catch {
      return indicator.down();
    }
  }
}
