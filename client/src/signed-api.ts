/**
 * A person's connection: everything is built, checked and signed here, and the gateway only passes
 * it on. Nothing of the key leaves this device.
 */
import {
  checkFormat,
  type CommandInput,
  type CommandName,
  encodeCanonical,
  fromBase64url,
  fromUtf8,
  type QueryInput,
  type QueryName,
  type QueryResult,
  type Receipt,
  receiptSchema,
  type Stored,
  type StoreReceipt,
  storeReceiptSchema,
  toBase64url,
  type TransactionName,
} from '@procurement/protocol';
import {
  buildProposal,
  type BuiltProposal,
  NONCE_LENGTH,
  type ReadTransaction,
} from '@procurement/protocol/fabric';
import { type Answer, type Opening, type Outcome, ProcurementApi, type Trail } from './api';
import { check } from './check';
import type { KeptFor } from './document-store';
import { ApiProblem, ApiUnreachable, GatewayHttp } from './http';
import { checkEndorsed } from './signing/check-endorsed';
import { checkWrites } from './signing/check-writes';
import { readAnswer } from './signing/read-answer';
import type { PinnedRoots } from './signing/roots';
import type { Signer } from './signing/signer';

const VALID = 'VALID';
/** Codes by which a block says that somebody else changed the same records first. */
const CONFLICTS: readonly string[] = ['MVCC_READ_CONFLICT', 'PHANTOM_READ_CONFLICT'];
/** New proposals after the first one, where others got in between. */
const RETRIES_MAX = 3;
const RETRY_PAUSE_MS = 50;
const CONFLICT_STATUS = 409;
const INVALID_STATUS = 502;
const UNAUTHENTICATED = 401;
/** Codes by which a gateway says that it does not know what became of a transaction. */
const NO_WORD: readonly string[] = ['SUBMIT_UNKNOWN', 'STATUS_UNKNOWN'];
/** Refusals that say only that the list is not for this caller, or not yet. */
const NOT_SHOWN: readonly string[] = ['ROLE', 'PHASE', 'SIGNER', 'SEAT', 'AGENCY', 'STATE'];

/**
 * Answers that no one gateway may make up: the notice, the committee for which a bid is sealed,
 * whether it is closed, and which first envelopes passed. The peers of those who endorse commands
 * sign them (TSEAL-V1 section 2).
 */
const ATTESTED: readonly QueryName[] = ['tender:get', 'tender:committee', 'award:get'];

/** What is public once it is proposed, so that no one gateway sees it first (section 8). */
const TO_ALL_AT_ONCE: readonly CommandName[] = ['opening:postShares'];

/** The channel and chaincode of the ledger, unless an option says otherwise. */
export const LEDGER_TARGET = { channel: 'procurement', chaincode: 'procurement' } as const;

/** What one organisation's peer says of a transaction. */
export interface PeerStatus {
  readonly mspId: string;
  readonly blockNumber: string;
  readonly validationCode: string;
}

/** Where a person's transactions go, and whom they trust. */
export interface SignedApiOptions {
  /** Address of the gateway without a path. */
  readonly baseUrl: string;
  readonly signer: Signer;
  readonly roots: PinnedRoots;
  /** Default: `procurement`. */
  readonly channel?: string;
  /** Default: `procurement`. */
  readonly chaincode?: string;
  /** How long an answer may take, a minute by default. */
  readonly timeoutMs?: number;
  /** The same person at other organisations' gateways, for what this one drops or delays. */
  readonly others?: readonly SignedApi[];
}

/** {@link ProcurementApi} of somebody who holds the key. */
export class SignedApi extends ProcurementApi {
  readonly #http: GatewayHttp;
  readonly #signer: Signer;
  readonly #roots: PinnedRoots;
  readonly #target: { readonly channel: string; readonly chaincode: string };
  /** This gateway first, then the others. */
  readonly #ways: readonly SignedApi[];
  #session: Promise<string> | undefined;

  constructor(options: SignedApiOptions) {
    super();
    this.#http = new GatewayHttp(options);
    this.#signer = options.signer;
    this.#roots = options.roots;
    this.#ways = [this, ...(options.others ?? [])];
    const { channel, chaincode } = { ...LEDGER_TARGET, ...options };
    this.#target = { channel, chaincode };
  }

  async opening(tenderId: string, chunk?: number): Promise<Opening> {
    const status = await this.ask('opening:status', { tenderId });
    const input = { tenderId, ...(chunk === undefined ? {} : { chunk }) };
    const list = await this.ask('opening:list', input).catch((error: unknown) => {
      if (error instanceof ApiProblem && NOT_SHOWN.includes(error.code)) return undefined;
      throw error;
    });
    return list === undefined ? { status } : { status, list };
  }

  async trail(tenderId: string): Promise<Trail> {
    const signed = await this.#signedQuery('tender:get', encodeCanonical({ tenderId }));
    return (await this.#send('/relay/trails', signed)) as Trail;
  }

  /** The receipt of a transaction that the caller signed, once two organisations have it. */
  async receipt(transactionId: string): Promise<Receipt> {
    const receipt = await this.#firstAnswer(`/relay/transactions/${transactionId}/receipt`);
    return checkFormat(receiptSchema, receipt);
  }

  /**
   * A block as the gateway's peer keeps it, for {@link verifyProcedure}; undefined where there is
   * none yet, or it holds bids of others that are still sealed.
   * @returns serialised `common.Block`
   */
  async block(number: number): Promise<Uint8Array | undefined> {
    const answer = this.#send(`/relay/blocks/${number}`) as Promise<{ readonly block: string }>;
    return answer.then(
      ({ block }) => fromBase64url(block),
      (error: unknown) => {
        if (error instanceof ApiProblem && error.code === 'BLOCK_WITHHELD') return undefined;
        throw error;
      },
    );
  }

  /** Whether other gateways get what this one drops, and what is for all of them. */
  get hasOthers(): boolean {
    return this.#ways.length > 1;
  }

  /** The channel and chaincode for which everything is signed. */
  get ledger(): { readonly channel: string; readonly chaincode: string } {
    return this.#target;
  }

  /** Has the gateway's store keep a ciphertext, and gives what it signed, unchecked. */
  async keepStored(bytes: Uint8Array, about: KeptFor & Stored): Promise<StoreReceipt> {
    const { ctHash, bidKey, version } = about;
    const query = `bidKey=${encodeURIComponent(bidKey)}&version=${version}`;
    const path = `/store/${ctHash}?${query}`;
    const receipt = await this.#inSession((token) => this.#http.put({ path, token, bytes }));
    return checkFormat(storeReceiptSchema, receipt);
  }

  /** What the gateway's store has under a hash, unchecked. */
  async stored({ ctHash }: Stored): Promise<Uint8Array> {
    return this.#inSession((token) => this.#http.get({ path: `/store/${ctHash}`, token }));
  }

  protected async run<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
  ): Outcome<Name> {
    return proposedAnew(() => this.#runOnce(name, input));
  }

  protected async ask<Name extends QueryName>(name: Name, input: QueryInput<Name>): Answer<Name> {
    const text = encodeCanonical(input);
    if (ATTESTED.includes(name)) return proposedAnew(() => this.#askAttested(name, text));
    const signed = await this.#signedQuery(name, text);
    const { result } = (await this.#send('/relay/queries', signed)) as { readonly result: string };
    return JSON.parse(result) as QueryResult<Name>;
  }

  /** An answer under the signatures of those who must endorse; it is never handed in. */
  async #askAttested<Name extends QueryName>(name: Name, text: string): Answer<Name> {
    const { transaction } = await this.#endorsed(name, text);
    return JSON.parse(fromUtf8(transaction.result)) as QueryResult<Name>;
  }

  async #endorsed(
    name: TransactionName,
    text: string,
  ): Promise<{ readonly payload: Uint8Array; readonly transaction: ReadTransaction }> {
    const proposal = await this.#propose(name, text);
    const signed = await this.#sign(proposal);
    const isForAll = TO_ALL_AT_ONCE.some((one) => one === name);
    const path = '/relay/proposals';
    const answer = isForAll ? this.#anyAnswer(path, signed) : this.#firstAnswer(path, signed);
    const endorsed = (await answer) as { readonly payload: string };
    const payload = fromBase64url(endorsed.payload);
    return { payload, transaction: await checkEndorsed(payload, proposal.bytes, this.#roots) };
  }

  async #runOnce<Name extends CommandName>(name: Name, input: CommandInput<Name>): Outcome<Name> {
    const { payload, transaction } = await this.#endorsed(name, encodeCanonical(input));
    const answer = readAnswer(name, transaction.result);
    if (!answer.repeated) {
      checkWrites({ name, input, answer, writes: transaction.writes });
      await this.#submit(payload);
    }
    const blockNumber = await this.#awaitValid(answer.transactionId);
    return { ...answer, blockNumber };
  }

  async #propose(transaction: string, text: string): Promise<BuiltProposal> {
    const nonce = globalThis.crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
    const call = { ...this.#target, transaction, args: [text] };
    return buildProposal({ ...call, creator: this.#signer, nonce, atMs: Date.now() });
  }

  async #sign({ bytes }: Pick<BuiltProposal, 'bytes'>): Promise<object> {
    const signature = await this.#signer.sign(bytes);
    return { proposal: toBase64url(bytes), signature: toBase64url(signature) };
  }

  async #signedQuery(name: QueryName, text: string): Promise<object> {
    return this.#sign(await this.#propose(name, text));
  }

  /**
   * Hands the signed transaction in. Where no answer comes, the same bytes are handed in again, in
   * turn at the other gateways: the ledger keeps one of them.
   */
  async #submit(payload: Uint8Array): Promise<void> {
    const signature = await this.#signer.sign(payload);
    const body = { payload: toBase64url(payload), signature: toBase64url(signature) };
    for (let retries = 0; ; retries += 1) {
      try {
        await this.#firstAnswer('/relay/transactions', body);
        return;
      } catch (error) {
        if (retries >= RETRIES_MAX || !isUnknown(error)) throw error;
      }
    }
  }

  /** Waits until peers of two organisations have the transaction as VALID. @returns its block */
  async #awaitValid(transactionId: string): Promise<string> {
    const path = `/relay/transactions/${transactionId}`;
    const { statuses } = (await this.#firstAnswer(path)) as {
      readonly statuses: readonly PeerStatus[];
    };
    const organizations = new Set(statuses.map(({ mspId }) => mspId));
    check(organizations.size >= 2, 'fewer than two organisations say what became of it');
    const failed = statuses.find(({ validationCode }) => validationCode !== VALID);
    if (failed !== undefined) throw notValid(transactionId, failed.validationCode);
    const blocks = new Set(statuses.map(({ blockNumber }) => blockNumber));
    check(blocks.size === 1, 'the organisations name different blocks');
    return statuses[0]?.blockNumber ?? '';
  }

  /**
   * What the first gateway that answers says. It counts wherever it comes from: what was endorsed
   * is checked here, and the same bytes have one effect.
   * @throws {ApiProblem | ApiUnreachable} what the last one says where none knows
   */
  async #firstAnswer(path: string, body?: object): Promise<unknown> {
    const [first = this, ...others] = this.#ways;
    let answer = first.#send(path, body);
    for (const other of others) {
      answer = answer.catch((error: unknown) => {
        if (isUnknown(error)) return other.#send(path, body);
        throw error;
      });
    }
    return answer;
  }

  /**
   * Asks all gateways at the same time, each in a session that is open already.
   * @throws {ApiProblem | ApiUnreachable} what this one says where none gives an answer
   */
  async #anyAnswer(path: string, body: object): Promise<unknown> {
    await Promise.allSettled(this.#ways.map((way) => way.#openSession()));
    const answers = this.#ways.map((way) => way.#send(path, body));
    return Promise.any(answers).catch(() => answers[0]);
  }

  async #send(path: string, body?: object): Promise<unknown> {
    return this.#inSession((token) =>
      this.#http.send({ path, token, ...(body === undefined ? {} : { body }) }),
    );
  }

  /** Sends with the session's token, and signs in anew once where the session has ended. */
  async #inSession<Result>(send: (token: string) => Promise<Result>): Promise<Result> {
    const attempt = async (): Promise<Result> => {
      return send(await this.#openSession());
    };
    try {
      return await attempt();
    } catch (error) {
      this.#session = undefined;
      if (!(error instanceof ApiProblem) || error.status !== UNAUTHENTICATED) {
        throw error;
      }
      return attempt();
    }
  }

  #openSession(): Promise<string> {
    this.#session ??= this.#signIn();
    return this.#session;
  }

  async #signIn(): Promise<string> {
    const path = '/sessions/challenges';
    const asked = (await this.#http.send({ path, body: {} })) as { readonly challenge: string };
    const signIn = { audience: this.#http.baseUrl, challenge: asked.challenge };
    const body = await this.#signedQuery('audit:whoami', encodeCanonical({ signIn }));
    const opened = (await this.#http.send({ path: '/sessions', body })) as {
      readonly token: string;
    };
    return opened.token;
  }
}

/** Asks again where others got in between, or the peers stood at different heights. */
async function proposedAnew<Result>(propose: () => Promise<Result>): Promise<Result> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await propose();
    } catch (error) {
      if (retries >= RETRIES_MAX || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS * (retries + 1)));
    }
  }
}

function notValid(transactionId: string, validationCode: string): ApiProblem {
  const isConflict = CONFLICTS.includes(validationCode);
  return new ApiProblem({
    status: isConflict ? CONFLICT_STATUS : INVALID_STATUS,
    code: isConflict ? 'COMMIT_CONFLICT' : 'COMMIT_INVALID',
    detail: isConflict
      ? 'Others changed the same records at the same time; nothing was changed.'
      : 'The network recorded the transaction as invalid; nothing was changed.',
    args: isConflict ? {} : { validationCode },
    transactionId,
  });
}

function isConflict(error: unknown): boolean {
  return (
    error instanceof ApiProblem && ['COMMIT_CONFLICT', 'ENDORSE_DIVERGED'].includes(error.code)
  );
}

/** Whether nobody said what became of a request: it may have been carried out all the same. */
export function isUnknown(error: unknown): boolean {
  if (error instanceof ApiUnreachable) return true;
  return error instanceof ApiProblem && NO_WORD.includes(error.code);
}
