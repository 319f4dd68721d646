/** One tender's life, step by step as the blocks bring it, each step checked anew. */
import {
  allowedPhases,
  bidKeyOf,
  type BidListRecord,
  bidListRecordSchema,
  bidOutcomeRecordSchema,
  type BidOutcomeRecord,
  type CommandName,
  committeeKeyRecordSchema,
  currentNoticeHash,
  deadlineOf,
  envelopeOf,
  ESTIMATE_VENDOR_ID,
  graceEndMs,
  noticeOf,
  OPENING_PERIOD_DEFAULT_MS,
  otherEnvelopeOf,
  parseBidKey,
  type TechnicalResult,
  type TenderRecord,
  tenderRecordSchema,
  tenderState,
  vendorRecordSchema,
} from '@procurement/protocol';
import { type Committee, freezeCommittee, secondList } from '@procurement/sealed';
import { check } from '../check';
import { amendedHashOf, noticeHashOf } from '../committee';
import { checkAward, checkEvaluation, type OpenedTender } from './award-check';
import { BidBook } from './bid-book';
import type { Chain, ChainTrust } from './chain';
import {
  checkDraft,
  checkExcluded,
  checkSecondOpen,
  checkTechnical,
  dueMs,
  tenderWritten,
} from './envelopes-check';
import { OpeningCheck } from './opening-check';
import { isOwner } from './register-check';
import { type Made, type Step, tenderIdOf } from './step';
import { checkStored } from './store-check';
import { isSameText, recordIn, recordOf, recordsOf, writtenBy } from './written';

type Steps = { readonly [Name in CommandName]?: (step: Step<Name>) => void | Promise<void> };

/** Follows one tender through the blocks. */
export class ProcedureCheck {
  readonly #chain: Chain;
  readonly #trust: ChainTrust;
  readonly #tenderId: string;
  readonly #book = new BidBook();
  readonly #counts = new Map<string, number>();
  readonly #first: ProcedureCheck | undefined;
  #committee: Committee | undefined;
  #technical: readonly TechnicalResult[] | undefined;
  #excluded: readonly string[] = [];
  #openedFromMs: number | undefined;
  #opening: OpeningCheck | undefined;

  readonly #steps: Steps = {
    'tender:create': (step) => {
      this.#create(step);
    },
    'tender:publish': (step) => this.#publish(step),
    'tender:amend': (step) => {
      this.#amend(step);
    },
    'bid:submit': (step) => this.#submit(step),
    'bid:confirm': (step) => {
      this.#requireOwner(step.result.bidKey, step.made);
      this.#book.confirm(this.#tender(), step);
    },
    'bid:withdraw': (step) => {
      this.#requireOwner(step.result.bidKey, step.made);
      this.#book.withdraw(this.#tender(), step);
    },
    'tender:close': (step) => {
      this.#close(step);
    },
    'opening:postShares': ({ input, made }) => {
      this.#requireOpening().postShares(input, made);
    },
    'opening:strike': (step) => {
      this.#strike(step);
    },
    'opening:combine': (step) => this.#combine(step),
    'opening:selfOpen': (step) => this.#selfOpen(step),
    'opening:recordMissing': (step) => {
      this.#recordMissing(step);
    },
    'award:recordTechnical': (step) => {
      if (!step.result.recorded) return;
      const isOver = tenderWritten(step.placed, this.#tenderId)?.evaluated !== undefined;
      check(isOver, 'first envelopes were judged and can be judged again', 'EVALUATION');
      this.#technical = checkTechnical(step, this.#openedTender());
    },
    'award:evaluate': (step) => {
      this.#requireAwardable();
      checkEvaluation(step, this.#openedTender());
    },
    'award:decide': (step) => {
      this.#requireAwardable();
      checkAward(step, this.#openedTender());
    },
  };

  /** @param first the check of the first envelopes, where these are the second */
  constructor(
    chain: Chain,
    trust: ChainTrust,
    { tenderId, first }: { readonly tenderId: string; readonly first?: ProcedureCheck },
  ) {
    this.#chain = chain;
    this.#trust = trust;
    this.#tenderId = tenderId;
    this.#first = first;
  }

  /** How often each command on the tender was carried out. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** The opening, once the list is fixed. */
  get opening(): OpeningCheck | undefined {
    return this.#opening;
  }

  /** Results of first envelopes, once they are recorded. */
  get technical(): readonly TechnicalResult[] | undefined {
    return this.#technical ?? this.#first?.technical;
  }

  /** Keys of the second envelopes that stay sealed, since the first did not pass. */
  get excluded(): readonly string[] {
    return this.#excluded;
  }

  /** Takes a step, before its writes are applied. @throws {CheckFailed} */
  async take(step: Step): Promise<void> {
    const about = tenderIdOf(step.input);
    if (about === this.#tenderId) await this.#takeOwn(step);
    else if (about === undefined || about !== otherEnvelopeOf(this.#tenderId)) return;
    else if (this.#first !== undefined) this.#takeOfFirst(step, this.#first);
    if (this.#committee !== undefined) await this.#checkNotice(step, this.#committee);
  }

  async #takeOwn(step: Step): Promise<void> {
    const { name } = step;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (name !== 'tender:create') this.#checkAllowed(step);
    await (this.#steps[name] as ((one: Step) => unknown) | undefined)?.(step);
  }

  /** What is done with the first envelopes closes the second, and fixes their list. */
  #takeOfFirst({ name, made, placed }: Step, first: ProcedureCheck): void {
    const after = tenderWritten(placed, this.#tenderId);
    if (name === 'tender:close') {
      const isClosed = after?.closed !== undefined && after.listFixed === undefined;
      check(isClosed, `${this.#tenderId} was not closed with its first envelope`, 'ENVELOPE');
    }
    if (name !== 'award:recordTechnical' || first.technical === undefined) return;
    check(this.#opening === undefined, `${this.#tenderId} got a second list`, 'LIST');
    const standing = this.#book.standing().map((bid) => ({ ...bid, ...bid.name }));
    const { listed, excluded } = secondList(standing, first.technical);
    const record = bidListRecordSchema.parse(recordIn(placed, 'bid-list'));
    const isFixed = after?.listFixed?.listHash === record.listHash;
    check(isFixed, `the list of ${this.#tenderId} was not fixed`, 'LIST');
    this.#opening = new OpeningCheck(this.#requireCommittee(), listed, record.listHash);
    checkList(record, this.#opening);
    checkExcluded(record, excluded);
    this.#excluded = excluded.map(({ bidKey }) => bidKey);
    this.#openedFromMs = made.atMs;
  }

  #requireAwardable(): void {
    const isDue = envelopeOf(this.#tenderId) !== 'technical';
    check(isDue, `first envelopes of ${this.#tenderId} were ranked or awarded`, 'ENVELOPE');
  }

  /** The tender's state allowed the step, and an officer acted for the officer's own agency. */
  #checkAllowed({ name, made }: Step): void {
    const { buyer, ...tender } = this.#tender();
    const state = tenderState(tender);
    check(
      allowedPhases(made, name).includes(state),
      `${name} on a tender that is ${state}`,
      'PHASE',
    );
    const isOwn = made.role !== 'officer' || made.agency === buyer.agency;
    check(isOwn, `${name} by an officer of the agency ${made.agency}`, 'AGENCY');
  }

  /** Nothing of a published notice changes but by an amendment. */
  async #checkNotice({ name, placed }: Step, { committeeHash }: Committee): Promise<void> {
    for (const value of recordsOf(placed, 'tender')) {
      const tender = tenderRecordSchema.parse(value);
      if (tender.tenderId !== this.#tenderId) continue;
      const hash = await amendedHashOf(tender, await noticeHashOf(tender, committeeHash));
      const isOwn = ['tender:publish', 'tender:amend'].includes(name);
      const isSame =
        hash === currentNoticeHash(tender) && (isOwn || hash === currentNoticeHash(this.#tender()));
      check(isSame, `${name} changed the notice`, 'NOTICE');
    }
  }

  /** The tender as the state before this transaction has it. */
  #tender(): TenderRecord {
    const value = this.#chain.value('tender', this.#tenderId);
    check(value !== undefined, `there is no tender ${this.#tenderId}`, 'PHASE');
    return tenderRecordSchema.parse(recordOf(value));
  }

  #create({ input, made, placed }: Step<'tender:create'>): void {
    const isNew = this.#chain.value('tender', this.#tenderId) === undefined;
    check(isNew, `tender ${this.#tenderId} was drafted twice`, 'PHASE');
    const isOwn = made.agency === input.tender.buyer.agency;
    check(isOwn, `a draft by an officer of the agency ${made.agency}`, 'AGENCY');
    const tender = tenderRecordSchema.parse(recordIn(placed, 'tender'));
    const isSame = isSameText(noticeOf(tender, ''), noticeOf(input.tender, ''));
    const isDraft = isSame && tenderState(tender) === 'draft';
    check(isDraft, 'another draft was recorded than was handed in', 'NOTICE');
    checkDraft(this.#chain, tender);
  }

  async #publish({ result }: Step<'tender:publish'>): Promise<void> {
    const tender = this.#tender();
    checkSecondOpen(this.#chain, tender);
    const { channel, chaincode } = this.#trust;
    const { t, seats } = tender.committee;
    const keys = this.#chain
      .values('committee-key', this.#tenderId)
      .map((value) => committeeKeyRecordSchema.parse(recordOf(value)));
    for (const { key, registered } of keys) {
      const seat = seats.find((one) => one.seat === key.seat);
      const isHolder = seat?.spki === registered.by.spki && seat.mspId === registered.by.mspId;
      check(isHolder, `seat ${key.seat} was registered by somebody else`, 'COMMITTEE');
    }
    const tenderId = this.#tenderId;
    this.#committee = freezeCommittee({
      ...{ channel, chaincode, tenderId, n: seats.length, t },
      keys: keys.map(({ key }) => key),
    });
    const { committeeHash } = this.#committee;
    const noticeHash = await noticeHashOf(tender, committeeHash);
    const isSame = result.committeeHash === committeeHash && result.noticeHash === noticeHash;
    check(isSame, 'the notice or the committee published is another one', 'NOTICE');
  }

  #amend({ input, result, made, placed }: Step<'tender:amend'>): void {
    const before = this.#tender();
    const isInTime = made.atMs <= Date.parse(deadlineOf(before));
    check(isInTime, 'the notice was amended after the deadline', 'LATE');
    const after = tenderRecordSchema.parse(recordIn(placed, 'tender'));
    const { amendments: [...all] = [] } = after;
    const added = all.pop();
    const isKept = isSameText(all, before.amendments ?? []);
    const isAdded =
      added?.text === input.text &&
      added.noticeHash === result.noticeHash &&
      added.deadline === input.deadline &&
      isSameText(added.documents, input.documents ?? []);
    check(isKept && isAdded, 'another amendment was recorded than was handed in', 'NOTICE');
    const isLater = Date.parse(deadlineOf(after)) >= Date.parse(deadlineOf(before));
    check(isLater, 'an amendment made the deadline earlier', 'EXTENSION');
    checkSecondOpen(this.#chain, after);
  }

  async #submit(step: Step<'bid:submit'>): Promise<void> {
    const { input, result, made } = step;
    const { bidKey } = result;
    const { vendorId = '' } = parseBidKey(bidKey) ?? {};
    const isNamed = bidKey === bidKeyOf({ ...input, vendorId });
    check(isNamed, `${bidKey} is not the key of the bid that was handed in`, 'BID');
    this.#requireOwner(bidKey, made);
    await checkStored(this.#chain, this.#trust, { bidKey, input });
    const [tender, committee] = [this.#tender(), this.#requireCommittee()];
    this.#book.submit({ tender, committee, bidKey, vendorId, step });
  }

  /**
   * What is done with a bid is done by its vendor, with the key that the vendor has by then; with
   * the estimate by an officer, whose agency is checked with every step.
   */
  #requireOwner(bidKey: string, made: Made): void {
    const { vendorId = '' } = parseBidKey(bidKey) ?? {};
    if (vendorId === ESTIMATE_VENDOR_ID) {
      check(made.role === 'officer', 'somebody else than the buyer gave the estimate', 'OWNER');
      return;
    }
    const value = this.#chain.value('vendor', vendorId);
    check(value !== undefined, `${vendorId} is not registered`, 'OWNER');
    const isOwn = isOwner(vendorRecordSchema.parse(recordOf(value)), made);
    check(isOwn, `somebody else than its vendor acted on ${bidKey}`, 'OWNER');
  }

  #close({ result, made, placed }: Step<'tender:close'>): void {
    const tender = this.#tender();
    const isDue = made.atMs >= dueMs(this.#chain, tender);
    check(isDue, 'the tender was closed before deadline and grace had passed', 'EARLY');
    const bids = this.#book.standing();
    this.#opening = new OpeningCheck(this.#requireCommittee(), bids, result.listHash);
    checkList(bidListRecordSchema.parse(recordIn(placed, 'bid-list')), this.#opening);
  }

  #strike({ result, placed }: Step<'opening:strike'>): void {
    const opening = this.#requireOpening();
    opening.strike(result.bidKey, result.listHash);
    checkList(bidListRecordSchema.parse(recordIn(placed, 'bid-list')), opening);
    const outcome = bidOutcomeRecordSchema.parse(recordIn(placed, 'bid-outcome'));
    const isSame = outcome.bidKey === result.bidKey && outcome.state === 'INVALID_DEAL';
    check(isSame, `${result.bidKey} was struck and got another final state`, 'OUTCOME');
  }

  async #combine({ input, placed }: Step<'opening:combine'>): Promise<void> {
    for (const { record, text } of outcomesOf(placed)) {
      const ciphertext = input.ciphertexts?.[record.bidKey];
      await this.#requireOpening().opened(record, { text, ciphertext });
    }
  }

  async #selfOpen({ input, made, placed }: Step<'opening:selfOpen'>): Promise<void> {
    const { selfOpen, ciphertext } = input;
    this.#requireOwner(selfOpen.bidKey, made);
    for (const { record, text } of outcomesOf(placed)) {
      await this.#requireOpening().opened(record, { text, ciphertext, selfOpen });
    }
  }

  #recordMissing({ made, placed }: Step<'opening:recordMissing'>): void {
    const tender = this.#tender();
    const { openingPeriodMs = OPENING_PERIOD_DEFAULT_MS } = tender;
    // Second envelopes can be opened from the day on which their list is fixed.
    const fromMs = this.#openedFromMs ?? graceEndMs(tender);
    const endMs = fromMs + openingPeriodMs;
    const isOver = made.atMs >= endMs;
    check(isOver, 'bids were recorded as missing before the opening had ended', 'EARLY');
    for (const { record } of outcomesOf(placed)) this.#requireOpening().missing(record);
  }

  #openedTender(): OpenedTender {
    return { tender: this.#tender(), opening: this.#requireOpening(), trust: this.#trust };
  }

  #requireCommittee(): Committee {
    const committee = this.#committee;
    check(committee !== undefined, `tender ${this.#tenderId} has not been published`, 'PHASE');
    return committee;
  }

  #requireOpening(): OpeningCheck {
    const opening = this.#opening;
    check(opening !== undefined, `tender ${this.#tenderId} has not been closed`, 'PHASE');
    return opening;
  }
}

/** The list that was recorded is the one that was worked out here. */
function checkList({ listHash, entries }: BidListRecord, opening: OpeningCheck): void {
  const isSame =
    listHash === opening.listHash &&
    entries.length === opening.listed.length &&
    opening.listed.every(({ bidKey, name, envelopeHash }, index) => {
      const entry = entries[index];
      const isNamed = entry?.bidKey === bidKey && entry.version === name.version;
      return isNamed && entry.envelopeHash === envelopeHash;
    });
  check(isSame, 'another list was recorded than that of the bids that stood', 'LIST');
}

/** Outcomes that a transaction records, each with the text that it records beside it. */
function outcomesOf(placed: Step['placed']): {
  readonly record: BidOutcomeRecord;
  readonly text: Uint8Array | undefined;
}[] {
  const written = writtenBy(placed);
  return written
    .filter(({ prefix }) => prefix === 'bid-outcome')
    .map(({ parts, value }) => ({
      record: bidOutcomeRecordSchema.parse(recordOf(value)),
      text: written.find(
        (one) => one.prefix === 'bid-document' && one.parts.join() === parts.join(),
      )?.value,
    }));
}
