import { Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown, Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { LoggerModule } from 'nestjs-pino';
import { AwardsController } from './awards/awards.controller';
import { BidsController } from './bids/bids.controller';
import { Closer } from './closing/closer';
import type { Settings } from './config/settings';
import { SETTINGS } from './config/settings';
import { EndorserWatch } from './endorsers/endorser-watch';
import { EndorserHealth } from './health/endorser.health';
import { HealthController } from './health/health.controller';
import { LedgerHealth } from './health/ledger.health';
import { loggerOptions } from './http/logger-options';
import { FormatPipe } from './http/format.pipe';
import { ProblemFilter } from './http/problem.filter';
import { BearerGuard } from './identity/bearer.guard';
import { Identities } from './identity/identities';
import { LEDGER } from './ledger/ledger.port';
import type { LedgerPort } from './ledger/ledger.port';
import { MeController } from './me/me.controller';
import { Metrics } from './metrics/metrics';
import { MetricsController } from './metrics/metrics.controller';
import { METRICS_TOKEN } from './metrics/metrics.guard';
import { OpeningService } from './openings/opening.service';
import { BlockSecrecy } from './receipts/block-secrecy';
import { BlocksController } from './receipts/blocks.controller';
import { ReceiptService } from './receipts/receipt.service';
import { ReceiptsController } from './receipts/receipts.controller';
import { RelayController } from './relay/relay.controller';
import { RelayService } from './relay/relay.service';
import { SessionService } from './sessions/session.service';
import { SessionsController } from './sessions/sessions.controller';
import { OpeningsController } from './openings/openings.controller';
import { STORE } from './stores/open-store';
import type { Store } from './stores/open-store';
import { StoreRegistration } from './stores/store-registration';
import { StoreService } from './stores/store.service';
import { StoresController } from './stores/stores.controller';
import { TendersController } from './tenders/tenders.controller';
import { MemoryTrail } from './trail/memory-trail';
import { TrailController } from './trail/trail.controller';
import { TrailFollower } from './trail/trail-follower';
import { TRAIL } from './trail/trail-index';
import { TrailService } from './trail/trail.service';
import { ChainService } from './transactions/chain.service';
import { CommandService } from './transactions/command.service';
import { LedgerProgress } from './transactions/ledger-progress';
import { QueryService } from './transactions/query.service';
import { TransactionsController } from './transactions/transactions.controller';
import { VendorsController } from './vendors/vendors.controller';

/** What the gateway is put together from; all of it is ready to use. */
export interface GatewayParts {
  readonly settings: Settings;
  readonly identities: Identities;
  readonly ledger: LedgerPort;
  /** The bearer token that opens `/metrics`. */
  readonly metricsToken: string;
  /** Undefined where the gateway keeps no sealed documents. */
  readonly store?: Store | undefined;
}

/** Wires the gateway; it holds no logic. */
@Module({})
export class AppModule implements OnApplicationShutdown {
  constructor(@Inject(LEDGER) private readonly ledger: LedgerPort) {}

  static of(parts: GatewayParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(loggerOptions(parts.settings.logLevel)),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [
        AwardsController,
        BidsController,
        HealthController,
        MeController,
        MetricsController,
        OpeningsController,
        BlocksController,
        ReceiptsController,
        RelayController,
        SessionsController,
        ...(parts.store === undefined ? [] : [StoresController]),
        TendersController,
        TrailController,
        TransactionsController,
        VendorsController,
      ],
      providers: [
        { provide: SETTINGS, useValue: parts.settings },
        { provide: Identities, useValue: parts.identities },
        { provide: LEDGER, useValue: parts.ledger },
        { provide: METRICS_TOKEN, useValue: parts.metricsToken },
        { provide: TRAIL, useExisting: MemoryTrail },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: BearerGuard },
        { provide: APP_PIPE, useClass: FormatPipe },
        BlockSecrecy,
        ChainService,
        Closer,
        CommandService,
        EndorserHealth,
        EndorserWatch,
        LedgerHealth,
        LedgerProgress,
        MemoryTrail,
        Metrics,
        OpeningService,
        QueryService,
        ReceiptService,
        RelayService,
        SessionService,
        TrailFollower,
        TrailService,
        ...storeProviders(parts.store),
      ],
    };
  }

  /** Ends the ledger's connections after the follower has ended its stream. */
  async onApplicationShutdown(): Promise<void> {
    await this.ledger.close();
  }
}

function storeProviders(store: Store | undefined): Provider[] {
  if (store === undefined) return [];
  return [{ provide: STORE, useValue: store }, StoreRegistration, StoreService];
}
