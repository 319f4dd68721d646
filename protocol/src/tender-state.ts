/** A tender's state, which is nothing but what its recorded facts add up to. */
import type { TenderRecord } from './records';
import type { TenderState } from './roles';

/** The facts that make up the state; without any of them it is a draft. */
export type TenderFacts = Partial<
  Pick<TenderRecord, 'published' | 'closed' | 'opened' | 'evaluated' | 'awarded' | 'cancelled'>
>;

const STATE_OF_FACT: readonly (readonly [keyof TenderFacts, TenderState])[] = [
  ['cancelled', 'cancelled'],
  ['awarded', 'awarded'],
  ['evaluated', 'evaluating'],
  ['opened', 'opened'],
  ['closed', 'closed'],
  ['published', 'published'],
];

/** The state that recorded facts add up to. Time alone changes nothing. */
export function tenderState(tender: TenderFacts): TenderState {
  return STATE_OF_FACT.find(([fact]) => tender[fact] !== undefined)?.[1] ?? 'draft';
}
