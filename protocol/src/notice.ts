/** A tender's notice and its amendments: what is hashed, and what holds now. */
import { instantToMs } from './instant';
import type { Amendment, TenderDraft, TenderRecord } from './records';

/** What the drafts for the two envelopes of one procurement have to say alike. */
export const SHARED_BY_ENVELOPES = [
  'buyer',
  'currency',
  'items',
  'lots',
  'deadline',
  'graceMs',
] as const satisfies readonly (keyof TenderDraft)[];

/** The last instant at which a bid may be signed: the notice's, or that of a later amendment. */
export function deadlineOf(tender: Pick<TenderRecord, 'amendments' | 'deadline'>): string {
  const amended = tender.amendments?.findLast(({ deadline }) => deadline !== undefined);
  return amended?.deadline ?? tender.deadline;
}

/** When the grace after the deadline ends, in milliseconds since 1970. */
export function graceEndMs(
  tender: Pick<TenderRecord, 'amendments' | 'deadline' | 'graceMs'>,
): number {
  return instantToMs(deadlineOf(tender)) + tender.graceMs;
}

/** The hash of the notice as it now stands, every amendment included; undefined for a draft. */
export function currentNoticeHash(
  tender: Pick<TenderRecord, 'amendments' | 'published'>,
): string | undefined {
  return tender.amendments?.at(-1)?.noticeHash ?? tender.published?.noticeHash;
}

/** What the hash of an amendment is over; `previous` is the hash of the notice before it. */
export function amendmentContent(amendment: {
  readonly tenderId: string;
  readonly previous: string;
  readonly number: number;
  readonly text: string;
  readonly deadline?: string | undefined;
  readonly documents: Amendment['documents'];
}): object {
  const { tenderId, previous, number, text, deadline, documents } = amendment;
  return {
    ...{ tenderId, previous, number, text, documents },
    ...(deadline === undefined ? {} : { deadline }),
  };
}

/**
 * What a tender's notice says: its draft and the frozen committee. Its canonical JSON, hashed with
 * SHA-256, is the notice hash that every bid repeats.
 */
export function noticeOf(
  tender: TenderDraft,
  committeeHash: string,
): TenderDraft & { readonly committeeHash: string } {
  const { tenderId, title, description, buyer, currency, items, lots, documents } = tender;
  const { deadline, graceMs, openingPeriodMs, committee, awardCriterion } = tender;
  return {
    ...{ tenderId, title, description, buyer, currency, items, lots, documents },
    ...{ deadline, graceMs, committee, awardCriterion, committeeHash },
    ...(openingPeriodMs === undefined ? {} : { openingPeriodMs }),
  };
}
