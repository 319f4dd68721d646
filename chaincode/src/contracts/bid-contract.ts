/** Sealed bids. */
import { Transaction } from 'fabric-contract-api';
import { type BidHeadRecord, bidKeyOf, type TenderRecord } from '@procurement/protocol';
import { checkSubmission } from '@procurement/sealed';
import { requireAgency } from '../domain/authority';
import {
  confirmBid,
  recordBid,
  requireNotice,
  requireStanding,
  requireVersionsLeft,
  withdrawBid,
} from '../domain/bid';
import { isOpened } from '../domain/phase';
import { requireLot } from '../domain/tender';
import { requireBidInTime } from '../domain/time';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { listedBids, ownBids } from './bid-views';
import { requireBidder } from './bidders';
import { runCommand, runQuery } from './calls';
import { takeSlot } from './bid-slots';
import { committeeOf } from './committees';
import { processEnvironment } from './environment';
import { ProcurementContract } from './procurement-contract';
import { checkReceipts } from './receipts';

/** Transactions `bid:…`. */
export class BidContract extends ProcurementContract {
  constructor(environment: Environment = processEnvironment) {
    super('bid', environment);
  }

  /**
   * Takes a sealed bid for a lot, or its replacement; of the buyer's officers the official
   * estimate. It reads the tender's key, which the close writes, and never writes it.
   * Requirements: a registered vendor; a lot of the tender; a version left; signed by the deadline
   * and handed in by the end of the grace; the published notice; receipts of two stores for what is
   * kept outside the ledger; the eight checks of TSEAL-V1 section 6.
   * @throws {Reject} NOT_REGISTERED, LOT, LIMIT, DEADLINE, NOTICE, RECEIPT, FORMAT, COUNT, CT_LEN,
   * SCALAR, POINT, IDENTITY, CT_HASH, VERSION or DEAL
   */
  @Transaction()
  async submit(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'bid:submit', context, text: input }, async (command) => {
      const { records } = context;
      const { tenderId, lotId, version } = command;
      const tender = await context.requireTender(tenderId);
      const vendorId = await requireBidder(context);
      requireLot(tender, lotId);
      const last = await records.bidHeads.find(tenderId, lotId, vendorId);
      requireVersionsLeft(last);
      requireBidInTime(tender, context.times);
      requireNotice(tender, command.noticeHash);
      const unread = command.envelope as object;
      await checkReceipts(context, command, vendorId);
      const { envelope, envelopeHash } = checkSubmission({
        committee: committeeOf(context, tender),
        bid: { lotId, vendorId, vendorSpki: context.caller.spki, version },
        envelope: unread,
        lastVersion: last?.version ?? 0,
      });
      const { bid, head } = recordBid({
        ...{ command, vendorId, envelopeHash, submitted: context.fact },
        envelope: envelope,
      });
      if (last === undefined) await takeSlot(context, tenderId, bidKeyOf(head));
      await records.bidHeads.put(head, tenderId, lotId, vendorId);
      await records.bids.requireFree(tenderId, lotId, vendorId, version);
      await records.bids.put(bid, tenderId, lotId, vendorId, version);
      context.emit({ name: 'BidSubmitted', payload: { tenderId, envelopeHash } });
      return { bidKey: bidKeyOf({ tenderId, lotId, vendorId }), version, envelopeHash };
    });
  }

  /**
   * Confirms the caller's bid for the notice as it now stands.
   * Requirements: the caller's bid stands; signed by the deadline; the current notice.
   * @throws {Reject} NOT_FOUND, NOT_REGISTERED, DEADLINE or NOTICE
   */
  @Transaction()
  async confirm(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'bid:confirm', context, text: input }, async (command) => {
      const { noticeHash } = command;
      const { tender, head } = await requireOwnBid(context, command);
      requireBidInTime(tender, context.times);
      requireNotice(tender, noticeHash);
      const confirmed = confirmBid(head, { ...context.fact, noticeHash });
      await putHead(context, confirmed);
      context.emit({ name: 'BidConfirmed', payload: { tenderId: tender.tenderId } });
      return { bidKey: bidKeyOf(head), version: head.version, noticeHash };
    });
  }

  /**
   * Withdraws the caller's bid. What was sealed stays unreadable, and the number of its version
   * stays used: a later bid of the vendor for the lot takes the next one.
   * Requirements: the caller's bid stands; signed by the deadline.
   * @throws {Reject} NOT_FOUND, NOT_REGISTERED or DEADLINE
   */
  @Transaction()
  async withdraw(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'bid:withdraw', context, text: input }, async (command) => {
      const { tender, head } = await requireOwnBid(context, command);
      requireBidInTime(tender, context.times);
      await putHead(context, withdrawBid(head, context.fact));
      context.emit({ name: 'BidWithdrawn', payload: { tenderId: tender.tenderId } });
      return { bidKey: bidKeyOf(head), version: head.version };
    });
  }

  /**
   * The caller's own bids for a tender; of the buyer's officers the official estimate.
   * @throws {Reject} AGENCY or NOT_REGISTERED
   */
  @Transaction(false)
  async mine(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'bid:mine', context, text: input }, async ({ tenderId }) => {
      const tender = await context.requireTender(tenderId);
      requireAgency(context.caller, tender.buyer.agency);
      await requireBidder(context);
      return { tenderId, bids: await ownBids(context, tender) };
    });
  }

  /** All bids of an opened tender; before the opening only the caller's own. */
  @Transaction(false)
  async list(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'bid:list', context, text: input }, async ({ tenderId }) => {
      const tender = await context.requireTender(tenderId);
      const complete = isOpened(tender);
      const bids = complete ? await listedBids(context, tender) : await ownBids(context, tender);
      return { tenderId, complete, bids };
    });
  }
}

/** A tender and the caller's standing bid for a lot of it. */
async function requireOwnBid(
  context: ProcurementContext,
  { tenderId, lotId }: { readonly tenderId: string; readonly lotId: string },
): Promise<{ readonly tender: TenderRecord; readonly head: BidHeadRecord }> {
  const tender = await context.requireTender(tenderId);
  const vendorId = await requireBidder(context);
  const last = await context.records.bidHeads.find(tenderId, lotId, vendorId);
  return { tender, head: requireStanding(last, { lotId }) };
}

async function putHead({ records }: ProcurementContext, head: BidHeadRecord): Promise<void> {
  await records.bidHeads.put(head, head.tenderId, head.lotId, head.vendorId);
}
