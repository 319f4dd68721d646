import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Identities } from '../identity/identities';
import { LEDGER } from '../ledger/ledger.port';
import type { LedgerPort } from '../ledger/ledger.port';
import { MemoryTrail } from './memory-trail';

const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 5_000;

/** Keeps the index in step with the ledger, from block 0 and across broken streams. */
@Injectable()
export class TrailFollower implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(TrailFollower.name);
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(LEDGER) private readonly ledger: LedgerPort,
    private readonly identities: Identities,
    private readonly trail: MemoryTrail,
  ) {}

  onApplicationBootstrap(): void {
    this.#running = this.#run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs = PAUSE_MIN_MS;
    while (!this.#abort.signal.aborted) {
      const before = this.trail.next;
      await this.#follow().catch((error: unknown) => {
        this.#logger.warn(`stream of blocks: ${error instanceof Error ? error.message : 'broken'}`);
      });
      pauseMs = this.trail.next > before ? PAUSE_MIN_MS : Math.min(2 * pauseMs, PAUSE_MAX_MS);
      await delay(pauseMs, undefined, { signal: this.#abort.signal }).catch(ignore);
    }
  }

  async #follow(): Promise<void> {
    const { service } = this.identities;
    const { signal } = this.#abort;
    const from = this.trail.next;
    for await (const block of this.ledger.blocks(
      { creator: service, from, signal },
      service.sign,
    )) {
      this.trail.apply(block);
    }
  }
}

function ignore(): void {
  // The pause was cut short by the shutdown, which the loop sees by itself.
}
