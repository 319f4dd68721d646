/**
 * Procurements whose bids have two envelopes. Each envelope is a tender of its own, with its own
 * keys and its own list (TSEAL-V1 section 3); these rules keep the two together.
 */
import {
  deadlineOf,
  encodeCanonical,
  envelopeOf,
  instantToMs,
  Reject,
  SHARED_BY_ENVELOPES,
  type TenderDraft,
  type TenderRecord,
} from '@procurement/protocol';

/**
 * Refuses what is done with the other envelope, or only after it.
 * @param needed the tender of the other envelope
 * @throws {Reject} ENVELOPE
 */
export function requireEnvelope(isMet: boolean, tenderId: string, needed: string): void {
  if (!isMet) throw new Reject('ENVELOPE', { needed, tenderId });
}

/**
 * Refuses a second envelope that asks for other things, or by another time, than the first.
 * @throws {Reject} DRAFT
 */
export function requireSameProcurement(second: TenderDraft, first: TenderDraft): void {
  for (const member of SHARED_BY_ENVELOPES) {
    const [left, right] = [second, first].map((draft) => encodeCanonical({ of: draft[member] }));
    if (left !== right) throw new Reject('DRAFT', { path: member, problem: 'differs' });
  }
}

/**
 * Refuses to give the first envelope more time than the second has: who comes in that time could
 * bid for neither.
 * @param deadline the first envelope's new one; undefined where it stays
 * @throws {Reject} ENVELOPE
 */
export function requireSecondOpen(
  { tenderId }: TenderRecord,
  second: TenderRecord,
  deadline: string | undefined,
): void {
  const isOpen = deadline === undefined || instantToMs(deadline) <= instantToMs(deadlineOf(second));
  requireEnvelope(isOpen, tenderId, second.tenderId);
}

/** Whether a tender takes first envelopes, which hold no amount and are awarded nothing. */
export function isFirstEnvelope(tenderId: string): boolean {
  return envelopeOf(tenderId) === 'technical';
}
