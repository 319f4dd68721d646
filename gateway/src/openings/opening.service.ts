import { Injectable } from '@nestjs/common';
import { parseReject } from '@procurement/protocol';
import type { QueryInput, QueryResult, RejectCode } from '@procurement/protocol';
import type { Identity } from '../identity/wallet';
import { EvaluateRefused } from '../ledger/stage-errors';
import { QueryService } from '../transactions/query.service';

/** Refusals that say only that the list is not for this caller, or not yet. */
const NOT_SHOWN: readonly RejectCode[] = ['ROLE', 'PHASE', 'SIGNER', 'SEAT', 'AGENCY', 'STATE'];

/** State of an opening. */
export interface Opening {
  readonly status: QueryResult<'opening:status'>;
  /** The list with its envelopes; absent where the ledger does not show it to the caller. */
  readonly list?: QueryResult<'opening:list'>;
}

/** Puts together what the ledger tells of an opening. */
@Injectable()
export class OpeningService {
  constructor(private readonly queries: QueryService) {}

  /** @throws LedgerStageError if the ledger refuses even the status, or no peer answered */
  async ofTender(caller: Identity, input: QueryInput<'opening:list'>): Promise<Opening> {
    const { tenderId } = input;
    const status = await this.queries.run(caller, { name: 'opening:status', input: { tenderId } });
    const list = await this.#list(caller, input);
    return list === undefined ? { status } : { status, list };
  }

  async #list(
    caller: Identity,
    input: QueryInput<'opening:list'>,
  ): Promise<QueryResult<'opening:list'> | undefined> {
    try {
      return await this.queries.run(caller, { name: 'opening:list', input });
    } catch (error) {
      const reject = error instanceof EvaluateRefused ? parseReject(error.text) : undefined;
      if (reject !== undefined && NOT_SHOWN.includes(reject.code)) {
        return undefined;
      }
      throw error;
    }
  }
}
