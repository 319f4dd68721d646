/** A tender's state, and the one check of whether it allows a transaction. */
import { type Phase, Reject, type TenderRecord, type TenderState } from '@procurement/protocol';

/** The facts that make up the state; without any of them it is a draft. */
export type TenderFacts = Partial<
  Pick<TenderRecord, 'published' | 'listFixed' | 'opened' | 'evaluated' | 'awarded' | 'cancelled'>
>;

const STATE_OF_FACT: readonly (readonly [keyof TenderFacts, TenderState])[] = [
  ['cancelled', 'cancelled'],
  ['awarded', 'awarded'],
  ['evaluated', 'evaluating'],
  ['opened', 'opened'],
  ['listFixed', 'closed'],
  ['published', 'published'],
];

/** The state that recorded facts add up to. Time alone changes nothing. */
export function tenderState(tender: TenderFacts): TenderState {
  return STATE_OF_FACT.find(([fact]) => tender[fact] !== undefined)?.[1] ?? 'draft';
}

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
