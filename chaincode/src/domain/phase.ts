/** The one check of whether a tender's state allows a transaction. */
import { type Phase, Reject, type TenderFacts, tenderState } from '@procurement/protocol';

/** Whether a tender's bids are known to all; a later cancellation does not close them again. */
export function isOpened(tender: TenderFacts): boolean {
  return tender.opened !== undefined;
}

/**
 * Refuses unless a tender is in one of the phases that a caller's right covers.
 * @throws {Reject} PHASE
 */
export function requirePhase(
  tender: TenderFacts & { readonly tenderId: string },
  allowed: readonly Phase[],
): void {
  const current = tenderState(tender);
  if (!allowed.includes(current)) {
    throw new Reject('PHASE', { tenderId: tender.tenderId, current, allowed });
  }
}
