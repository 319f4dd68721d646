/** The register of keys: whose each one is, and whether it is still in force. */
import { type Fact, type KeyRecord, Reject, type TransactionName } from '@procurement/protocol';
import type { Caller } from './caller';

/** Roles of people who are in no vendor register and register their key by themselves. */
const REGISTERED_ROLES: readonly string[] = ['officer', 'auditor', 'committee'];

/**
 * Refuses a caller whose key was revoked or whose certificate expired, and an officer, auditor or
 * committee member whose key the register does not have for the caller's organisation, except for
 * putting it there. An MSP does not look
 * at the end of a certificate (msp/mspimplvalidate.go:getValidityOptsForCert), and peers of 2.5 let
 * an expired one ask through their gateway.
 * @param known the register's entry of the caller's key
 * @param call.isCommand whether the transaction changes anything
 * @param call.clockMs the endorser's clock
 * @throws {Reject} KEY
 */
export function requireKeyInForce(
  caller: Caller,
  known: KeyRecord | undefined,
  call: {
    readonly transaction: TransactionName;
    readonly isCommand: boolean;
    readonly clockMs: number;
  },
): void {
  const { spki } = caller;
  if (caller.expiresMs < call.clockMs) throw new Reject('KEY', { spki, state: 'expired' });
  if (known?.revoked !== undefined) throw new Reject('KEY', { spki, state: 'revoked' });
  const mustBeKnown =
    call.isCommand && call.transaction !== 'key:register' && REGISTERED_ROLES.includes(caller.role);
  // One key certified by two organisations is not the word of both.
  const isKnown = known?.mspId === caller.mspId;
  if (mustBeKnown && !isKnown) throw new Reject('KEY', { spki, state: 'unknown' });
}

/**
 * Refuses a caller whose certificate ends before an instant at which it will be needed.
 * @param neededMs milliseconds since 1970
 * @throws {Reject} KEY
 */
export function requireCertificateUntil({ spki, expiresMs }: Caller, neededMs: number): void {
  if (expiresMs < neededMs) throw new Reject('KEY', { spki, state: 'ending' });
}

/** The entry of a key in the register. */
export function registerKey(entry: {
  readonly spki: string;
  readonly mspId: KeyRecord['mspId'];
  readonly holder: KeyRecord['holder'];
  readonly registered: Fact;
}): KeyRecord {
  const { spki, mspId, holder, registered } = entry;
  return { schema: 'key/1', spki, mspId, holder, registered };
}

/** The key revoked: it signs nothing any more, and no other holder can ever register it. */
export function revokeKey(key: KeyRecord, revoked: Fact & { readonly reason: string }): KeyRecord {
  return { ...key, revoked };
}
