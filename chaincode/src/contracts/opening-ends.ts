/** Ends of a bid other than a combine: struck, opened by its vendor, or recorded as never opened. */
import {
  type BidListRecord,
  type BidRecord,
  type CommandInput,
  type CommandResult,
  type LedgerEvent,
  type OpeningProgressRecord,
  parseBidKey,
  Reject,
  type TenderRecord,
  tenderState,
} from '@procurement/protocol';
import {
  checkSelfOpen,
  combineShares,
  type Committee,
  listHash,
  openWith,
  SealError,
  verifyDeal,
} from '@procurement/sealed';
import {
  advanceProgress,
  findRemaining,
  isByRef,
  type Listed,
  openTender,
  type RefusedBid,
  relist,
  selectNamed,
  selectRemaining,
  strikeBid,
  withoutBid,
} from '../domain/opening';
import { requireOpeningPassed } from '../domain/time';
import type { ProcurementContext } from '../ledger/procurement-context';
import { requireList } from './bid-lists';
import { requireBidder } from './bidders';
import { committeeOf } from './committees';
import {
  bytesFor,
  type Combined,
  isReady,
  leadingRefusal,
  saveOutcome,
  type SharesByChunk,
  sharesFor,
  sharesOf,
  type Unopened,
} from './opening-steps';

/** A closed tender whose list is fixed and not yet opened to its end. */
export interface Opening {
  readonly closed: TenderRecord;
  readonly list: BidListRecord;
  readonly progress: OpeningProgressRecord;
}

/** @throws {Reject} STATE where the list is not fixed yet */
export async function readOpening(
  context: ProcurementContext,
  closed: TenderRecord,
): Promise<Opening> {
  const { tenderId } = closed;
  const list = await requireList(context, tenderId);
  return { closed, list, progress: await context.records.openingProgress.get(tenderId) };
}

/** Records that bids got their final states; the last one opens the tender. */
export async function finishBids(
  context: ProcurementContext,
  opening: Opening & Combined & { readonly event: LedgerEvent },
): Promise<CommandResult<'opening:combine'>> {
  const { finished, refused } = opening;
  const after = advanceProgress(opening.progress, finished);
  const tender = await saveProgress(context, { ...opening, tender: opening.closed, after });
  const bids = finished.map(({ entry, state }) => ({ bidKey: entry.bidKey, state }));
  const remaining = after.remaining.length;
  const { tenderId } = tender;
  return { tenderId, state: tenderState(tender), bids, refused: [...refused], remaining };
}

/**
 * Takes a bid off the list whose deal is false: the check of its submission is repeated. What was
 * kept of it stays for whoever looks into how it came onto the ledger.
 * @throws {Reject} DEAL_HOLDS, also where no such bid is listed, so that it tells nobody of a bid
 */
export async function strike(
  context: ProcurementContext,
  command: CommandInput<'opening:strike'>,
): Promise<CommandResult<'opening:strike'>> {
  const { tenderId, bidKey } = command;
  const closed = await context.requireTender(tenderId);
  const { list, progress } = await readOpening(context, closed);
  const listed = findRemaining(list, progress, bidKey);
  const committee = committeeOf(context, closed);
  if (listed === undefined || holds(committee, await bidOf(context, tenderId, listed))) {
    throw new Reject('DEAL_HOLDS', { item: bidKey });
  }
  const hash = listHash(context.tenderName(tenderId), withoutBid(list, listed));
  const after = strikeBid(list, progress, { listed, listHash: hash, struck: context.fact });
  await context.records.bidLists.put(after.list, tenderId);
  const outcome: Unopened = { state: 'INVALID_DEAL', secret: undefined };
  await saveOutcome(context, { tenderId, listed, outcome });
  const tender = await saveProgress(context, {
    tender: relist(closed, hash),
    after: after.progress,
    event: { name: 'BidStruck', payload: { tenderId, listHash: hash } },
    isRelisted: true,
  });
  const remaining = after.progress.remaining.length;
  return { tenderId, state: tenderState(tender), bidKey, listHash: hash, remaining };
}

/**
 * Opens the caller's own bid by its secret, which its vendor has kept.
 * @throws {Reject} NOT_REGISTERED, STATE, SCALAR, POINT, IDENTITY, SELF, MISSING or CT_HASH
 */
export async function selfOpen(
  context: ProcurementContext,
  command: CommandInput<'opening:selfOpen'>,
): Promise<CommandResult<'opening:selfOpen'>> {
  const { tenderId, selfOpen: message } = command;
  const closed = await context.requireTender(tenderId);
  const vendorId = await requireBidder(context);
  const opening = await readOpening(context, closed);
  const isOwn = parseBidKey(message.bidKey)?.vendorId === vendorId;
  const listed = isOwn ? findRemaining(opening.list, opening.progress, message.bidKey) : undefined;
  if (listed === undefined) throw new Reject('STATE', { item: message.bidKey });
  const { lotId, version, owner, envelope } = await bidOf(context, tenderId, listed);
  const committee = committeeOf(context, opening.closed);
  const bid = { lotId, vendorId, vendorSpki: owner.spki, version };
  const { S } = checkSelfOpen({ committee, bid, envelope, message, isOpenable: true });
  const supplied = command.ciphertext === undefined ? {} : { [message.bidKey]: command.ciphertext };
  const ciphertext = bytesFor(supplied, message.bidKey);
  const outcome = await openWith({ committee, bid, envelope, ciphertext }, S);
  await saveOutcome(context, { tenderId, listed, outcome, isSelfOpened: true });
  const finished = [{ ...listed, state: outcome.state }];
  const event = { name: 'BidSelfOpened', payload: { tenderId } } as const;
  return finishBids(context, { ...opening, finished, refused: [], event });
}

/**
 * Records of bids without a final state that they could not be opened: those named, or the next.
 * Requirements: the opening has ended; of the bids named at least one has this end.
 * @throws {Reject} EARLY, LIMIT, FORMAT, NOT_FOUND, STATE or OPENABLE
 */
export async function recordMissing(
  context: ProcurementContext,
  command: CommandInput<'opening:recordMissing'>,
): Promise<CommandResult<'opening:recordMissing'>> {
  const { tenderId, bidKeys } = command;
  const closed = await context.requireTender(tenderId);
  requireOpeningPassed(closed, context.times);
  const opening = await readOpening(context, closed);
  const { list, progress } = opening;
  const selection =
    bidKeys === undefined ? selectRemaining(list, progress) : selectNamed(list, progress, bidKeys);
  const shares = await sharesOf(context, list);
  const committee = committeeOf(context, closed);
  const refused: RefusedBid[] = [...selection.refused];
  const finished: Combined['finished'][number][] = [];
  for (const listed of selection.selected) {
    const outcome = endOf({ closed, committee, shares, listed });
    if (outcome === undefined) refused.push({ bidKey: listed.entry.bidKey, code: 'OPENABLE' });
    else {
      await saveOutcome(context, { tenderId, listed, outcome });
      finished.push({ ...listed, state: outcome.state });
    }
  }
  if (finished.length === 0) throw leadingRefusal(refused);
  const event = { name: 'MissingRecorded', payload: { tenderId } } as const;
  return finishBids(context, { ...opening, finished, refused, event });
}

/** How a bid ends that nobody opened; undefined where anyone can still combine it. */
function endOf(bid: {
  readonly closed: TenderRecord;
  readonly committee: Committee;
  readonly shares: SharesByChunk;
  readonly listed: Listed;
}): Unopened | undefined {
  const { closed, committee, shares, listed } = bid;
  if (!isReady(closed, shares, listed.position)) return { state: 'UNOPENED', secret: undefined };
  if (!isByRef(listed.entry)) return undefined;
  return { state: 'INVALID_MISSING', secret: combineShares(committee, sharesFor(shares, listed)) };
}

async function saveProgress(
  context: ProcurementContext,
  change: {
    readonly tender: TenderRecord;
    readonly after: OpeningProgressRecord;
    readonly event: LedgerEvent;
    /** Whether the tender has changed already, and has to be written in any case. */
    readonly isRelisted?: boolean;
  },
): Promise<TenderRecord> {
  const { records } = context;
  const { after, event, isRelisted = false } = change;
  const { tenderId } = after;
  const isOver = after.remaining.length === 0;
  const tender = isOver ? openTender(change.tender, context.fact) : change.tender;
  await records.openingProgress.put(after, tenderId);
  if (isOver || isRelisted) await records.tenders.put(tender, tenderId);
  context.emit(isOver ? { name: 'TenderOpened', payload: { tenderId } } : event);
  return tender;
}

async function bidOf(
  { records }: ProcurementContext,
  tenderId: string,
  { entry }: Listed,
): Promise<BidRecord> {
  return records.bids.get(tenderId, entry.lotId, entry.vendorId, entry.version);
}

/** Whether a listed bid passes again what its submission had to pass. */
function holds(committee: Committee, bid: BidRecord): boolean {
  const { lotId, vendorId, version, owner, envelope } = bid;
  try {
    const name = { lotId, vendorId, vendorSpki: owner.spki, version };
    return verifyDeal({ committee, bid: name, envelope }).envelopeHash === bid.envelopeHash;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}
