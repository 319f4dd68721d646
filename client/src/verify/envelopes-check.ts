/** What keeps the two tenders of a procurement together whose bids have two envelopes. */
import {
  type BidListRecord,
  deadlineOf,
  envelopeOf,
  otherEnvelopeOf,
  graceEndMs,
  procurementIdOf,
  SHARED_BY_ENVELOPES,
  type TechnicalResult,
  technicalEvaluationRecordSchema,
  type TenderDraft,
  type TenderRecord,
  tenderIdOfEnvelope,
  tenderRecordSchema,
  tenderState,
} from '@procurement/protocol';
import { check } from '../check';
import type { KnownBid } from './bid-book';
import type { Chain } from './chain';
import { doesPass } from './expected-award';
import type { OpeningCheck } from './opening-check';
import type { Step } from './step';
import { isSameText, recordIn, recordOf, recordsOf } from './written';

/** A procurement has one envelope or two, and the second asks for what the first does. */
export function checkDraft(chain: Chain, draft: TenderDraft): void {
  const { tenderId } = draft;
  const procurementId = procurementIdOf(tenderId);
  const envelope = envelopeOf(tenderId);
  const firstId = tenderIdOfEnvelope(procurementId, 'technical');
  const beside = envelope === undefined ? firstId : procurementId;
  const isAlone = envelope === 'financial' || tenderIn(chain, beside) === undefined;
  check(isAlone, `${procurementId} was drafted with one envelope and with two`, 'ENVELOPE');
  if (envelope !== 'financial') return;
  const first = tenderIn(chain, firstId);
  const isSame =
    first !== undefined &&
    tenderState(first) === 'draft' &&
    SHARED_BY_ENVELOPES.every((member) => isSameText(first[member], draft[member]));
  check(isSame, `${tenderId} asks for something else than ${firstId}`, 'ENVELOPE');
}

/** The first envelope is published last, and never has more time than the second. */
export function checkSecondOpen(chain: Chain, first: TenderRecord): void {
  if (envelopeOf(first.tenderId) !== 'technical') return;
  const second = secondOf(chain, first.tenderId);
  const isOpen =
    second?.published !== undefined &&
    Date.parse(deadlineOf(first)) <= Date.parse(deadlineOf(second));
  check(isOpen, `${first.tenderId} takes bids while its second envelope does not`, 'ENVELOPE');
}

/** When a tender may be closed, milliseconds since 1970; one of first envelopes with the second. */
export function dueMs(chain: Chain, tender: TenderRecord): number {
  const isSecond = envelopeOf(tender.tenderId) === 'financial';
  check(!isSecond, `${tender.tenderId} was closed without its first envelope`, 'ENVELOPE');
  const second = secondOf(chain, tender.tenderId);
  return Math.max(...[tender, ...(second === undefined ? [] : [second])].map(graceEndMs));
}

/** What one transaction recorded of a tender. */
export function tenderWritten(placed: Step['placed'], tenderId: string): TenderRecord | undefined {
  return recordsOf(placed, 'tender')
    .map((value) => tenderRecordSchema.parse(value))
    .find((tender) => tender.tenderId === tenderId);
}

/**
 * Every listed first envelope has its result: passed, unless it did not open, is no answer to the
 * notice, or was named by two organisations.
 * @returns the results
 */
export function checkTechnical(
  { input, placed }: Step<'award:recordTechnical'>,
  opened: { readonly tender: TenderRecord; readonly opening: OpeningCheck },
): readonly TechnicalResult[] {
  const { tender, opening } = opened;
  const { results } = technicalEvaluationRecordSchema.parse(
    recordIn(placed, 'technical-evaluation'),
  );
  const reasons = new Map(input.failed.map(({ bidKey, reason }) => [bidKey, reason]));
  const areAll = results.length === opening.listed.length;
  check(areAll, 'not every first envelope has a result', 'EVALUATION');
  opening.listed.forEach((bid, index) => {
    const { bidKey, name } = bid;
    const { state, text } = opening.outcomeOf(bidKey);
    const holds = doesPass(tender, { ...bid, ...name, text });
    const result = results[index];
    const reason = reasons.get(bidKey);
    const isSame =
      result?.bidKey === bidKey &&
      result.lotId === name.lotId &&
      result.vendorId === name.vendorId &&
      result.state === state &&
      result.reason === reason &&
      (result.defects.length === 0) === holds &&
      result.passed === (holds && reason === undefined);
    check(isSame, `${bidKey} has another result than the one that follows`, 'EVALUATION');
  });
  return results;
}

/** The bids that stay sealed are kept beside the list, by their hashes. */
export function checkExcluded({ excluded = [] }: BidListRecord, due: readonly KnownBid[]): void {
  const isSame =
    excluded.length === due.length &&
    due.every(({ bidKey, envelopeHash }, index) => {
      const entry = excluded[index];
      return entry?.bidKey === bidKey && entry.envelopeHash === envelopeHash;
    });
  check(isSame, 'other second envelopes were excluded than those of failed firsts', 'LIST');
}

function secondOf(chain: Chain, tenderId: string): TenderRecord | undefined {
  const other = otherEnvelopeOf(tenderId);
  return other === undefined ? undefined : tenderIn(chain, other);
}

function tenderIn(chain: Chain, tenderId: string): TenderRecord | undefined {
  const value = chain.value('tender', tenderId);
  return value === undefined ? undefined : tenderRecordSchema.parse(recordOf(value));
}
