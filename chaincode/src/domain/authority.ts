/** Whether a caller may call a transaction at all. What the protocol's table omits is refused. */
import { allowedPhases, type Phase, Reject, type TransactionName } from '@procurement/protocol';
import type { Caller } from './caller';

/**
 * The phases in which a caller may call a transaction; at least one.
 * @throws {Reject} ROLE where organisation and role have no right to it
 */
export function requireRight(caller: Caller, transaction: TransactionName): readonly Phase[] {
  const phases = allowedPhases(caller, transaction);
  if (phases.length === 0) {
    throw new Reject('ROLE', { mspId: caller.mspId, role: caller.role, transaction });
  }
  return phases;
}

/**
 * Refuses an officer of another agency than the buyer's. Others have no agency to keep to.
 * @throws {Reject} AGENCY
 */
export function requireAgency(caller: Caller, buyerAgency: string): void {
  if (caller.role === 'officer' && caller.agency !== buyerAgency) {
    throw new Reject('AGENCY', { agency: caller.agency ?? '', buyerAgency });
  }
}
