/** A service account's connection: the gateway holds the account's key and signs with it. */
import type {
  CommandInput,
  CommandName,
  QueryInput,
  QueryName,
  QueryResult,
} from '@procurement/protocol';
import { type Answer, type Opening, type Outcome, ProcurementApi, type Trail } from './api';
import { GatewayHttp } from './http';

/** A route: its path after `/api/v1`, from the input of what it runs. */
type PathOf = (input: Readonly<Record<string, unknown>>) => string;

const ofTender = (part?: string): PathOf => {
  return ({ tenderId }) => tenderPath(String(tenderId), part);
};

/** Named routes; every other command goes through `/commands/:transaction`. */
const COMMAND_PATHS: Readonly<Partial<Record<CommandName, PathOf>>> = {
  'vendor:register': () => '/vendors',
  'tender:create': () => '/tenders',
  'opening:registerKey': ({ key }) =>
    tenderPath((key as { readonly tenderId: string }).tenderId, 'committee-keys'),
  'tender:publish': ofTender('publication'),
  'tender:cancel': ofTender('cancellation'),
  'bid:submit': ofTender('bids'),
  'tender:close': ofTender('closure'),
  'opening:postShares': ({ shares }) =>
    tenderPath((shares as { readonly tenderId: string }).tenderId, 'shares'),
  'opening:combine': ofTender('combination'),
  'award:evaluate': ofTender('evaluation'),
  'award:recordTechnical': ofTender('technical-evaluation'),
  'award:decide': ofTender('award'),
};

/** Named routes; every other query goes through `/queries/:transaction`. */
const QUERY_PATHS: Readonly<Partial<Record<QueryName, PathOf>>> = {
  'audit:whoami': () => '/me',
  'vendor:me': () => '/vendors/me',
  'vendor:get': ({ vendorId }) => `/vendors/${encodeURIComponent(String(vendorId))}`,
  'tender:list': () => '/tenders',
  'tender:get': ofTender(),
  'tender:committee': ofTender('committee'),
  'bid:list': ofTender('bids'),
  'award:get': ofTender('award'),
  'audit:record': ofTender('record'),
};

/** Commands whose tender stands in their own message, so that it stays in the body. */
const WHOLE_BODY: readonly CommandName[] = ['opening:registerKey', 'opening:postShares'];

/** {@link ProcurementApi} of a service account, by its bearer token. */
export class ServiceApi extends ProcurementApi {
  readonly #http: GatewayHttp;
  readonly #token: string;

  /**
   * @param options.baseUrl address of the gateway without a path, such as `http://127.0.0.1:8080`
   * @param options.token the account's bearer token
   * @param options.timeoutMs how long an answer may take, a minute by default
   */
  constructor(options: {
    readonly baseUrl: string;
    readonly token: string;
    readonly timeoutMs?: number;
  }) {
    super();
    this.#http = new GatewayHttp(options);
    this.#token = options.token;
  }

  async opening(tenderId: string, chunk?: number): Promise<Opening> {
    const query = chunk === undefined ? '' : `?chunk=${chunk}`;
    return this.#get<Opening>(`${tenderPath(tenderId, 'opening')}${query}`);
  }

  async trail(tenderId: string): Promise<Trail> {
    return this.#get<Trail>(tenderPath(tenderId, 'trail'));
  }

  protected async run<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
  ): Outcome<Name> {
    const members = input as Readonly<Record<string, unknown>>;
    const named = COMMAND_PATHS[name];
    const inBody = Object.entries(members).filter(([member]) => member !== 'tenderId');
    const isWhole = named === undefined || WHOLE_BODY.includes(name);
    const body = isWhole ? members : Object.fromEntries(inBody);
    const path = named?.(members) ?? `/commands/${name}`;
    return (await this.#http.send({ path, token: this.#token, body })) as Awaited<Outcome<Name>>;
  }

  protected async ask<Name extends QueryName>(name: Name, input: QueryInput<Name>): Answer<Name> {
    const path = QUERY_PATHS[name]?.(input);
    if (path !== undefined) return this.#get<QueryResult<Name>>(path);
    const request = { path: `/queries/${name}`, token: this.#token, body: input };
    return (await this.#http.send(request)) as QueryResult<Name>;
  }

  async #get<Result>(path: string): Promise<Result> {
    return (await this.#http.send({ path, token: this.#token })) as Result;
  }
}

function tenderPath(tenderId: string, part?: string): string {
  const path = `/tenders/${encodeURIComponent(tenderId)}`;
  return part === undefined ? path : `${path}/${part}`;
}
