import { Inject, Injectable } from '@nestjs/common';
import { encodeCanonical } from '@procurement/protocol';
import type { QueryInput, QueryName, QueryResult } from '@procurement/protocol';
import type { Identity } from '../identity/wallet';
import { LEDGER } from '../ledger/ledger.port';
import type { LedgerPort } from '../ledger/ledger.port';

/** Asks the ledger, on the peer of the caller's organisation and with the caller's rights. */
@Injectable()
export class QueryService {
  constructor(@Inject(LEDGER) private readonly ledger: LedgerPort) {}

  /**
   * @returns what the chaincode answered this caller
   * @throws LedgerStageError if it refused, or no peer answered
   */
  async run<Name extends QueryName>(
    caller: Identity,
    query: { readonly name: Name; readonly input: QueryInput<Name> },
  ): Promise<QueryResult<Name>> {
    const proposal = await this.ledger.propose({
      creator: { mspId: caller.mspId, certificate: caller.certificate },
      transaction: query.name,
      args: [encodeCanonical(query.input)],
    });
    const bytes = await this.ledger.evaluate(proposal, caller.sign);
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as QueryResult<Name>;
  }
}
