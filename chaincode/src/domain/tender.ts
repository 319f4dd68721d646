/** A tender from its draft to its end. Each rule gives the record with one fact more. */
import {
  type Amendment,
  amendmentContent,
  AMENDMENTS_MAX,
  type CommandInput,
  currentNoticeHash,
  deadlineOf,
  type Fact,
  instantToMs,
  Reject,
  type TenderDraft,
  type TenderRecord,
  tenderState,
  type TenderSummary,
  type TenderView,
} from '@procurement/protocol';
import { checkAppointment } from './committee';

type Published = NonNullable<TenderRecord['published']>;

/** The shortest periods that the rules allow. */
export interface Floors {
  /** From publication, and from each amendment, to the deadline. */
  readonly minBiddingMs: number;
  /** From deadline to close. */
  readonly minGraceMs: number;
}

/**
 * The record of a drafted tender. Ids are unique, every item belongs to exactly one lot, and the
 * committee can be frozen.
 * @throws {Reject} DRAFT, SIZE, SEAT, DUPLICATE or ORG
 */
export function createTender(draft: TenderDraft, created: Fact): TenderRecord {
  checkUnique(
    draft.items.map(({ itemId }) => itemId),
    (index) => `items[${index}].itemId`,
  );
  checkUnique(
    draft.lots.map(({ lotId }) => lotId),
    (index) => `lots[${index}].lotId`,
  );
  checkItemsOfLots(draft);
  checkAppointment(draft.committee);
  return { schema: 'tender/1', ...draft, created };
}

/**
 * Refuses to publish a tender that leaves less time than the rules allow.
 * @param atMs when it would be published
 * @throws {Reject} PERIOD
 */
export function requirePeriods(tender: TenderRecord, atMs: number, floors: Floors): void {
  requireBiddingPeriod(tender, atMs, floors);
  requirePeriod({ period: 'grace', actualMs: tender.graceMs, minimumMs: floors.minGraceMs });
}

/**
 * Refuses to publish or amend a notice that leaves less time for bids than the rules allow.
 * @param atMs when it would stand
 * @throws {Reject} PERIOD
 */
export function requireBiddingPeriod(
  tender: TenderRecord,
  atMs: number,
  { minBiddingMs }: Pick<Floors, 'minBiddingMs'>,
): void {
  const biddingMs = instantToMs(deadlineOf(tender)) - atMs;
  requirePeriod({ period: 'bidding', actualMs: biddingMs, minimumMs: minBiddingMs });
}

/** The tender published: its notice stands, its committee is frozen. */
export function publishTender(tender: TenderRecord, published: Published): TenderRecord {
  return { ...tender, published };
}

/**
 * A change of the notice that takes nothing away: a later deadline, further documents.
 * @param change.hashOf gives the hash of a record's canonical JSON
 * @throws {Reject} EXTENSION or LIMIT
 */
export function amendTender(
  tender: TenderRecord,
  change: {
    readonly command: CommandInput<'tender:amend'>;
    readonly fact: Fact;
    readonly hashOf: (content: object) => string;
  },
): { readonly tender: TenderRecord; readonly amendment: Amendment } {
  const { tenderId, text, deadline, documents = [] } = change.command;
  requireLater(tender, deadline);
  const earlier = tender.amendments ?? [];
  if (earlier.length >= AMENDMENTS_MAX) {
    throw new Reject('LIMIT', { what: 'amendments of a notice', limit: AMENDMENTS_MAX });
  }
  const number = earlier.length + 1;
  const previous = noticeHashOf(tender);
  const content = { tenderId, previous, number, text, deadline, documents };
  const noticeHash = change.hashOf(amendmentContent(content));
  const amendment = {
    ...{ number, text, documents, noticeHash },
    ...(deadline === undefined ? {} : { deadline }),
    ...change.fact,
  };
  return { tender: { ...tender, amendments: [...earlier, amendment] }, amendment };
}

/** The hash of a published notice as it now stands. */
export function noticeHashOf(tender: TenderRecord): string {
  return currentNoticeHash(tender) ?? publicationOf(tender).noticeHash;
}

/** The tender given up, for a reason that everyone can read. */
export function cancelTender(
  tender: TenderRecord,
  cancelled: NonNullable<TenderRecord['cancelled']>,
): TenderRecord {
  return { ...tender, cancelled };
}

/** The tender closed: no bid is taken any more. */
export function closeTender(tender: TenderRecord, closed: Fact): TenderRecord {
  return { ...tender, closed };
}

/**
 * The list of a closed tender fixed. Where nothing is listed, there is nothing to open, and the
 * opening is over as well.
 */
export function fixListOf(
  tender: TenderRecord,
  list: { readonly fixed: Fact; readonly listHash: string; readonly bidCount: number },
): TenderRecord {
  const { fixed, listHash, bidCount } = list;
  const listFixed = { ...fixed, listHash };
  return { ...tender, listFixed, ...(bidCount === 0 ? { opened: fixed } : {}) };
}

/**
 * The facts of the publication.
 * @throws {Reject} PHASE where there are none, which no phase that reads them allows
 */
export function publicationOf(tender: TenderRecord): Published {
  if (tender.published === undefined) {
    throw new Reject('PHASE', { tenderId: tender.tenderId, current: 'draft', allowed: [] });
  }
  return tender.published;
}

/**
 * Refuses a lot that the tender does not have.
 * @throws {Reject} LOT
 */
export function requireLot(tender: TenderRecord, lotId: string): void {
  if (!tender.lots.some((lot) => lot.lotId === lotId)) {
    throw new Reject('LOT', { lotId, tenderId: tender.tenderId });
  }
}

/** A tender with its state. */
export function viewTender(tender: TenderRecord): TenderView {
  return { ...tender, state: tenderState(tender) };
}

/** A tender in a list. */
export function summariseTender(tender: TenderRecord): TenderSummary {
  const { tenderId, title, buyer } = tender;
  const deadline = deadlineOf(tender);
  return { tenderId, title, buyer, deadline, state: tenderState(tender) };
}

function requireLater(tender: TenderRecord, deadline: string | undefined): void {
  const before = deadlineOf(tender);
  if (deadline === undefined || instantToMs(deadline) > instantToMs(before)) return;
  throw new Reject('EXTENSION', { deadline: before, tenderId: tender.tenderId });
}

function checkUnique(ids: readonly string[], pathOf: (index: number) => string): void {
  const seen = new Set<string>();
  ids.forEach((id, index) => {
    if (seen.has(id)) throw new Reject('DRAFT', { path: pathOf(index), problem: 'repeated' });
    seen.add(id);
  });
}

function checkItemsOfLots({ items, lots }: TenderDraft): void {
  const unplaced = new Set(items.map(({ itemId }) => itemId));
  const known = new Set(unplaced);
  lots.forEach(({ itemIds }, lotIndex) => {
    itemIds.forEach((itemId, index) => {
      const path = `lots[${lotIndex}].itemIds[${index}]`;
      if (!known.has(itemId)) throw new Reject('DRAFT', { path, problem: 'unknown item' });
      if (!unplaced.delete(itemId)) throw new Reject('DRAFT', { path, problem: 'repeated' });
    });
  });
  items.forEach(({ itemId }, index) => {
    if (unplaced.has(itemId)) {
      throw new Reject('DRAFT', { path: `items[${index}]`, problem: 'in no lot' });
    }
  });
}

function requirePeriod(period: {
  readonly period: string;
  readonly actualMs: number;
  readonly minimumMs: number;
}): void {
  if (period.actualMs < period.minimumMs) throw new Reject('PERIOD', period);
}
