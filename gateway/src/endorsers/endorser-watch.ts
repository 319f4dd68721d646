import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { common, peer } from '@hyperledger/fabric-protos';
import { instantToMs, QUERIES } from '@procurement/protocol';
import { SETTINGS } from '../config/settings';
import type { Settings } from '../config/settings';
import { Identities } from '../identity/identities';
import { LEDGER } from '../ledger/ledger.port';
import type { Invocation, LedgerPort } from '../ledger/ledger.port';
import { LedgerStageError } from '../ledger/stage-errors';
import { Metrics } from '../metrics/metrics';
import { SKEW_ALARM_MS, skewOf } from './clock-skew';

/** Pause between two rounds. */
const PERIOD_MS = 60_000;
/** Pause after the first round in which somebody did not answer; each further one is as long again. */
const RETRY_MS = 500;
/** What a peer of 3.x says to a proposal whose time its own clock does not bear out. */
const BEYOND_TIME_WINDOW = 'incorrect timestamp';

/**
 * What was found when an organisation's endorser was last asked for its clock. `refused`: its peer
 * does not take a time that is right here (core/handlers/auth/filter/timewindow.go).
 */
export type EndorserClock =
  | { readonly kind: 'measured'; readonly skewMs: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' };

/**
 * Asks one endorser of every organisation for its clock and its height, every minute, as the
 * gateway itself. Nothing of it is ordered.
 */
@Injectable()
export class EndorserWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(EndorserWatch.name);
  readonly #clocks = new Map<string, EndorserClock>();
  #timer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS;
  #isEnded = false;

  constructor(
    @Inject(LEDGER) private readonly ledger: LedgerPort,
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly identities: Identities,
    private readonly metrics: Metrics,
  ) {}

  /** By organisation, each of which this gateway knows a peer. */
  get clocks(): ReadonlyMap<string, EndorserClock> {
    return new Map(
      this.ledger.organizations.map((mspId) => [
        mspId,
        this.#clocks.get(mspId) ?? { kind: 'unknown' },
      ]),
    );
  }

  onApplicationBootstrap(): void {
    void this.#round();
  }

  onApplicationShutdown(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    const { organizations } = this.ledger;
    const found = await Promise.all(organizations.map((mspId) => this.#look(mspId)));
    if (this.#isEnded) return;
    const isComplete = found.every(({ kind }) => kind === 'measured');
    const pauseMs = isComplete ? PERIOD_MS : Math.min(this.#retryMs, PERIOD_MS);
    this.#retryMs = isComplete ? RETRY_MS : 2 * pauseMs;
    this.#timer = setTimeout(() => void this.#round(), pauseMs);
    this.#timer.unref();
  }

  async #look(mspId: string): Promise<EndorserClock> {
    const [clock] = await Promise.all([
      this.#clockOf(mspId).catch(clockAfter),
      this.#noteHeight(mspId).catch(ignore),
    ]);
    if (this.#isEnded) return clock;
    this.#warn(mspId, clock);
    this.#clocks.set(mspId, clock);
    this.metrics.clock(mspId, clock.kind === 'measured' ? clock.skewMs : undefined);
    return clock;
  }

  async #clockOf(mspId: string): Promise<EndorserClock> {
    const bytes = await this.#ask(mspId, { transaction: 'audit:clock', args: ['{}'] });
    const answeredMs = Date.now();
    const said: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const { at, clock } = QUERIES['audit:clock'].result.parse(said);
    const reading = { askedMs: instantToMs(at), clockMs: instantToMs(clock), answeredMs };
    return { kind: 'measured', skewMs: skewOf(reading) };
  }

  async #noteHeight(mspId: string): Promise<void> {
    const call = { chaincode: 'qscc', transaction: 'GetChainInfo', args: [this.settings.channel] };
    const bytes = await this.#ask(mspId, call);
    this.metrics.height(mspId, common.BlockchainInfo.deserializeBinary(bytes).getHeight());
  }

  /** What the chaincode at an organisation's peer answers. */
  async #ask(mspId: string, call: Omit<Invocation, 'creator'>): Promise<Uint8Array> {
    const { service } = this.identities;
    const creator = { mspId: service.mspId, certificate: service.certificate };
    const proposal = await this.ledger.propose({ creator, ...call });
    const answer = peer.ProposalResponse.deserializeBinary(
      await this.ledger.attest(proposal, service.sign, mspId),
    );
    return answer.getResponse()?.getPayload_asU8() ?? new Uint8Array();
  }

  #warn(mspId: string, clock: EndorserClock): void {
    const before = this.#clocks.get(mspId);
    if (!isAlarm(clock) || (before !== undefined && isAlarm(before))) return;
    const how =
      clock.kind === 'measured'
        ? `is ${String(clock.skewMs / 1000)} s ahead of this gateway's`
        : "does not bear out this gateway's";
    this.#logger.warn(`the clock of the endorser of ${mspId} ${how}`);
  }
}

/** Whether somebody must set a clock right, this gateway's own perhaps. */
export function isAlarm(clock: EndorserClock): boolean {
  if (clock.kind === 'measured') return Math.abs(clock.skewMs) >= SKEW_ALARM_MS;
  return clock.kind === 'refused';
}

function clockAfter(error: unknown): EndorserClock {
  const isByTime = error instanceof LedgerStageError && error.text.includes(BEYOND_TIME_WINDOW);
  return { kind: isByTime ? 'refused' : 'unknown' };
}

function ignore(): void {
  // The height of a peer that does not answer stays what it was; that it does not answer is noted.
}
