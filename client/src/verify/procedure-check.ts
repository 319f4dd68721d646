/** One tender's life, step by step as the blocks bring it, each step checked anew. */
import {
  awardRecordSchema,
  bidEvaluationRecordSchema,
  bidOutcomeRecordSchema,
  type CommandInput,
  type CommandName,
  COMMANDS,
  committeeKeyRecordSchema,
  type CommandResult,
  currentNoticeHash,
  deadlineOf,
  decodeCanonical,
  fromUtf8,
  isCommandName,
  OPENING_PERIOD_DEFAULT_MS,
  rankingRecordSchema,
  readFormat,
  type TenderRecord,
  tenderRecordSchema,
} from '@procurement/protocol';
import { type Committee, freezeCommittee, ticket } from '@procurement/sealed';
import { check } from '../check';
import { amendedHashOf, noticeHashOf } from '../committee';
import { certificateFacts } from '../keys/certificate-facts';
import { readAnswer } from '../signing/read-answer';
import { BidBook, type Made } from './bid-book';
import type { Chain, ChainTrust, Placed } from './chain';
import { type OpenedBid, rank, type Worth, worthOf } from './expected-award';
import { OpeningCheck } from './opening-check';

/** A command on the tender, read. */
interface Step<Name extends CommandName> {
  readonly input: CommandInput<Name>;
  readonly result: CommandResult<Name>;
  readonly made: Made;
  readonly placed: Placed;
}

type Steps = { readonly [Name in CommandName]?: (step: Step<Name>) => void | Promise<void> };

/** Follows one tender through the blocks. */
export class ProcedureCheck {
  readonly #chain: Chain;
  readonly #trust: ChainTrust;
  readonly #tenderId: string;
  readonly #book = new BidBook();
  readonly #counts = new Map<string, number>();
  #committee: Committee | undefined;
  #opening: OpeningCheck | undefined;

  readonly #steps: Steps = {
    'tender:publish': (step) => this.#publish(step),
    'tender:amend': (step) => this.#amend(step),
    'bid:submit': (step) => {
      this.#submit(step);
    },
    'bid:confirm': ({ result, made }) => {
      const { bidKey, noticeHash } = result;
      const isNotice = noticeHash === currentNoticeHash(this.#tender());
      check(isNotice, `${bidKey} was confirmed for another notice`);
      this.#book.confirm(bidKey, this.#tender(), { ...made, noticeHash });
    },
    'bid:withdraw': ({ result, made }) => {
      this.#book.withdraw(result.bidKey, this.#tender(), made);
    },
    'tender:close': (step) => {
      this.#close(step);
    },
    'opening:postShares': ({ input, made }) => {
      this.#requireOpening().postShares(input, made);
    },
    'opening:strike': ({ result }) => {
      this.#requireOpening().strike(result.bidKey, result.listHash);
    },
    'opening:combine': (step) => this.#combine(step),
    'opening:selfOpen': (step) => this.#selfOpen(step),
    'opening:recordMissing': (step) => {
      this.#recordMissing(step);
    },
    'award:evaluate': (step) => {
      this.#evaluate(step);
    },
    'award:decide': (step) => {
      this.#decide(step);
    },
  };

  constructor(chain: Chain, trust: ChainTrust, tenderId: string) {
    this.#chain = chain;
    this.#trust = trust;
    this.#tenderId = tenderId;
  }

  /** How often each command on the tender was carried out. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** The opening, once the list is fixed. */
  get opening(): OpeningCheck | undefined {
    return this.#opening;
  }

  /** Takes a transaction that counts, before its writes are applied. @throws {CheckFailed} */
  async take(placed: Placed): Promise<void> {
    const { transaction, args, creator, atMs } = placed.proposal;
    check(isCommandName(transaction), `${transaction} is no command`);
    const input = readFormat(COMMANDS[transaction].input, args[0] ?? '');
    if (tenderIdOf(input) !== this.#tenderId) return;
    const { result, repeated } = readAnswer(transaction, placed.result);
    if (repeated) return;
    this.#counts.set(transaction, (this.#counts.get(transaction) ?? 0) + 1);
    const { spki } = await certificateFacts(creator.certificate);
    const made = { atMs, mspId: creator.mspId, spki };
    const step = this.#steps[transaction] as ((step: object) => unknown) | undefined;
    await step?.({ input, result, made, placed });
  }

  /** The tender as the state before this transaction has it. */
  #tender(): TenderRecord {
    const value = this.#chain.value('tender', this.#tenderId);
    check(value !== undefined, `there is no tender ${this.#tenderId}`);
    return tenderRecordSchema.parse(recordOf(value));
  }

  async #publish({ result }: Step<'tender:publish'>): Promise<void> {
    const tender = this.#tender();
    const { channel, chaincode } = this.#trust;
    const { t, seats } = tender.committee;
    const keys = this.#chain
      .values('committee-key', this.#tenderId)
      .map((value) => committeeKeyRecordSchema.parse(recordOf(value)));
    for (const { key, registered } of keys) {
      const seat = seats.find((one) => one.seat === key.seat);
      const isHolder = seat?.spki === registered.by.spki && seat.mspId === registered.by.mspId;
      check(isHolder, `seat ${key.seat} was registered by somebody else`);
    }
    const tenderId = this.#tenderId;
    this.#committee = freezeCommittee({
      ...{ channel, chaincode, tenderId, n: seats.length, t },
      keys: keys.map(({ key }) => key),
    });
    const { committeeHash } = this.#committee;
    const noticeHash = await noticeHashOf(tender, committeeHash);
    const isSame = result.committeeHash === committeeHash && result.noticeHash === noticeHash;
    check(isSame, 'the notice or the committee published is another one');
  }

  async #amend({ input, result, placed }: Step<'tender:amend'>): Promise<void> {
    const before = this.#tender();
    const value = writtenBy(placed, 'tender').map((one) => tenderRecordSchema.parse(one))[0];
    check(value !== undefined, 'an amendment wrote nothing');
    const { committeeHash } = this.#requireCommittee();
    const hash = await amendedHashOf(value, await noticeHashOf(value, committeeHash));
    check(hash === result.noticeHash, 'the amendment has another hash');
    const { deadline } = input;
    const isLater =
      deadline === undefined || Date.parse(deadline) >= Date.parse(deadlineOf(before));
    check(isLater, 'an amendment made the deadline earlier');
  }

  #submit({ input, result, made }: Step<'bid:submit'>): void {
    const vendorId = result.bidKey.split('/').at(-1) ?? '';
    const value = this.#chain.value('vendor', vendorId);
    check(value !== undefined, `${vendorId} is not registered`);
    const vendor = recordOf(value);
    const [tender, committee] = [this.#tender(), this.#requireCommittee()];
    this.#book.submit({ tender, committee, input, result, vendor, made });
  }

  #close({ result, made }: Step<'tender:close'>): void {
    const tender = this.#tender();
    const opensAtMs = Date.parse(deadlineOf(tender)) + tender.graceMs;
    check(made.atMs >= opensAtMs, 'the tender was closed before deadline and grace had passed');
    const bids = this.#book.standing();
    this.#opening = new OpeningCheck(this.#requireCommittee(), bids, result.listHash);
  }

  async #combine({ input, placed }: Step<'opening:combine'>): Promise<void> {
    for (const { record, text } of outcomesOf(placed)) {
      const ciphertext = input.ciphertexts?.[record.bidKey];
      await this.#requireOpening().opened(record, { text, ciphertext });
    }
  }

  async #selfOpen({ input, placed }: Step<'opening:selfOpen'>): Promise<void> {
    const { selfOpen, ciphertext } = input;
    for (const { record, text } of outcomesOf(placed)) {
      await this.#requireOpening().opened(record, { text, ciphertext, selfOpen });
    }
  }

  #recordMissing({ made, placed }: Step<'opening:recordMissing'>): void {
    const tender = this.#tender();
    const { openingPeriodMs = OPENING_PERIOD_DEFAULT_MS, graceMs } = tender;
    const endMs = Date.parse(deadlineOf(tender)) + graceMs + openingPeriodMs;
    check(made.atMs >= endMs, 'bids were recorded as missing before the opening had ended');
    for (const { record } of outcomesOf(placed)) this.#requireOpening().missing(record);
  }

  #evaluate({ placed }: Step<'award:evaluate'>): void {
    const worths = this.#worths();
    const told = new Map(
      writtenBy(placed, 'bid-evaluation').map((value) => {
        const record = bidEvaluationRecordSchema.parse(value);
        return [record.bidKey, record];
      }),
    );
    check(told.size === worths.length, 'not every listed bid was evaluated');
    for (const { bidKey, responsive, amountMinor, ticket: drawn } of worths) {
      const record = told.get(bidKey);
      const isSame =
        record?.responsive === responsive &&
        record.evaluatedAmount === amountMinor?.toString() &&
        record.ticket === drawn;
      check(isSame, `${bidKey} was evaluated to something else`);
    }
    for (const value of writtenBy(placed, 'ranking')) {
      const { lotId, ranks } = rankingRecordSchema.parse(value);
      const due = rank(worths.filter((worth) => lotOf(worth) === lotId));
      const isSame =
        ranks.length === due.length &&
        ranks.every(({ bidKey, ticket: drawn }, index) => {
          return drawn === undefined || due[index]?.bidKey === bidKey;
        });
      check(isSame, `the bids for lot ${lotId} were ranked in another order`);
    }
  }

  #decide({ input, placed }: Step<'award:decide'>): void {
    const award = writtenBy(placed, 'award').map((value) => awardRecordSchema.parse(value))[0];
    check(award !== undefined, 'the award was not written');
    const worths = this.#worths();
    for (const { lotId } of this.#tender().lots) {
      const ranked = rank(worths.filter((worth) => lotOf(worth) === lotId));
      const firsts = ranked.filter(
        ({ amountMinor, ticket: drawn }, index) =>
          index === 0 || (drawn === undefined && amountMinor === ranked[0]?.amountMinor),
      );
      const drawn = firsts.filter(({ bidKey }) => input.publicLots?.includes(bidKey));
      const [winner] = firsts.length > 1 ? drawn : firsts;
      const lot = award.lots.find((one) => one.lotId === lotId);
      const told = lot?.outcome === 'awarded' ? `${lot.bidKey} ${lot.amount}` : lot?.outcome;
      const due = winner === undefined ? 'unsuccessful' : awardOf(winner);
      check(told === due, `lot ${lotId} was awarded to somebody else`);
    }
  }

  /** Every listed bid's worth, worked out from what was opened here. */
  #worths(): Worth[] {
    const opening = this.#requireOpening();
    const tender = this.#tender();
    const secrets = opening.listed.flatMap(({ bidKey }) => opening.outcomeOf(bidKey).secret ?? []);
    const { channel, chaincode } = this.#trust;
    const tenderId = this.#tenderId;
    const draw = { tender: { channel, chaincode, tenderId }, listHash: opening.listHash, secrets };
    const isDrawn = secrets.length === opening.listed.length;
    return opening.listed.map(({ bidKey, name, noticeHash, answered, documents }) => {
      const bid: OpenedBid = {
        ...{ bidKey, lotId: name.lotId, vendorId: name.vendorId, noticeHash, answered, documents },
        text: opening.outcomeOf(bidKey).text,
        ticket: isDrawn ? ticket({ ...draw, bidKey }) : undefined,
      };
      return worthOf(tender, currentNoticeHash(tender) ?? '', bid);
    });
  }

  #requireCommittee(): Committee {
    check(this.#committee !== undefined, `tender ${this.#tenderId} has not been published`);
    return this.#committee;
  }

  #requireOpening(): OpeningCheck {
    check(this.#opening !== undefined, `tender ${this.#tenderId} has not been closed`);
    return this.#opening;
  }
}

function awardOf({ bidKey, amountMinor }: Worth): string {
  return `${bidKey} ${String(amountMinor)}`;
}

function lotOf({ bidKey }: Worth): string {
  return bidKey.split('/')[2] ?? '';
}

/** What a transaction writes under a prefix, in the order of the keys. */
function writtenBy({ writes }: Placed, prefix: string): object[] {
  return writes
    .filter(({ key, value }) => key.split('\u0000')[1] === prefix && value.length > 0)
    .map(({ value }) => recordOf(value));
}

function outcomesOf(placed: Placed): {
  readonly record: ReturnType<typeof bidOutcomeRecordSchema.parse>;
  readonly text: Uint8Array | undefined;
}[] {
  const texts = new Map(placed.writes.map(({ key, value }) => [key, value]));
  return placed.writes
    .filter(({ key }) => key.split('\u0000')[1] === 'bid-outcome')
    .map(({ key, value }) => ({
      record: bidOutcomeRecordSchema.parse(recordOf(value)),
      text: texts.get(key.replace('bid-outcome', 'bid-document')),
    }));
}

function recordOf(value: Uint8Array): object {
  return decodeCanonical(fromUtf8(value));
}

/** A command names its tender itself, or in the draft, key, rehearsal or shares that it brings. */
function tenderIdOf(input: object): unknown {
  const members = input as Readonly<Record<string, { readonly tenderId?: unknown } | undefined>>;
  const parts = ['tender', 'key', 'rehearsal', 'shares'].map((name) => members[name]?.tenderId);
  return [members['tenderId'], ...parts].find((id) => typeof id === 'string');
}
