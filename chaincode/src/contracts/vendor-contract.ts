/** The register of vendors. */
import { Transaction } from 'fabric-contract-api';
import { Reject, type VendorRecord } from '@procurement/protocol';
import { registerVendor } from '../domain/vendor';
import { hashOf } from '../ledger/digest';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
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
      const { vendors, vendorOwners, vendorLicences } = context.records;
      const { vendorId, licence } = command;
      const { mspId, spki } = context.caller;
      await vendors.requireFree(vendorId);
      await vendorOwners.requireFree(mspId, spki);
      await vendorLicences.requireFree(hashOf(licence));
      await vendors.put(registerVendor(command, context.fact), vendorId);
      await vendorOwners.put({ schema: 'vendor-reference/1', vendorId }, mspId, spki);
      await vendorLicences.put({ schema: 'vendor-reference/1', vendorId }, hashOf(licence));
      context.emit({ name: 'VendorRegistered', payload: { vendorId } });
      return { vendorId };
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
