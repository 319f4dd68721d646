/** Having the ledger open all bids of a closed tender, those that lie in stores included. */
import { type BidState, type ListedBid, type Stored, toBase64url } from '@procurement/protocol';
import type { Body, ProcurementApi } from './api';
import { CheckFailed } from './check';
import { type DocumentStore, fetchStored } from './document-store';
import { ApiProblem, ApiUnreachable } from './http';
import type { FixedList } from './listed-bids';

/** A bid and what became of it. */
export interface CombinedBid {
  readonly bidKey: string;
  readonly state: BidState;
}

/** What a combining came to. */
export interface Combining {
  readonly bids: readonly CombinedBid[];
  /** Bids whose ciphertext no store gave. */
  readonly missing: readonly string[];
  /** How many listed bids have no final state. */
  readonly remaining: number;
}

/** Who has bids opened, and how. */
export interface CombineRequest {
  readonly api: ProcurementApi;
  readonly tenderId: string;
  /** The list, as the ledger shows it to whoever has it opened. */
  readonly list: FixedList;
  /** Stores by their names, to fetch ciphertexts from. */
  readonly openStores: (names: readonly string[]) => Promise<readonly DocumentStore[]>;
  /** Hears how many bids are opened and how many are not. */
  readonly progress: (opened: number, remaining: number) => void;
}

/** Refusals that say that nothing more can be opened this way for now. */
const NOTHING_LEFT: readonly string[] = ['MISSING', 'FEW'];

/**
 * Has the ledger open every listed bid for which enough seats have posted, round by round, since
 * one transaction opens only so many. Bids that lie in stores are fetched and handed to the ledger
 * by whoever is shown the list: a committee member.
 * @throws {ApiProblem | ApiUnreachable} FEW where no chunk has shares enough, MISSING where all
 * that is left lies in stores and the list is not shown
 */
export async function combineAll(request: CombineRequest): Promise<Combining> {
  const round = new Rounds(request);
  const inStores = (request.list.bids ?? []).filter(({ envelope }) => envelope.ref !== undefined);
  // Bids in stores can fill a round and hold up those behind them in the list.
  for (let before = -1; before < round.bids.length && round.remaining > 0;) {
    before = round.bids.length;
    await round.openInline();
    for (const bid of inStores) await round.openFromStores(bid);
  }
  const { bids, missing } = round;
  // Where the ledger told no number, everything else had its final state before.
  const remaining = Number.isFinite(round.remaining) ? round.remaining : missing.size;
  return { bids, missing: [...missing], remaining };
}

/** Round after round of one combining. */
class Rounds {
  readonly bids: CombinedBid[] = [];
  readonly missing = new Set<string>();
  remaining = Infinity;
  readonly #request: CombineRequest;
  readonly #settled = new Set<string>();

  constructor(request: CombineRequest) {
    this.#request = request;
  }

  /** Opens the bids whose ciphertexts the ledger holds. */
  async openInline(): Promise<void> {
    const { listHash } = this.#request.list;
    for (let waiting = 0; this.remaining > waiting;) {
      const requestId = `combine-${this.bids.length}-${listHash.slice(0, 40)}`;
      try {
        waiting = await this.#combine({ requestId });
      } catch (error) {
        if (!this.#isOver(error)) throw error;
        return;
      }
    }
  }

  /** Whether a refusal ends these rounds; the first one of all a person has to hear. */
  #isOver(error: unknown): boolean {
    if (!(error instanceof ApiProblem) || !NOTHING_LEFT.includes(error.code)) return false;
    const isListShown = this.#request.list.bids !== undefined;
    return this.bids.length > 0 || (error.code === 'MISSING' && isListShown);
  }

  /** Opens one bid whose ciphertext lies in stores; once is enough. */
  async openFromStores({ bidKey, envelope }: ListedBid): Promise<void> {
    if (this.#settled.has(bidKey) || this.remaining === 0) return;
    this.#settled.add(bidKey);
    const { ref = [], ctHash, ctLen } = envelope;
    const bytes = await this.#fetch(ref, { ctHash, ctLen });
    if (bytes === undefined) this.missing.add(bidKey);
    else await this.#supply(bidKey, { requestId: `combine-${ctHash}`, bytes });
  }

  async #fetch(names: readonly string[], stored: Stored): Promise<Uint8Array | undefined> {
    const stores = await this.#request.openStores(names);
    return fetchStored(stores, stored).catch((error: unknown) => {
      if (isFailure(error)) return undefined;
      throw error;
    });
  }

  async #supply(
    bidKey: string,
    { requestId, bytes }: { readonly requestId: string; readonly bytes: Uint8Array },
  ): Promise<void> {
    const ciphertexts = { [bidKey]: toBase64url(bytes) };
    try {
      await this.#combine({ requestId, bidKeys: [bidKey], ciphertexts });
    } catch (error) {
      // Somebody else has had it opened.
      if (!(error instanceof ApiProblem) || error.code !== 'STATE') throw error;
    }
  }

  /** @returns how many bids wait for what lies in stores */
  async #combine(body: Body<'opening:combine'>): Promise<number> {
    const { api, tenderId, progress } = this.#request;
    const { result } = await api.combine(tenderId, body);
    this.bids.push(...result.bids);
    this.remaining = result.remaining;
    progress(this.bids.length, this.remaining);
    return result.refused.filter(({ code }) => code === 'MISSING').length;
  }
}

function isFailure(error: unknown): boolean {
  return [ApiProblem, ApiUnreachable, CheckFailed].some((type) => error instanceof type);
}
