/** Sealed bids: what is kept of a submission, and what is shown of it. */
import {
  type BidHeadRecord,
  bidKeyOf,
  type BidListEntry,
  type BidOutcomeRecord,
  type BidRecord,
  type BidView,
  type CommandInput,
  type Fact,
  Reject,
  type TenderRecord,
} from '@procurement/protocol';
import { noticeHashOf } from './tender';

/** The most versions that one vendor may submit for one lot. */
export const BID_VERSIONS_MAX = 100;

/** A submission that passed every check. */
export interface Submission {
  readonly command: CommandInput<'bid:submit'>;
  /** From the register, never from the request. */
  readonly vendorId: string;
  readonly envelope: BidRecord['envelope'];
  readonly envelopeHash: string;
  readonly submitted: Fact;
}

/**
 * Refuses a further version where there are too many.
 * @throws {Reject} LIMIT
 */
export function requireVersionsLeft(last: BidHeadRecord | undefined): void {
  if ((last?.version ?? 0) >= BID_VERSIONS_MAX) {
    throw new Reject('LIMIT', { what: 'versions of a bid', limit: BID_VERSIONS_MAX });
  }
}

/**
 * Refuses a bid that answers another notice than the published one.
 * @throws {Reject} NOTICE
 */
export function requireNotice(tender: TenderRecord, noticeHash: string): void {
  const current = noticeHashOf(tender);
  if (current !== noticeHash) {
    throw new Reject('NOTICE', { noticeHash: current, tenderId: tender.tenderId });
  }
}

/** Whether a bid is handed in and not withdrawn. */
export function isStanding(head: BidHeadRecord): boolean {
  return head.withdrawn === undefined;
}

/**
 * The latest version under a bid key, which has to stand.
 * @throws {Reject} NOT_FOUND
 */
export function requireStanding(
  head: BidHeadRecord | undefined,
  name: { readonly lotId: string },
): BidHeadRecord {
  if (head !== undefined && isStanding(head)) return head;
  throw new Reject('NOT_FOUND', { kind: 'bid', id: name.lotId });
}

/** The bid confirmed for the notice as it now stands, without being sealed anew. */
export function confirmBid(
  head: BidHeadRecord,
  confirmed: NonNullable<BidHeadRecord['confirmed']>,
): BidHeadRecord {
  return { ...head, confirmed };
}

/** The bid withdrawn: a tombstone that keeps the number of its version. */
export function withdrawBid(head: BidHeadRecord, withdrawn: Fact): BidHeadRecord {
  return { ...head, withdrawn };
}

/** The records of a submission: the version itself, and the small head that the close reads. */
export function recordBid(submission: Submission): {
  readonly bid: BidRecord;
  readonly head: BidHeadRecord;
} {
  const { command, vendorId, envelope, envelopeHash, submitted } = submission;
  const { tenderId, lotId, version, noticeHash, documents, receipts } = command;
  const kept = { ...(documents && { documents }), ...(receipts && { receipts }) };
  const name = { tenderId, lotId, vendorId, version };
  const owner = submitted.by;
  return {
    bid: {
      schema: 'bid/1',
      ...name,
      owner,
      noticeHash,
      envelopeHash,
      envelope,
      ...kept,
      submitted,
    },
    head: { schema: 'bid-head/1', ...name, envelopeHash, ctLen: envelope.ctLen },
  };
}

/** A bid's line in the list; the list's order is made elsewhere. */
export function listEntryOf(head: BidHeadRecord): BidListEntry {
  const { lotId, vendorId, version, envelopeHash, ctLen } = head;
  return { bidKey: bidKeyOf(head), lotId, vendorId, version, envelopeHash, ctLen };
}

/**
 * What is shown of a bid; `outcome` and `document` only once the tender is opened. A bid that stood
 * and has no final state then was excluded.
 */
export function viewBid(
  bid: BidRecord,
  head: Pick<BidHeadRecord, 'confirmed' | 'withdrawn'>,
  opened?: {
    readonly outcome: BidOutcomeRecord | undefined;
    readonly document: string | undefined;
  },
): BidView {
  const { lotId, vendorId, version, envelopeHash, noticeHash, submitted } = bid;
  const { documents, receipts } = bid;
  const bidKey = bidKeyOf(bid);
  const { confirmed, withdrawn } = head;
  const view = {
    ...{ bidKey, lotId, vendorId, version, envelopeHash, noticeHash, submitted },
    ...(documents && { documents }),
    ...(receipts && { receipts }),
    ...(confirmed && { confirmed: { noticeHash: confirmed.noticeHash, at: confirmed.at } }),
    ...(withdrawn && { withdrawn }),
  };
  if (opened === undefined || withdrawn !== undefined) return view;
  const { document, outcome } = opened;
  if (outcome === undefined) return { ...view, excluded: true };
  const { state, S } = outcome;
  return { ...view, state, ...(S && { S }), ...(document === undefined ? {} : { document }) };
}
