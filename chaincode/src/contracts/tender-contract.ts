/** Tenders: drafted, published, closed or cancelled. */
import { Transaction } from 'fabric-contract-api';
import {
  allowedPhases,
  currentNoticeHash,
  noticeOf,
  procurementIdOf,
  tenderState,
} from '@procurement/protocol';
import { freezeCommittee } from '@procurement/sealed';
import { requireAgency } from '../domain/authority';
import {
  amendTender,
  cancelTender,
  closeTender,
  createTender,
  publishTender,
  requireBiddingPeriod,
  requirePeriods,
  summariseTender,
  viewTender,
} from '../domain/tender';
import { requireBidInTime, requireGracePassed } from '../domain/time';
import { hashOfRecord } from '../ledger/digest';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { approve } from './approvals';
import { fixList } from './bid-lists';
import { runCommand, runQuery } from './calls';
import {
  requireBoth,
  requirePlace,
  requireSecond,
  requireSecondPublished,
  requireTimeForSecond,
} from './envelopes';
import { processEnvironment } from './environment';
import { ProcurementContract } from './procurement-contract';
import { requireRehearsals } from './rehearsals';

/** Transactions `tender:…`. */
export class TenderContract extends ProcurementContract {
  constructor(environment: Environment = processEnvironment) {
    super('tender', environment);
  }

  /**
   * Drafts a tender.
   * Requirements: the officer's agency is the buyer's; the id is free; a second envelope asks for
   * what the first does; ids are unique and every item is in one lot; the appointed committee can
   * be frozen.
   * @throws {Reject} AGENCY, EXISTS, ENVELOPE, DRAFT, SIZE, SEAT, DUPLICATE or ORG
   */
  @Transaction()
  async create(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'tender:create', context, text: input }, async (command) => {
      const { tenderId, buyer } = command.tender;
      requireAgency(context.caller, buyer.agency);
      await requirePlace(context, command.tender);
      const tender = createTender(command.tender, context.fact);
      await context.records.tenders.put(tender, tenderId);
      context.emit({ name: 'TenderCreated', payload: { tenderId } });
      return { tenderId, state: tenderState(tender) };
    });
  }

  /**
   * Publishes a draft: the committee is frozen and the notice stands.
   * Requirements: of two envelopes the second is published; the periods reach the floors; every
   * seat has its key and has rehearsed; the committee passes all checks of TSEAL-V1 section 2.
   * @throws {Reject} ENVELOPE, PERIOD, REHEARSAL, SIZE, SEAT, SCALAR, POINT, IDENTITY, DUPLICATE,
   * POP or ORG
   */
  @Transaction()
  async publish(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'tender:publish', context, text: input }, async ({ tenderId }) => {
      const draft = await context.requireTender(tenderId);
      await requireSecondPublished(context, draft);
      requirePeriods(draft, context.times.atMs, context.settings);
      await requireRehearsals(context, draft);
      const committeeKeys = (await context.records.committeeKeys.list(tenderId)).map(
        ({ key }) => key,
      );
      const { committeeHash } = freezeCommittee({
        ...context.tenderName(tenderId),
        n: draft.committee.seats.length,
        t: draft.committee.t,
        keys: committeeKeys,
      });
      const noticeHash = hashOfRecord(noticeOf(draft, committeeHash));
      const published = { ...context.fact, noticeHash, committeeHash, committeeKeys };
      const tender = publishTender(draft, published);
      await context.records.tenders.put(tender, tenderId);
      context.emit({ name: 'TenderPublished', payload: { tenderId, noticeHash, committeeHash } });
      return { tenderId, state: tenderState(tender), noticeHash, committeeHash };
    });
  }

  /**
   * Amends a published notice. Bids that answer the notice before it have to be confirmed, or
   * replaced, or they are not responsive.
   * Requirements: a later deadline, if any, for a first envelope not past the second's; items, lots
   * and the criterion stand as published; the deadline has not passed, so that nobody is let in
   * late; as much time is left as a publication leaves, so that everybody can confirm.
   * @throws {Reject} ENVELOPE, DEADLINE, LIMIT, EXTENSION or PERIOD
   */
  @Transaction()
  async amend(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'tender:amend', context, text: input }, async (command) => {
      const { tenderId } = command;
      const before = await context.requireTender(tenderId);
      const { fact, times, settings } = context;
      await requireTimeForSecond(context, before, command.deadline);
      requireBidInTime(before, times);
      const { tender, amendment } = amendTender(before, { command, fact, hashOf: hashOfRecord });
      requireBiddingPeriod(tender, times.atMs, settings);
      await context.records.tenders.put(tender, tenderId);
      const { number, noticeHash } = amendment;
      context.emit({ name: 'TenderAmended', payload: { tenderId, noticeHash } });
      return { tenderId, state: tenderState(tender), number, noticeHash };
    });
  }

  /**
   * Cancels a tender that is not awarded, for a reason that everyone can read, when an officer of
   * the buyer and an auditor have asked for it: nobody ends a procedure alone. Tenders for two
   * envelopes of the same bids end together.
   * @throws {Reject} EXISTS where the caller's organisation has asked already
   */
  @Transaction()
  async cancel(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'tender:cancel', context, text: input }, async (command) => {
      const { tenderId, reason } = command;
      const before = await requireBoth(context, tenderId);
      const content = { tenderId: procurementIdOf(tenderId) };
      const cancelled = await approve(context, { act: 'tender:cancel', content });
      if (cancelled) {
        for (const one of before) {
          const after = cancelTender(one, { ...context.fact, reason });
          await context.records.tenders.put(after, one.tenderId);
        }
      }
      const state = cancelled ? 'cancelled' : tenderState(before[0]);
      const name = cancelled ? 'TenderCancelled' : 'TenderCancellationAsked';
      context.emit({ name, payload: { tenderId } });
      return { tenderId, state, cancelled };
    });
  }

  /**
   * Closes a tender and fixes the list of its bids. It writes the key that every bid reads, so a
   * bid that is ordered later fails, whenever it was endorsed. A first envelope closes the second
   * with it, of which the list is fixed later.
   * Requirements: deadline and grace have passed, by the transaction's time and the clock.
   * @throws {Reject} ENVELOPE, LIMIT or EARLY
   */
  @Transaction()
  async close(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'tender:close', context, text: input }, async ({ tenderId }) => {
      const published = await context.requireTender(tenderId);
      const second = await requireSecond(context, tenderId);
      requireGracePassed(published, context.times);
      if (second !== undefined) {
        requireGracePassed(second, context.times);
        await context.records.tenders.put(closeTender(second, context.fact), second.tenderId);
      }
      const { tender, listHash } = await fixList(context, closeTender(published, context.fact));
      context.emit({ name: 'TenderClosed', payload: { tenderId, listHash } });
      return { tenderId, state: tenderState(tender), listHash };
    });
  }

  /** A tender with its state. */
  @Transaction(false)
  async get(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'tender:get', context, text: input }, async ({ tenderId }) =>
      viewTender(await context.requireTender(tenderId)),
    );
  }

  /** Every tender that the caller may see, in the order of their ids. */
  @Transaction(false)
  async list(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'tender:list', context, text: input }, async () => {
      const visible = allowedPhases(context.caller, 'tender:get');
      const tenders = (await context.records.tenders.list()).map(summariseTender);
      return { tenders: tenders.filter(({ state }) => visible.includes(state)) };
    });
  }

  /** What whoever seals must know: the committee's records, its size and threshold, its hash. */
  @Transaction(false)
  async committee(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'tender:committee', context, text: input }, async ({ tenderId }) => {
      const { amendments, committee, published } = await context.requireTender(tenderId);
      const records = await context.records.committeeKeys.list(tenderId);
      return {
        ...context.tenderName(tenderId),
        n: committee.seats.length,
        t: committee.t,
        records: records.map(({ key }) => key),
        committeeHash: published?.committeeHash,
        noticeHash: currentNoticeHash({ amendments, published }),
      };
    });
  }
}
