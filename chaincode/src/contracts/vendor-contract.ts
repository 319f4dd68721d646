/** The register of vendors. */
import { Transaction } from 'fabric-contract-api';
import {
  comparableLicence,
  type Fact,
  type KeyRecord,
  possessionMessage,
  Reject,
  type VendorRecord,
} from '@procurement/protocol';
import { registerKey, revokeKey } from '../domain/key';
import { registerVendor } from '../domain/vendor';
import { hashOf } from '../ledger/digest';
import { requirePossession, spkiOf } from '../ledger/possession';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { approve } from './approvals';
import { runCommand, runQuery } from './calls';
import { processEnvironment } from './environment';
import { ProcurementContract } from './procurement-contract';

/**
 * The vendor record of the caller.
 * @throws {Reject} NOT_REGISTERED
 */
export async function requireVendor(context: ProcurementContext): Promise<VendorRecord> {
  const { mspId, spki } = context.caller;
  const reference = await context.records.vendorOwners.find(mspId, spki);
  if (reference === undefined) throw new Reject('NOT_REGISTERED', { mspId, spki });
  return context.records.vendors.get(reference.vendorId);
}

function keyOfVendor(vendorId: string, spki: string, registered: Fact): KeyRecord {
  return registerKey({ spki, mspId: registered.by.mspId, holder: { vendorId }, registered });
}

/** The vendor's new key in the register, its old one ended. @returns the new key's spki */
async function changeKey(
  { records, fact }: ProcurementContext,
  vendor: VendorRecord,
  change: { readonly publicKey: string; readonly reason: string },
): Promise<string> {
  const { vendorId, owner } = vendor;
  const spki = spkiOf(change.publicKey);
  const key = { ...keyOfVendor(vendorId, spki, fact), mspId: owner.mspId };
  await records.keys.put(key, spki);
  await records.vendorOwners.requireFree(owner.mspId, spki);
  await records.vendorOwners.put({ schema: 'vendor-reference/1', vendorId }, owner.mspId, spki);
  const old = await records.keys.get(owner.spki);
  const { reason } = change;
  if (old.revoked === undefined) {
    await records.keys.put(revokeKey(old, { ...fact, reason }), owner.spki);
  }
  await records.vendors.put({ ...vendor, owner: { mspId: owner.mspId, spki } }, vendorId);
  return spki;
}

/** Transactions `vendor:…`. */
export class VendorContract extends ProcurementContract {
  constructor(environment: Environment = processEnvironment) {
    super('vendor', environment);
  }

  /**
   * Registers the caller as a vendor: organisation and public key own the record.
   * Requirements: the id, the caller and the licence are each in no record yet.
   * @throws {Reject} EXISTS
   */
  @Transaction()
  async register(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'vendor:register', context, text: input }, async (command) => {
      const { keys, vendors, vendorOwners, vendorLicences } = context.records;
      const { vendorId } = command;
      const licence = hashOf(comparableLicence(command.licence));
      const { mspId, spki } = context.caller;
      await vendors.requireFree(vendorId);
      await vendorOwners.requireFree(mspId, spki);
      await keys.requireFree(spki);
      await vendorLicences.requireFree(licence);
      await vendors.put(registerVendor(command, context.fact), vendorId);
      await vendorOwners.put({ schema: 'vendor-reference/1', vendorId }, mspId, spki);
      await keys.put(keyOfVendor(vendorId, spki, context.fact), spki);
      await vendorLicences.put({ schema: 'vendor-reference/1', vendorId }, licence);
      context.emit({ name: 'VendorRegistered', payload: { vendorId } });
      return { vendorId };
    });
  }

  /**
   * Puts a new key of the vendor into the register, and ends the one that signs.
   * Requirements: nobody has registered the new key; its holder has signed with it.
   * @throws {Reject} EXISTS, NOT_REGISTERED or POSSESSION
   */
  @Transaction()
  async renewKey(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'vendor:renewKey', context, text: input }, async (command) => {
      const { publicKey, possession } = command;
      await context.records.keys.requireFree(spkiOf(publicKey));
      const vendor = await requireVendor(context);
      const { vendorId } = vendor;
      const message = possessionMessage({ ...context.ledgerName, vendorId, publicKey });
      requirePossession({ message, publicKey, possession });
      const spki = await changeKey(context, vendor, { publicKey, reason: 'renewed' });
      context.emit({ name: 'VendorKeyChanged', payload: { vendorId, spki } });
      return { vendorId, spki };
    });
  }

  /**
   * Gives a vendor that has lost its key a new one, when officers or auditors of two organisations
   * have asked for the same one.
   * Requirements: nobody has registered the new key; its holder has signed with it.
   * @throws {Reject} NOT_FOUND, EXISTS or POSSESSION
   */
  @Transaction()
  async recoverKey(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'vendor:recoverKey', context, text: input }, async (command) => {
      const { vendorId, publicKey, possession } = command;
      const vendor = await context.records.vendors.get(vendorId);
      const spki = spkiOf(publicKey);
      await context.records.keys.requireFree(spki);
      const message = possessionMessage({ ...context.ledgerName, vendorId, publicKey });
      requirePossession({ message, publicKey, possession });
      const content = { vendorId, publicKey };
      const recovered = await approve(context, { act: 'vendor:recoverKey', content });
      if (recovered) await changeKey(context, vendor, { publicKey, reason: 'recovered' });
      const name = recovered ? 'VendorKeyChanged' : 'VendorKeyRecoveryAsked';
      context.emit({ name, payload: { vendorId, spki } });
      return { vendorId, spki, recovered };
    });
  }

  /**
   * A vendor's record.
   * @throws {Reject} NOT_FOUND
   */
  @Transaction(false)
  async get(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'vendor:get', context, text: input }, ({ vendorId }) =>
      context.records.vendors.get(vendorId),
    );
  }

  /**
   * The caller's own record.
   * @throws {Reject} NOT_REGISTERED
   */
  @Transaction(false)
  async me(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'vendor:me', context, text: input }, () => requireVendor(context));
  }
}
