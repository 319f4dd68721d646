/** Under which name a caller bids. */
import { ESTIMATE_VENDOR_ID, type TenderRecord } from '@procurement/protocol';
import type { ProcurementContext } from '../ledger/procurement-context';
import { requireVendor } from './vendor-contract';

/**
 * The name under which the caller bids, never from the request: a vendor's from the register, and
 * for an officer that of the official estimate (TSEAL-V1 section 1: the tender's owner only).
 * @throws {Reject} NOT_REGISTERED
 */
export async function requireBidder(context: ProcurementContext): Promise<string> {
  if (context.caller.role === 'officer') return ESTIMATE_VENDOR_ID;
  return (await requireVendor(context)).vendorId;
}

/** The name under which the caller bids for a tender; undefined where there is none. */
export async function bidderIdOf(
  { records, caller }: ProcurementContext,
  { buyer }: TenderRecord,
): Promise<string | undefined> {
  const { mspId, spki, role, agency } = caller;
  if (role === 'officer') return agency === buyer.agency ? ESTIMATE_VENDOR_ID : undefined;
  return (await records.vendorOwners.find(mspId, spki))?.vendorId;
}
