import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { common } from '@hyperledger/fabric-protos';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { Identities } from '../identity/identities';
import { LEDGER } from '../ledger/ledger.port';
import type { LedgerPort } from '../ledger/ledger.port';
import { TRAIL } from '../trail/trail-index';
import type { TrailIndex } from '../trail/trail-index';

/** Time that a probe gives the index to take in the latest block. */
const CATCH_UP_MS = 1_000;

/** Health of the ledger connection. It tells no height: that would tell how many bids there are. */
@Injectable()
export class LedgerHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(LEDGER) private readonly port: LedgerPort,
    @Inject(TRAIL) private readonly index: TrailIndex,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly identities: Identities,
  ) {}

  /** Up if a peer answers the gateway's own identity. */
  async reachable(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('ledger');
    try {
      await this.#height();
      return indicator.up();
    } catch {
      return indicator.down();
    }
  }

  /** Up if the index of the trail holds every block that the peer has. */
  async trail(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('trail');
    try {
      const height = await this.#height();
      return (await this.index.reached(height - 1n, CATCH_UP_MS))
        ? indicator.up()
        : indicator.down();
    } catch {
      return indicator.down();
    }
  }

  async #height(): Promise<bigint> {
    const { service } = this.identities;
    const proposal = await this.port.propose({
      creator: { mspId: service.mspId, certificate: service.certificate },
      chaincode: 'qscc',
      transaction: 'GetChainInfo',
      args: [this.settings.channel],
    });
    const bytes = await this.port.evaluate(proposal, service.sign);
    return BigInt(common.BlockchainInfo.deserializeBinary(bytes).getHeight());
  }
}
