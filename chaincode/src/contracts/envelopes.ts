/** The two tenders of a procurement whose bids have two envelopes, read together. */
import {
  envelopeOf,
  otherEnvelopeOf,
  procurementIdOf,
  Reject,
  type TenderDraft,
  type TenderRecord,
  tenderIdOfEnvelope,
  tenderState,
} from '@procurement/protocol';
import {
  isFirstEnvelope,
  requireEnvelope,
  requireSameProcurement,
  requireSecondOpen,
} from '../domain/envelopes';
import type { ProcurementContext } from '../ledger/procurement-context';

/**
 * Refuses a draft under an id that stands for something else already: a procurement has one
 * envelope or two, and of two the second follows the first.
 * @throws {Reject} EXISTS, ENVELOPE or DRAFT
 */
export async function requirePlace(context: ProcurementContext, draft: TenderDraft): Promise<void> {
  const { tenders } = context.records;
  const { tenderId } = draft;
  const envelope = envelopeOf(tenderId);
  await tenders.requireFree(tenderId);
  if (envelope === undefined) await tenders.requireFree(tenderIdOfEnvelope(tenderId, 'technical'));
  if (envelope === 'technical') await tenders.requireFree(procurementIdOf(tenderId));
  if (envelope !== 'financial') return;
  const needed = tenderIdOfEnvelope(tenderId, 'technical');
  const first = await tenders.find(needed);
  if (first === undefined || tenderState(first) !== 'draft') {
    throw new Reject('ENVELOPE', { needed, tenderId });
  }
  requireSameProcurement(draft, first);
}

/**
 * Refuses to publish a first envelope before the second: from then on vendors can bid for both.
 * @throws {Reject} ENVELOPE
 */
export async function requireSecondPublished(
  context: ProcurementContext,
  { tenderId }: TenderRecord,
): Promise<void> {
  if (!isFirstEnvelope(tenderId)) return;
  const needed = tenderIdOfEnvelope(tenderId, 'financial');
  const second = await context.records.tenders.find(needed);
  requireEnvelope(second?.published !== undefined, tenderId, needed);
}

/**
 * Refuses an amendment that gives a first envelope more time than the second.
 * @throws {Reject} ENVELOPE
 */
export async function requireTimeForSecond(
  context: ProcurementContext,
  first: TenderRecord,
  deadline: string | undefined,
): Promise<void> {
  if (!isFirstEnvelope(first.tenderId)) return;
  const needed = tenderIdOfEnvelope(first.tenderId, 'financial');
  requireSecondOpen(first, await context.records.tenders.get(needed), deadline);
}

/**
 * The second envelope's tender, which closes with the first.
 * @returns undefined where bids have one envelope
 * @throws {Reject} ENVELOPE where the tender itself is the second one; PHASE
 */
export async function requireSecond(
  context: ProcurementContext,
  tenderId: string,
): Promise<TenderRecord | undefined> {
  const other = otherEnvelopeOf(tenderId);
  if (other === undefined) return undefined;
  requireEnvelope(isFirstEnvelope(tenderId), tenderId, other);
  return context.requireTender(other);
}

/**
 * The tender and that of the other envelope, where it is drafted: both end together.
 * @throws {Reject} NOT_FOUND, AGENCY or PHASE
 */
export async function requireBoth(
  context: ProcurementContext,
  tenderId: string,
): Promise<readonly [TenderRecord, ...TenderRecord[]]> {
  const tender = await context.requireTender(tenderId);
  const otherId = otherEnvelopeOf(tenderId);
  const isDrafted =
    otherId !== undefined && (await context.records.tenders.find(otherId)) !== undefined;
  return isDrafted ? [tender, await context.requireTender(otherId)] : [tender];
}
