/** What a caller can do at a gateway, whoever signs for it. */
import type {
  CommandInput,
  CommandName,
  CommandResult,
  QueryInput,
  QueryName,
  QueryResult,
} from '@procurement/protocol';

/** What the gateway answers to a command. */
export interface CommandOutcome<Result> {
  readonly result: Result;
  /** The transaction that carried the command out; the first one's where it is a repetition. */
  readonly transactionId: string;
  /** Block of that transaction, decimal. */
  readonly blockNumber: string;
  /** Whether the same request had been carried out before. */
  readonly repeated: boolean;
}

/** State of an opening, and the list for those who may see it. */
export interface Opening {
  readonly status: QueryResult<'opening:status'>;
  readonly list?: QueryResult<'opening:list'>;
}

/** One transaction on a tender. */
export interface TrailEntry {
  /** Instant of the transaction, UTC. */
  readonly at: string;
  readonly signer: { readonly mspId: string; readonly subject: string; readonly spki: string };
  /** `contract:function`. */
  readonly command: string;
  readonly tenderId: string;
  /** Decimal; left out where it would tell of sealed bids. */
  readonly blockNumber?: string;
  readonly transactionId: string;
  /** Fabric's name of the validation result: `VALID`, `MVCC_READ_CONFLICT`, … */
  readonly validationCode: string;
  readonly changes: readonly { readonly record: string; readonly removed: boolean }[];
  readonly event?: { readonly name: string; readonly payload?: unknown };
}

/** Who did what to a tender. */
export interface Trail {
  readonly tenderId: string;
  /** False while the bids are sealed and something is left out for that reason. */
  readonly complete: boolean;
  readonly entries: readonly TrailEntry[];
}

/** Input of a command on a tender, without the tender's id. */
export type Body<Name extends CommandName> = Omit<CommandInput<Name>, 'tenderId'>;
/** What a command comes to. */
export type Outcome<Name extends CommandName> = Promise<CommandOutcome<CommandResult<Name>>>;
/** What a query comes to. */
export type Answer<Name extends QueryName> = Promise<QueryResult<Name>>;

/**
 * One caller's connection to one gateway. Every method throws {@link ApiProblem} where it is
 * refused and {@link ApiUnreachable} where no answer came.
 */
export abstract class ProcurementApi {
  /** Runs a command. */
  protected abstract run<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
  ): Outcome<Name>;

  /** Asks a query. */
  protected abstract ask<Name extends QueryName>(name: Name, input: QueryInput<Name>): Answer<Name>;

  /** How far the opening is, and one chunk of the list for those who may see it. */
  abstract opening(tenderId: string, chunk?: number): Promise<Opening>;

  /** Who did what to the tender. */
  abstract trail(tenderId: string): Promise<Trail>;

  /** Who the ledger takes the caller for. */
  async me(): Answer<'audit:whoami'> {
    return this.ask('audit:whoami', {});
  }

  /** Puts the caller's key into the register: officers, auditors, committee members. */
  async registerSelf(body: CommandInput<'key:register'>): Outcome<'key:register'> {
    return this.run('key:register', body);
  }

  /** Revokes a key: one's own at once, another's by the word of two organisations. */
  async revokeKey(body: CommandInput<'key:revoke'>): Outcome<'key:revoke'> {
    return this.run('key:revoke', body);
  }

  /** A key's entry in the register. */
  async key(spki: string): Answer<'key:get'> {
    return this.ask('key:get', { spki });
  }

  /** Puts a new key of the calling vendor into the register and ends the present one. */
  async renewKey(body: CommandInput<'vendor:renewKey'>): Outcome<'vendor:renewKey'> {
    return this.run('vendor:renewKey', body);
  }

  /** Gives a vendor that has lost its key a new one, by the word of two organisations. */
  async recoverKey(body: CommandInput<'vendor:recoverKey'>): Outcome<'vendor:recoverKey'> {
    return this.run('vendor:recoverKey', body);
  }

  /** Registers the caller as a vendor. */
  async registerVendor(body: CommandInput<'vendor:register'>): Outcome<'vendor:register'> {
    return this.run('vendor:register', body);
  }

  /** A vendor's entry in the register; the caller's own where no id is given. */
  async vendor(vendorId?: string): Answer<'vendor:get'> {
    return vendorId === undefined
      ? this.ask('vendor:me', {})
      : this.ask('vendor:get', { vendorId });
  }

  /** Drafts a tender. */
  async createTender(body: CommandInput<'tender:create'>): Outcome<'tender:create'> {
    return this.run('tender:create', body);
  }

  /** Tenders that the caller may see. */
  async tenders(): Answer<'tender:list'> {
    return this.ask('tender:list', {});
  }

  /** A tender and its state. */
  async tender(tenderId: string): Answer<'tender:get'> {
    return this.ask('tender:get', { tenderId });
  }

  /** The opening committee and its keys. Check them with `readCommittee` before sealing. */
  async committee(tenderId: string): Answer<'tender:committee'> {
    return this.ask('tender:committee', { tenderId });
  }

  /** Registers an opening key for the caller's seat. */
  async registerKey(
    _tenderId: string,
    body: CommandInput<'opening:registerKey'>,
  ): Outcome<'opening:registerKey'> {
    return this.run('opening:registerKey', body);
  }

  /** Shows that the opening key of the caller's seat is still at hand. */
  async rehearse(body: CommandInput<'opening:rehearse'>): Outcome<'opening:rehearse'> {
    return this.run('opening:rehearse', body);
  }

  /** Publishes the notice and freezes the committee. */
  async publish(tenderId: string, body: Body<'tender:publish'>): Outcome<'tender:publish'> {
    return this.run('tender:publish', onTender<'tender:publish'>(tenderId, body));
  }

  /** Amends a published notice: a later deadline, further documents, an explanation. */
  async amend(tenderId: string, body: Body<'tender:amend'>): Outcome<'tender:amend'> {
    return this.run('tender:amend', onTender<'tender:amend'>(tenderId, body));
  }

  /** Cancels a tender. */
  async cancel(tenderId: string, body: Body<'tender:cancel'>): Outcome<'tender:cancel'> {
    return this.run('tender:cancel', onTender<'tender:cancel'>(tenderId, body));
  }

  /** Hands in a sealed bid. */
  async submitBid(tenderId: string, body: Body<'bid:submit'>): Outcome<'bid:submit'> {
    return this.run('bid:submit', onTender<'bid:submit'>(tenderId, body));
  }

  /** Confirms the caller's bid for the notice as it now stands. */
  async confirmBid(tenderId: string, body: Body<'bid:confirm'>): Outcome<'bid:confirm'> {
    return this.run('bid:confirm', onTender<'bid:confirm'>(tenderId, body));
  }

  /** Withdraws the caller's bid. */
  async withdrawBid(tenderId: string, body: Body<'bid:withdraw'>): Outcome<'bid:withdraw'> {
    return this.run('bid:withdraw', onTender<'bid:withdraw'>(tenderId, body));
  }

  /** The bids; before the opening only the caller's own. */
  async bids(tenderId: string): Answer<'bid:list'> {
    return this.ask('bid:list', { tenderId });
  }

  /** Ends the submission of bids and fixes their list. */
  async close(tenderId: string, body: Body<'tender:close'>): Outcome<'tender:close'> {
    return this.run('tender:close', onTender<'tender:close'>(tenderId, body));
  }

  /** Posts the opening shares of the caller's seat for one chunk. */
  async postShares(
    _tenderId: string,
    body: CommandInput<'opening:postShares'>,
  ): Outcome<'opening:postShares'> {
    return this.run('opening:postShares', body);
  }

  /** Opens listed bids from the posted shares. */
  async combine(tenderId: string, body: Body<'opening:combine'>): Outcome<'opening:combine'> {
    return this.run('opening:combine', onTender<'opening:combine'>(tenderId, body));
  }

  /** Takes a listed bid whose deal is false off the list. */
  async strike(tenderId: string, body: Body<'opening:strike'>): Outcome<'opening:strike'> {
    return this.run('opening:strike', onTender<'opening:strike'>(tenderId, body));
  }

  /** Opens the caller's own bid by its secret. */
  async selfOpen(tenderId: string, body: Body<'opening:selfOpen'>): Outcome<'opening:selfOpen'> {
    return this.run('opening:selfOpen', onTender<'opening:selfOpen'>(tenderId, body));
  }

  /** Records, after the end of the opening, which bids could not be opened. */
  async recordMissing(
    tenderId: string,
    body: Body<'opening:recordMissing'>,
  ): Outcome<'opening:recordMissing'> {
    return this.run('opening:recordMissing', onTender<'opening:recordMissing'>(tenderId, body));
  }

  /** Registers the store of the caller's organisation. */
  async registerStore(body: CommandInput<'store:register'>): Outcome<'store:register'> {
    return this.run('store:register', body);
  }

  /** Gives a store that has lost its key a new one, by the word of two organisations. */
  async replaceStoreKey(body: CommandInput<'store:replaceKey'>): Outcome<'store:replaceKey'> {
    return this.run('store:replaceKey', body);
  }

  /** Every registered store. */
  async stores(): Answer<'store:list'> {
    return this.ask('store:list', {});
  }

  /** Examines and ranks the opened bids. */
  async evaluate(tenderId: string, body: Body<'award:evaluate'>): Outcome<'award:evaluate'> {
    return this.run('award:evaluate', onTender<'award:evaluate'>(tenderId, body));
  }

  /**
   * Records which first envelopes passed, once an officer of the buyer and an auditor have given
   * the same result, and fixes the list of second envelopes with it.
   */
  async recordTechnical(
    tenderId: string,
    body: Body<'award:recordTechnical'>,
  ): Outcome<'award:recordTechnical'> {
    return this.run('award:recordTechnical', onTender<'award:recordTechnical'>(tenderId, body));
  }

  /** Awards each lot to its lowest evaluated amount. */
  async decide(tenderId: string, body: Body<'award:decide'>): Outcome<'award:decide'> {
    return this.run('award:decide', onTender<'award:decide'>(tenderId, body));
  }

  /** The evaluation and, once decided, the award; of first envelopes which passed. */
  async award(tenderId: string): Answer<'award:get'> {
    return this.ask('award:get', { tenderId });
  }

  /** Everything that the ledger holds of the tender. */
  async record(tenderId: string): Answer<'audit:record'> {
    return this.ask('audit:record', { tenderId });
  }
}

function onTender<Name extends CommandName>(
  tenderId: string,
  body: Body<Name>,
): CommandInput<Name> {
  return { tenderId, ...body } as unknown as CommandInput<Name>;
}
