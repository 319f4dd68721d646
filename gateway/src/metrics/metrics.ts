import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { problemCode } from '../http/problem';

/** What people hand to a gateway: signed questions, signed proposals, signed transactions. */
export type RelayedKind = 'query' | 'proposal' | 'transaction';

const OK = 'OK';
const MS_PER_S = 1_000;

/** What operators watch, in the terms of Prometheus. Codes are those of the problem documents. */
@Injectable()
export class Metrics {
  readonly #registry = new Registry();
  readonly #relayed = new Counter({
    name: 'procurement_relayed_total',
    help: 'Signed queries, proposals and transactions, by what became of them here: OK or a code',
    labelNames: ['kind', 'code'] as const,
    registers: [this.#registry],
  });
  readonly #closes = new Counter({
    name: 'procurement_close_attempts_total',
    help: 'Closes of tenders that were due, tried by this gateway itself: OK or a code',
    labelNames: ['code'] as const,
    registers: [this.#registry],
  });
  readonly #answers = new Gauge({
    name: 'procurement_endorser_answers',
    help: 'Whether the endorser of an organisation told its clock when it was last asked',
    labelNames: ['organization'] as const,
    registers: [this.#registry],
  });
  readonly #skews = new Gauge({
    name: 'procurement_endorser_clock_skew_seconds',
    help: "How far an endorser's clock is ahead of this gateway's, at least; none while unknown",
    labelNames: ['organization'] as const,
    registers: [this.#registry],
  });
  readonly #heights = new Gauge({
    name: 'procurement_ledger_height',
    help: "Blocks in the ledger of an organisation's peer when it was last asked",
    labelNames: ['organization'] as const,
    registers: [this.#registry],
  });

  /** Media type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Counts something that is relayed, whatever becomes of it. @throws what the passing throws */
  relayed<Result>(kind: RelayedKind, passing: Promise<Result>): Promise<Result> {
    return counted(passing, (code) => {
      this.#relayed.inc({ kind, code });
    });
  }

  /** Counts an attempt to close a tender. @throws what the attempt throws */
  closing<Result>(attempt: Promise<Result>): Promise<Result> {
    return counted(attempt, (code) => {
      this.#closes.inc({ code });
    });
  }

  /** Notes an endorser's clock; undefined where it told none. */
  clock(organization: string, skewMs: number | undefined): void {
    this.#answers.set({ organization }, skewMs === undefined ? 0 : 1);
    if (skewMs === undefined) this.#skews.remove({ organization });
    else this.#skews.set({ organization }, skewMs / MS_PER_S);
  }

  /** Notes the number of blocks at an organisation's peer. */
  height(organization: string, blocks: number): void {
    this.#heights.set({ organization }, blocks);
  }
}

async function counted<Result>(
  work: Promise<Result>,
  count: (code: string) => void,
): Promise<Result> {
  try {
    const result = await work;
    count(OK);
    return result;
  } catch (error) {
    count(problemCode(error));
    throw error;
  }
}
