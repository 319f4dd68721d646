/** The register of keys. */
import { Transaction } from 'fabric-contract-api';
import type { KeyRecord } from '@procurement/protocol';
import { isSamePerson } from '../domain/caller';
import { registerKey, revokeKey } from '../domain/key';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { approve } from './approvals';
import { runCommand, runQuery } from './calls';
import { processEnvironment } from './environment';
import { ProcurementContract } from './procurement-contract';

/** Transactions `key:…`. */
export class KeyContract extends ProcurementContract {
  constructor(environment: Environment = processEnvironment) {
    super('key', environment);
  }

  /**
   * Puts the caller's key into the register. The signature of the transaction is the proof that the
   * caller has it.
   * Requirements: nobody has registered this key, in whichever organisation.
   * @throws {Reject} EXISTS
   */
  @Transaction()
  async register(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'key:register', context, text: input }, async ({ name }) => {
      const { keys } = context.records;
      const { spki, role } = context.caller;
      await keys.requireFree(spki);
      const { by } = context.fact;
      const holder = { name, role };
      await keys.put(
        registerKey({ spki, mspId: by.mspId, holder, registered: context.fact }),
        spki,
      );
      context.emit({ name: 'KeyRegistered', payload: { spki } });
      return { spki };
    });
  }

  /**
   * Revokes a key: at once where its holder asks, otherwise when officers or auditors of two
   * organisations have. It signs nothing any more, and what was endorsed before and not yet
   * committed fails, since every transaction reads the register's entry of its signer.
   * @throws {Reject} NOT_FOUND, EXISTS or ROLE
   */
  @Transaction()
  async revoke(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'key:revoke', context, text: input }, async ({ spki, reason }) => {
      const key = await context.records.keys.get(spki);
      const isRevoked = await this.#mayRevoke(context, key);
      if (isRevoked && key.revoked === undefined) {
        const revoked = revokeKey(key, { ...context.fact, reason });
        await context.records.keys.put(revoked, spki);
      }
      const name = isRevoked ? 'KeyRevoked' : 'KeyRevocationAsked';
      context.emit({ name, payload: { spki } });
      return { spki, revoked: isRevoked };
    });
  }

  /**
   * A key's entry in the register.
   * @throws {Reject} NOT_FOUND
   */
  @Transaction(false)
  async get(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'key:get', context, text: input }, ({ spki }) =>
      context.records.keys.get(spki),
    );
  }

  async #mayRevoke(context: ProcurementContext, key: KeyRecord): Promise<boolean> {
    if (isSamePerson(key, context.caller)) return true;
    context.requireRole('officer', 'auditor');
    return approve(context, { act: 'key:revoke', content: { spki: key.spki } });
  }
}
