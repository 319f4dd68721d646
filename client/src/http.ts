/** Requests to a gateway over fetch, the same in a browser and in Node. */

const BASE_PATH = '/api/v1';
const TIMEOUT_MS = 60_000;
/** How long bytes may take, one way: 64 MiB over a slow line. */
const TRANSFER_TIMEOUT_MS = 15 * 60_000;
const JSON_TYPES = 'application/json, application/problem+json';
const OCTETS = 'application/octet-stream';

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

/** One gateway, and how to be known there. */
export class GatewayHttp {
  readonly baseUrl: string;
  readonly #timeoutMs: number;

  /**
   * @param options.baseUrl address of the gateway without a path, such as `http://127.0.0.1:8080`
   * @param options.timeoutMs how long an answer may take, a minute by default
   */
  constructor(options: { readonly baseUrl: string; readonly timeoutMs?: number | undefined }) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /**
   * Sends a request and reads the JSON that comes back.
   * @param request.path begins after `/api/v1`
   * @param request.token bearer token, where one is needed
   * @throws {ApiProblem | ApiUnreachable}
   */
  async send(request: {
    readonly path: string;
    readonly token?: string | undefined;
    readonly body?: object;
  }): Promise<unknown> {
    const { body } = request;
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const call = { ...request, timeoutMs: this.#timeoutMs };
    return this.#exchange(call, { ...init, headers: { accept: JSON_TYPES, ...type } }, readJson);
  }

  /**
   * Puts bytes at an address and reads the JSON that comes back.
   * @throws {ApiProblem | ApiUnreachable}
   */
  async put(request: Place & { readonly bytes: Uint8Array }): Promise<unknown> {
    const headers = { accept: JSON_TYPES, 'content-type': OCTETS };
    const init = { method: 'PUT', body: new Uint8Array(request.bytes), headers };
    return this.#exchange({ ...request, timeoutMs: TRANSFER_TIMEOUT_MS }, init, readJson);
  }

  /**
   * The bytes at an address.
   * @throws {ApiProblem | ApiUnreachable}
   */
  async get(request: Place): Promise<Uint8Array> {
    const init = { headers: { accept: `${OCTETS}, ${JSON_TYPES}` } };
    const read = async (response: Response): Promise<Uint8Array> =>
      new Uint8Array(await response.arrayBuffer());
    return this.#exchange({ ...request, timeoutMs: TRANSFER_TIMEOUT_MS }, init, read);
  }

  async #exchange<Result>(
    { path, token, timeoutMs }: Place & { readonly timeoutMs: number },
    init: Omit<RequestInit, 'headers'> & { readonly headers: Readonly<Record<string, string>> },
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { ...init.headers, ...authorization };
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const url = `${this.baseUrl}${BASE_PATH}${path}`;
      const response = await fetch(url, { ...init, headers, signal, redirect: 'error' });
      if (!response.ok) throw problemOf(response.status, await response.text());
      return await read(response);
    } catch (error) {
      if (error instanceof ApiProblem) throw error;
      throw new ApiUnreachable(`${this.baseUrl}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

/** Where a request goes: a path after `/api/v1`, and the bearer token that opens it. */
interface Place {
  readonly path: string;
  readonly token?: string | undefined;
}

async function readJson(response: Response): Promise<unknown> {
  return JSON.parse(await response.text()) as unknown;
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
