/** The opening of a fixed list, checked by anyone: shares, combined secrets, opened texts. */
import {
  type BidOutcomeRecord,
  type CommandInput,
  fromBase64url,
  fromUtf8,
} from '@procurement/protocol';
import {
  checkSelfOpen,
  checkShares,
  chunkOf,
  chunkPlace,
  combineShares,
  type Committee,
  listHash,
  openWith,
  type OpenShares,
  sortList,
} from '@procurement/sealed';
import { check } from '../check';
import type { KnownBid } from './bid-book';
import type { Made } from './step';

/** What came of a bid, as the ledger says and as it was found here. */
export interface FoundOutcome {
  readonly state: BidOutcomeRecord['state'];
  readonly secret: string | undefined;
  readonly text: string | undefined;
}

/** The opening of one tender. */
export class OpeningCheck {
  readonly #committee: Committee;
  readonly #shares = new Map<number, OpenShares[]>();
  readonly #outcomes = new Map<string, FoundOutcome>();
  readonly #struck: string[] = [];
  #listed: readonly KnownBid[];
  #hash: string;

  /** @throws {CheckFailed} where the close fixed another list */
  constructor(committee: Committee, bids: readonly KnownBid[], hash: string) {
    this.#committee = committee;
    this.#listed = sortList(bids);
    this.#hash = this.#hashOf();
    check(this.#hash === hash, 'the close fixed another list than the bids that stood', 'LIST');
  }

  get listHash(): string {
    return this.#hash;
  }

  /** Bids that are opened, in the order of the list. */
  get listed(): readonly KnownBid[] {
    return this.#listed;
  }

  /** Keys of the bids that were taken off the list. */
  get struck(): readonly string[] {
    return this.#struck;
  }

  /** @throws {CheckFailed} where the bid has no final state */
  outcomeOf(bidKey: string): FoundOutcome {
    const outcome = this.#outcomes.get(bidKey);
    check(outcome !== undefined, `${bidKey} has no final state`, 'ENDED');
    return outcome;
  }

  /** State of a listed bid; `sealed` while it has no final one. */
  stateOf(bidKey: string): string {
    return this.#outcomes.get(bidKey)?.state ?? 'sealed';
  }

  /** @throws {SealError} where the shares are not the seat's for this list */
  postShares({ shares }: CommandInput<'opening:postShares'>, { spki }: Made): void {
    const { chunk } = shares;
    const earlier = this.#shares.get(chunk) ?? [];
    const accepted = checkShares({
      committee: this.#committee,
      message: shares,
      list: { listHash: this.#hash, count: this.#listed.length },
      deals: chunkOf(this.#listed, chunk).map(({ envelope }) => envelope),
      posterSpki: spki,
      isAccepted: earlier.some(({ seat }) => seat === shares.seat),
    });
    this.#shares.set(chunk, [...earlier, accepted]);
  }

  /** Only a bid of which the deal is false may be struck. @throws {CheckFailed} */
  strike(bidKey: string, hash: string): void {
    check(!this.#bid(bidKey).holds, `${bidKey} was struck although its deal holds`, 'STRIKE');
    this.#listed = this.#listed.filter((bid) => bid.bidKey !== bidKey);
    this.#hash = this.#hashOf();
    check(this.#hash === hash, `the list without ${bidKey} has another hash`, 'LIST');
    this.#struck.push(bidKey);
    // Shares were made for the list before.
    this.#shares.clear();
  }

  /**
   * Opens a bid again and holds what the ledger recorded against it.
   * @param told.ciphertext bytes that came with the command, where the ledger does not hold them
   * @throws {CheckFailed}
   */
  async opened(
    outcome: BidOutcomeRecord,
    told: {
      readonly text: Uint8Array | undefined;
      readonly ciphertext: string | undefined;
      readonly selfOpen?: CommandInput<'opening:selfOpen'>['selfOpen'];
    },
  ): Promise<void> {
    const bid = this.#bid(outcome.bidKey);
    check(bid.holds, `${bid.bidKey} was opened although its deal is false`, 'STRIKE');
    const secret =
      told.selfOpen === undefined ? this.#combined(bid) : this.#ownSecret(bid, told.selfOpen);
    const ciphertext = told.ciphertext === undefined ? undefined : fromBase64url(told.ciphertext);
    const { envelope, name } = bid;
    const found = await openWith(
      { committee: this.#committee, bid: name, envelope, ciphertext },
      secret,
    );
    const isSame = found.state === outcome.state && outcome.S === secret;
    check(isSame, `${bid.bidKey} opens to another result than the one recorded`, 'OUTCOME');
    const text = found.state === 'OPENED' ? fromUtf8(found.plain) : undefined;
    const recorded = told.text === undefined ? undefined : fromUtf8(told.text);
    check(
      text === recorded,
      `${bid.bidKey} opens to another text than the one recorded`,
      'OUTCOME',
    );
    this.#outcomes.set(bid.bidKey, { state: found.state, secret, text });
  }

  /** Nobody could open it: too few shares, or no bytes. @throws {CheckFailed} */
  missing({ bidKey, state, S }: BidOutcomeRecord): void {
    const bid = this.#bid(bidKey);
    const isReady = this.#sharesOf(bid).length >= this.#committee.t;
    const isOpenable = isReady && bid.envelope.ref === undefined;
    check(!isOpenable, `${bidKey} could have been opened`, 'OPENABLE');
    const due = isReady ? 'INVALID_MISSING' : 'UNOPENED';
    const secret = isReady ? this.#combined(bid) : undefined;
    const isSame = state === due && secret === S;
    check(isSame, `${bidKey} ended in another state than the one recorded`, 'OUTCOME');
    this.#outcomes.set(bidKey, { state, secret, text: undefined });
  }

  #bid(bidKey: string): KnownBid {
    const bid = this.#listed.find((one) => one.bidKey === bidKey);
    check(bid !== undefined, `${bidKey} is not in the list`, 'UNLISTED');
    check(!this.#outcomes.has(bidKey), `${bidKey} got a second final state`, 'ENDED');
    return bid;
  }

  #hashOf(): string {
    const entries = this.#listed.map(({ bidKey, name: { version }, envelopeHash }) => {
      return { bidKey, version, envelopeHash };
    });
    return listHash(this.#committee, entries);
  }

  #sharesOf(bid: KnownBid): { readonly seat: number; readonly S: string }[] {
    const { chunk, index } = chunkPlace(this.#listed.indexOf(bid));
    const posted = this.#shares.get(chunk) ?? [];
    return posted.map(({ seat, S }) => ({ seat, S: S[index] ?? '' }));
  }

  #combined(bid: KnownBid): string {
    return combineShares(this.#committee, this.#sharesOf(bid));
  }

  #ownSecret(
    { name, envelope }: KnownBid,
    message: CommandInput<'opening:selfOpen'>['selfOpen'],
  ): string {
    const posting = { committee: this.#committee, bid: name, envelope, message, isOpenable: true };
    return checkSelfOpen(posting).S;
  }
}
