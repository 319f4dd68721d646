/** The demonstration's procedure, step by step over HTTP, and what everyone could read of it. */
import {
  ApiProblem,
  type BidSubmission,
  type CommandOutcome,
  makeOpening,
  makeOpeningKey,
  type OpeningKey,
  type ProcurementApi,
  rehearseOpening,
  sealBid,
  type WrittenBid,
} from '@procurement/client';
import type { CommandName, TenderDraft } from '@procurement/protocol';
import { composeBid } from '@procurement/tools/demonstration/bid';
import { bidders, bill, type Bidder, lots } from '@procurement/tools/demonstration/scenario';
import { DirectLedger } from './direct-ledger';
import { readEverything } from './http';
import { draftOf, registerPeople, registerVendors, type System } from './procedure';
import { tokenOf } from './service-accounts';

/** One transaction of the story, as its author knows it. */
export interface Step {
  readonly command: CommandName;
  /** Name of the identity in the wallet. */
  readonly person: string;
  readonly transactionId: string;
  readonly blockNumber: string;
  readonly validationCode: string;
}

/** What people could read, by person and path. */
export type Views = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Commands between draft and deadline; what is read meanwhile takes as long as some more. */
const COMMANDS = 40;
const GRACE_MS = 500;
/** Of a tender that nobody will bid for. */
const PACE_BIDDING_MS = 3_600_000;
const SEATS = ['ministry-seat-1', 'ministry-seat-2', 'auditor-seat-1', 'auditor-seat-2'].concat(
  'association-seat-1',
);
const OPENING_SEATS = [1, 3, 5];

/** One of each organisation, whose peer answers what its people ask. */
const READERS = ['tashi', 'vendor-1', 'auditor'];

/** The road's first amount, as vendor-2 mistypes it. */
export const mistypedAmount = '1';
/** A lot for which nobody bids. */
export const emptyLot = { lotId: 'signs', title: 'Road signs', itemIds: ['S1'] };

/** Runs the procedure and notes what happened. */
export class Story {
  readonly tenderId: string;
  readonly steps: Step[] = [];
  readonly states: string[] = [];
  readonly views = new Map<string, Views>();
  /** Height of the ledger before and after requests that must change nothing. */
  readonly heights: [bigint, bigint][] = [];
  readonly #system: System;
  #connected: DirectLedger | undefined;
  readonly #openingKeys: OpeningKey[] = [];
  #firstBid: { submission: BidSubmission; outcome: CommandOutcome<unknown> } | undefined;
  /** The first bid's request once more, and under its id another one. */
  again: CommandOutcome<unknown> | undefined;
  reused: unknown;
  /** Refusals of a combine that names a bid that is there, and one that is not. */
  readonly guesses: unknown[] = [];

  constructor(system: System, tenderId: string) {
    this.#system = system;
    this.tenderId = tenderId;
  }

  get firstBid(): CommandOutcome<unknown> {
    if (this.#firstBid === undefined) throw new Error('there is no bid yet');
    return this.#firstBid.outcome;
  }

  async run(): Promise<void> {
    await registerPeople(this.#system.people);
    await registerVendors(this.#system.people);
    const pace = { commands: COMMANDS, commandMs: () => this.#pace() };
    const biddingMs = await this.#system.clock.biddingMs(pace);
    const direct = await DirectLedger.connect(this.#system.folder);
    this.#connected = direct;
    try {
      const draft = await this.#draft(biddingMs);
      await this.#registerKeys();
      await this.#publish();
      await this.#bid();
      await this.#close(draft);
      await this.#open();
      await this.#award();
    } finally {
      await direct.close();
    }
  }

  get #direct(): DirectLedger {
    if (this.#connected === undefined) throw new Error('the story has not begun');
    return this.#connected;
  }

  api(person: string): ProcurementApi {
    const { people } = this.#system;
    if (person === 'tashi') return people.officer;
    if (person === 'auditor') return people.auditor;
    const api = people.vendors.get(person) ?? people.seats[SEATS.indexOf(person)];
    if (api === undefined) throw new RangeError(`no ${person}`);
    return api;
  }

  /** What one command takes here; registrations may be repeated ones, which only read. */
  async #pace(): Promise<number> {
    const { people } = this.#system;
    const tenderId = `${this.tenderId}-pace`;
    const times = { biddingMs: PACE_BIDDING_MS, graceMs: GRACE_MS };
    const tender = await draftOf({ people, tenderId, lotCount: 1, ...times });
    const startedAtMs = performance.now();
    await people.officer.createTender({ requestId: tenderId, tender });
    return performance.now() - startedAtMs;
  }

  async #draft(biddingMs: number): Promise<TenderDraft> {
    const { people } = this.#system;
    const times = { biddingMs, graceMs: GRACE_MS };
    const plain = await draftOf({ people, tenderId: this.tenderId, lotCount: 1, ...times });
    const tender: TenderDraft = {
      ...plain,
      items: [
        ...bill.map(({ itemId, description, unit, quantity }) => {
          return { itemId, description, unit, quantity };
        }),
        { itemId: 'S1', description: 'Warning sign', unit: 'piece', quantity: '12' },
      ],
      lots: [
        ...lots.map((lot) => ({
          ...lot,
          itemIds: bill.filter(({ lotId }) => lotId === lot.lotId).map(({ itemId }) => itemId),
        })),
        emptyLot,
      ],
    };
    const request = { requestId: `${this.tenderId}-create`, tender };
    await this.#did('tender:create', 'tashi', people.officer.createTender(request));
    return tender;
  }

  /** Seat 1 sends two keys at once, of which one comes too late, and then a third. */
  async #registerKeys(): Promise<void> {
    const { tenderId } = this;
    const [person = ''] = SEATS;
    const endorsements = [];
    for (let number = 0; number < 2; number += 1) {
      const { registration } = await makeOpeningKey({ api: this.api(person), tenderId });
      const command = { person, name: 'opening:registerKey', input: registration } as const;
      endorsements.push(await this.#direct.endorse(command));
    }
    for (const endorsement of endorsements) {
      const { code, transactionId, blockNumber } = await this.#direct.commit(person, endorsement);
      this.steps.push({
        ...{ command: 'opening:registerKey', person, transactionId },
        blockNumber: blockNumber.toString(),
        validationCode: code === 0 ? 'VALID' : 'MVCC_READ_CONFLICT',
      });
    }
    for (const seat of SEATS) {
      const { registration, openingKey } = await makeOpeningKey({ api: this.api(seat), tenderId });
      this.#openingKeys.push(openingKey);
      const registered = this.api(seat).registerKey(tenderId, registration);
      await this.#did('opening:registerKey', seat, registered);
    }
  }

  async #publish(): Promise<void> {
    for (const [index, openingKey] of this.#openingKeys.entries()) {
      const person = SEATS[index] ?? '';
      const api = this.api(person);
      const rehearsal = await rehearseOpening({ api, openingKey, moment: 'publication' });
      await this.#did('opening:rehearse', person, api.rehearse(rehearsal));
    }
    const published = this.api('tashi').publish(this.tenderId, {
      requestId: `${this.tenderId}-publish`,
    });
    await this.#did('tender:publish', 'tashi', published);
  }

  async #bid(): Promise<void> {
    const outsiders = ['tashi', 'auditor', 'ministry-seat-1'];
    await this.#look('no bid', outsiders);
    const [first, ...others] = bidders;
    if (first === undefined) throw new RangeError('the scenario has no bidder');
    for (const lotId of Object.keys(first.level)) await this.#submit(first, lotId);
    await this.#look('own bids', [first.person]);
    await this.#repeat(first.person);
    for (const bidder of others) {
      for (const lotId of Object.keys(bidder.level)) await this.#submit(bidder, lotId);
      if (bidder.person === 'vendor-2') await this.#submit(bidder, 'bridge');
    }
    await this.#look('all bids', [...outsiders, first.person]);
  }

  async #submit(bidder: Bidder, lotId: string): Promise<void> {
    const { person } = bidder;
    const api = this.api(person);
    const written = mistype(bidder, composeBid({ bidder, lotId }));
    const { submission } = await sealBid({ api, tenderId: this.tenderId, written });
    const outcome = await this.#did('bid:submit', person, api.submitBid(this.tenderId, submission));
    this.#firstBid ??= { submission, outcome };
  }

  async #repeat(person: string): Promise<void> {
    const submission = this.#firstBid?.submission;
    if (submission === undefined) return;
    const before = await this.#direct.height();
    const api = this.api(person);
    this.again = await api.submitBid(this.tenderId, submission);
    const other = { ...submission, version: submission.version + 1 };
    this.reused = await refusalOf(api.submitBid(this.tenderId, other));
    this.heights.push([before, await this.#direct.height()]);
  }

  async #close({ deadline, graceMs }: TenderDraft): Promise<void> {
    await this.#system.clock.pass(Date.parse(deadline) + graceMs);
    const closed = this.api('auditor').close(this.tenderId, {
      requestId: `${this.tenderId}-close`,
    });
    await this.#did('tender:close', 'auditor', closed);
    await this.#look('closed', ['tashi', 'auditor', 'ministry-seat-1', 'vendor-1', 'vendor-4']);
  }

  async #open(): Promise<void> {
    const { tenderId } = this;
    const before = await this.#direct.height();
    for (const guess of ['bridge/vendor-2', 'bridge/vendor-4']) {
      const request = { requestId: `${tenderId}-guess-${guess.replace('/', '-')}` };
      const bidKeys = [`bid/${tenderId}/${guess}`];
      const combined = this.api('vendor-1').combine(tenderId, { ...request, bidKeys });
      this.guesses.push(await refusalOf(combined));
    }
    this.heights.push([before, await this.#direct.height()]);
    for (const seat of OPENING_SEATS) {
      const person = SEATS[seat - 1] ?? '';
      const openingKey = this.#openingKeys[seat - 1];
      if (openingKey === undefined) throw new RangeError(`no key of seat ${seat}`);
      const { postings } = await makeOpening({ api: this.api(person), openingKey });
      for (const posting of postings) {
        const posted = this.api(person).postShares(tenderId, posting);
        await this.#did('opening:postShares', person, posted);
      }
    }
    await this.#look('shares', ['tashi', 'auditor', 'vendor-1', 'vendor-4']);
    const combined = this.api('auditor').combine(tenderId, {
      requestId: `${this.tenderId}-combine`,
    });
    await this.#did('opening:combine', 'auditor', combined);
    await this.#look('opened', ['vendor-1', 'vendor-4', 'tashi']);
  }

  async #award(): Promise<void> {
    const { officer } = this.#system.people;
    const evaluated = officer.evaluate(this.tenderId, { requestId: `${this.tenderId}-evaluate` });
    await this.#did('award:evaluate', 'tashi', evaluated);
    const decided = officer.decide(this.tenderId, { requestId: `${this.tenderId}-decide` });
    await this.#did('award:decide', 'tashi', decided);
  }

  async #did<Result>(
    command: CommandName,
    person: string,
    doing: Promise<CommandOutcome<Result>>,
  ): Promise<CommandOutcome<Result>> {
    const outcome = await doing;
    const { transactionId, blockNumber } = outcome;
    this.steps.push({ command, person, transactionId, blockNumber, validationCode: 'VALID' });
    // A gateway answers once its own organisation's peer has the block; others may be behind.
    await this.#direct.reached(READERS, BigInt(blockNumber));
    const { state } = await this.api('auditor').tender(this.tenderId);
    if (this.states.at(-1) !== state) this.states.push(state);
    return outcome;
  }

  async #look(moment: string, people: readonly string[]): Promise<void> {
    const { wallet, stack } = this.#system;
    const seen = await Promise.all(
      people.map(async (person) => {
        const reader = { token: tokenOf(wallet, person), tenderId: this.tenderId };
        return [person, await readEverything(stack.url, reader)] as const;
      }),
    );
    this.views.set(moment, Object.fromEntries(seen));
  }
}

/** What a request was refused with. */
export async function refusalOf(request: Promise<unknown>): Promise<unknown> {
  const answer = await request.then(
    (outcome) => ({ outcome }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in answer) || !(answer.error instanceof ApiProblem)) return answer;
  const { status, code, args } = answer.error;
  return { status, code, args };
}

function mistype({ person }: Bidder, bid: WrittenBid): WrittenBid {
  if (person !== 'vendor-2' || bid.lotId !== 'road') return bid;
  const [line, ...lines] = bid.lines;
  if (line === undefined) return bid;
  return { ...bid, lines: [{ ...line, amount: mistypedAmount }, ...lines] };
}
