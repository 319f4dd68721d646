import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { envelopeOf, graceEndMs, otherEnvelopeOf } from '@procurement/protocol';
import type { QueryResult } from '@procurement/protocol';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { Identities } from '../identity/identities';
import { VALID, validationCodeName } from '../ledger/validation-code';
import { Metrics } from '../metrics/metrics';
import { MemoryTrail } from '../trail/memory-trail';
import type { TrailEntry } from '../trail/trail-index';
import { CommandService } from '../transactions/command.service';
import { QueryService } from '../transactions/query.service';
import { turnMs } from './turn';

/** Pause before a tender that was published or amended is looked at: what follows may end it. */
const LOOK_AFTER_MS = 200;
/** Pause before another attempt, whatever went wrong. */
const RETRY_MS = 2_000;
/** Longest that a timer is set for; it is set again then. */
const TIMER_MAX_MS = 24 * 3600 * 1000;

const BEGINNING: readonly string[] = ['tender:publish', 'tender:amend'];
/** A cancellation may be only asked for; whether it took place is read before the close. */
const ENDING = 'tender:close';

/**
 * Closes every published tender once deadline and grace have passed, without being asked, as the
 * gateway itself. What is due is read from the blocks, from the first one at every start, and from
 * the ledger before every attempt; whoever closes first, the ledger takes one close. Of two
 * envelopes the first is closed, and the second with it, once the time of both has passed.
 */
@Injectable()
export class Closer implements OnApplicationShutdown {
  readonly #logger = new Logger(Closer.name);
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #isEnded = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly identities: Identities,
    private readonly queries: QueryService,
    private readonly commands: CommandService,
    private readonly metrics: Metrics,
    trail: MemoryTrail,
  ) {
    trail.onEntry((entry) => {
      this.#see(entry);
    });
  }

  onApplicationShutdown(): void {
    this.#isEnded = true;
    for (const tenderId of [...this.#timers.keys()]) this.#forget(tenderId);
  }

  #see({ command, tenderId, validationCode }: TrailEntry): void {
    if (tenderId === undefined || envelopeOf(tenderId) === 'financial') return;
    if (validationCode !== validationCodeName(VALID)) return;
    if (BEGINNING.includes(command)) this.#attendAfter(tenderId, LOOK_AFTER_MS);
    if (command === ENDING) this.#forget(tenderId);
  }

  #attendAfter(tenderId: string, pauseMs: number): void {
    this.#forget(tenderId);
    if (this.#isEnded) return;
    const timer = setTimeout(() => void this.#attend(tenderId), Math.min(pauseMs, TIMER_MAX_MS));
    timer.unref();
    this.#timers.set(tenderId, timer);
  }

  #forget(tenderId: string): void {
    clearTimeout(this.#timers.get(tenderId));
    this.#timers.delete(tenderId);
  }

  async #attend(tenderId: string): Promise<void> {
    try {
      const tender = await this.#read(tenderId);
      if (tender.state !== 'published') return;
      const leftMs = (await this.#ownTurnAtMs(tender)) - Date.now();
      if (leftMs > 0) this.#attendAfter(tenderId, leftMs);
      else await this.#close(tenderId);
    } catch (error) {
      if (this.#isEnded) return;
      const why = error instanceof Error ? error.message : String(error);
      this.#logger.warn(`${tenderId} is due and not closed yet: ${why}`);
      this.#attendAfter(tenderId, RETRY_MS);
    }
  }

  #read(tenderId: string): Promise<QueryResult<'tender:get'>> {
    return this.queries.run(this.identities.service, { name: 'tender:get', input: { tenderId } });
  }

  async #ownTurnAtMs(tender: QueryResult<'tender:get'>): Promise<number> {
    const { mspId } = this.identities.service;
    const { tenderId } = tender;
    const secondId = otherEnvelopeOf(tenderId);
    const second = secondId === undefined ? tender : await this.#read(secondId);
    const dueMs = Math.max(graceEndMs(tender), graceEndMs(second));
    return dueMs + this.settings.closeDelayMs + turnMs({ mspId, tenderId });
  }

  async #close(tenderId: string): Promise<void> {
    const input = { requestId: tenderId, tenderId };
    const command = { name: 'tender:close', input } as const;
    await this.metrics.closing(this.commands.run(this.identities.service, command));
    this.#logger.log(`${tenderId} was due and is closed`);
  }
}
