import { Inject, Injectable } from '@nestjs/common';
import type { TenderView } from '@procurement/protocol';
import type { Identity } from '../identity/wallet';
import { LedgerProgress } from '../transactions/ledger-progress';
import { QueryService } from '../transactions/query.service';
import { TRAIL } from './trail-index';
import type { TrailIndex } from './trail-index';
import { visibleTrail } from './visibility';
import type { VisibleTrail } from './visibility';

/** How long a reader waits for a block that this gateway has seen committed. */
const INDEX_WAIT_MS = 5_000;

/** A tender's trail as its caller may see it. */
export interface TenderTrail extends VisibleTrail {
  readonly tenderId: string;
}

/** Answers who did what to a tender. */
@Injectable()
export class TrailService {
  constructor(
    @Inject(TRAIL) private readonly trail: TrailIndex,
    private readonly queries: QueryService,
    private readonly progress: LedgerProgress,
  ) {}

  /**
   * The ledger decides whether this caller may see the tender at all, and whether it is opened.
   * @throws LedgerStageError if it refused, or no peer answered
   */
  async ofTender(caller: Identity, tenderId: string): Promise<TenderTrail> {
    const tender = await this.queries.run(caller, { name: 'tender:get', input: { tenderId } });
    return this.shownTo(caller, tender);
  }

  /**
   * The trail of a tender that the ledger has just shown to this caller.
   * @param tender what the ledger answered to the caller's own `tender:get`
   */
  async shownTo(
    caller: { readonly mspId: string; readonly spki: string },
    { tenderId, opened }: Pick<TenderView, 'tenderId' | 'opened'>,
  ): Promise<TenderTrail> {
    await this.trail.reached(this.progress.highest, INDEX_WAIT_MS);
    const entries = await this.trail.entries(tenderId);
    const viewer = { mspId: caller.mspId, spki: caller.spki, opened: opened !== undefined };
    return { tenderId, ...visibleTrail(entries, viewer) };
  }
}
