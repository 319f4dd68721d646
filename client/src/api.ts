/** The gateway's REST interface over fetch, the same in a browser and in Node. */
import type {
  CommandInput,
  CommandName,
  CommandResult,
  QueryName,
  QueryResult,
} from '@procurement/protocol';

const BASE_PATH = '/api/v1';
const TIMEOUT_MS = 60_000;

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

/** A refusal by the ledger or the gateway: a problem document of RFC 9457. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** HTTP status. */
  readonly status: number;
  /** Reject code of the ledger, or a code of the gateway. */
  readonly code: string;
  /** The values that the code speaks of. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The transaction that failed, where there was one. */
  readonly transactionId: string | undefined;

  constructor(problem: {
    readonly status: number;
    readonly code: string;
    readonly detail: string;
    readonly args: Readonly<Record<string, unknown>>;
    readonly transactionId: string | undefined;
  }) {
    super(`${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.args = problem.args;
    this.transactionId = problem.transactionId;
  }
}

/** No answer came, or none that could be read. A command may have been carried out all the same. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
}

type Body<Name extends CommandName> = Omit<CommandInput<Name>, 'tenderId'>;
type Outcome<Name extends CommandName> = Promise<CommandOutcome<CommandResult<Name>>>;
type Answer<Name extends QueryName> = Promise<QueryResult<Name>>;

/**
 * One caller's connection to one gateway. Every method throws {@link ApiProblem} where it is
 * refused and {@link ApiUnreachable} where no answer came.
 */
export class ProcurementApi {
  readonly #baseUrl: string;
  readonly #token: string;
  readonly #timeoutMs: number;

  /**
   * @param options.baseUrl address of the gateway without a path, such as `http://127.0.0.1:8080`
   * @param options.token the caller's bearer token
   * @param options.timeoutMs how long an answer may take, a minute by default
   */
  constructor(options: {
    readonly baseUrl: string;
    readonly token: string;
    readonly timeoutMs?: number;
  }) {
    this.#baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#token = options.token;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /** Reads; `path` begins after `/api/v1`. */
  async get<Result>(path: string): Promise<Result> {
    return (await this.#request(path, { method: 'GET' })) as Result;
  }

  /** Runs a command; `path` begins after `/api/v1`. */
  async post<Result>(path: string, body: object): Promise<CommandOutcome<Result>> {
    const init = { method: 'POST', body: JSON.stringify(body) };
    return (await this.#request(path, init)) as CommandOutcome<Result>;
  }

  /** Who the ledger takes the caller for. */
  async me(): Answer<'audit:whoami'> {
    return this.get('/me');
  }

  /** Registers the caller as a vendor. */
  async registerVendor(body: Body<'vendor:register'>): Outcome<'vendor:register'> {
    return this.post('/vendors', body);
  }

  /** A vendor's entry in the register; the caller's own where no id is given. */
  async vendor(vendorId = 'me'): Answer<'vendor:get'> {
    return this.get(`/vendors/${encodeURIComponent(vendorId)}`);
  }

  /** Drafts a tender. */
  async createTender(body: CommandInput<'tender:create'>): Outcome<'tender:create'> {
    return this.post('/tenders', body);
  }

  /** Tenders that the caller may see. */
  async tenders(): Answer<'tender:list'> {
    return this.get('/tenders');
  }

  /** A tender and its state. */
  async tender(tenderId: string): Answer<'tender:get'> {
    return this.get(tenderPath(tenderId));
  }

  /** The opening committee and its keys. Check them with `readCommittee` before sealing. */
  async committee(tenderId: string): Answer<'tender:committee'> {
    return this.get(tenderPath(tenderId, 'committee'));
  }

  /** Registers an opening key for the caller's seat. */
  async registerKey(
    tenderId: string,
    body: Body<'opening:registerKey'>,
  ): Outcome<'opening:registerKey'> {
    return this.post(tenderPath(tenderId, 'committee-keys'), body);
  }

  /** Publishes the notice and freezes the committee. */
  async publish(tenderId: string, body: Body<'tender:publish'>): Outcome<'tender:publish'> {
    return this.post(tenderPath(tenderId, 'publication'), body);
  }

  /** Cancels a tender. */
  async cancel(tenderId: string, body: Body<'tender:cancel'>): Outcome<'tender:cancel'> {
    return this.post(tenderPath(tenderId, 'cancellation'), body);
  }

  /** Hands in a sealed bid. */
  async submitBid(tenderId: string, body: Body<'bid:submit'>): Outcome<'bid:submit'> {
    return this.post(tenderPath(tenderId, 'bids'), body);
  }

  /** The bids; before the opening only the caller's own. */
  async bids(tenderId: string): Answer<'bid:list'> {
    return this.get(tenderPath(tenderId, 'bids'));
  }

  /** Ends the submission of bids and fixes their list. */
  async close(tenderId: string, body: Body<'tender:close'>): Outcome<'tender:close'> {
    return this.post(tenderPath(tenderId, 'closure'), body);
  }

  /** How far the opening is, and one chunk of the list for those who may see it. */
  async opening(tenderId: string, chunk?: number): Promise<Opening> {
    const query = chunk === undefined ? '' : `?chunk=${chunk}`;
    return this.get(`${tenderPath(tenderId, 'opening')}${query}`);
  }

  /** Posts the opening shares of the caller's seat for one chunk. */
  async postShares(
    tenderId: string,
    body: Body<'opening:postShares'>,
  ): Outcome<'opening:postShares'> {
    return this.post(tenderPath(tenderId, 'shares'), body);
  }

  /** Opens listed bids from the posted shares. */
  async combine(tenderId: string, body: Body<'opening:combine'>): Outcome<'opening:combine'> {
    return this.post(tenderPath(tenderId, 'combination'), body);
  }

  /** Examines and ranks the opened bids. */
  async evaluate(tenderId: string, body: Body<'award:evaluate'>): Outcome<'award:evaluate'> {
    return this.post(tenderPath(tenderId, 'evaluation'), body);
  }

  /** Awards each lot to its lowest evaluated amount. */
  async decide(tenderId: string, body: Body<'award:decide'>): Outcome<'award:decide'> {
    return this.post(tenderPath(tenderId, 'award'), body);
  }

  /** The evaluation and, once decided, the award. */
  async award(tenderId: string): Answer<'award:get'> {
    return this.get(tenderPath(tenderId, 'award'));
  }

  /** Who did what to the tender. */
  async trail(tenderId: string): Promise<Trail> {
    return this.get(tenderPath(tenderId, 'trail'));
  }

  /** Everything that the ledger holds of the tender. */
  async record(tenderId: string): Answer<'audit:record'> {
    return this.get(tenderPath(tenderId, 'record'));
  }

  async #request(path: string, init: { method: string; body?: string }): Promise<unknown> {
    const headers = {
      accept: 'application/json, application/problem+json',
      authorization: `Bearer ${this.#token}`,
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const url = `${this.#baseUrl}${BASE_PATH}${path}`;
    try {
      const response = await fetch(url, { ...init, headers, signal, redirect: 'error' });
      const text = await response.text();
      if (!response.ok) throw problemOf(response.status, text);
      return JSON.parse(text) as unknown;
    } catch (error) {
      if (error instanceof ApiProblem) throw error;
      throw new ApiUnreachable(`${this.#baseUrl}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

function tenderPath(tenderId: string, part?: string): string {
  const path = `/tenders/${encodeURIComponent(tenderId)}`;
  return part === undefined ? path : `${path}/${part}`;
}

function problemOf(status: number, text: string): ApiProblem {
  const { code, detail, args, transactionId } = membersOf(text);
  return new ApiProblem({
    status,
    code: typeof code === 'string' ? code : 'HTTP',
    detail: typeof detail === 'string' ? detail : `the gateway answered with status ${status}`,
    args: isObject(args) ? args : {},
    transactionId: typeof transactionId === 'string' ? transactionId : undefined,
  });
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** fetch says only "fetch failed"; what happened stands in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  return error.cause instanceof Error ? error.cause.message : error.message;
}
