/** Receipts of stores, as part of a submission. */
import {
  bidKeyOf,
  type CommandInput,
  ORGANIZATIONS,
  storeReceiptMessage,
  type StoreRecord,
} from '@procurement/protocol';
import { keptOf, requireReceipts } from '../domain/store';
import { isSignedBy } from '../ledger/possession';
import type { ProcurementContext } from '../ledger/procurement-context';

/**
 * Refuses a submission that keeps something outside the ledger without the receipts of two stores.
 * @throws {Reject} RECEIPT
 */
export async function checkReceipts(
  context: ProcurementContext,
  command: CommandInput<'bid:submit'>,
  vendorId: string,
): Promise<void> {
  const kept = keptOf(command);
  const isInline = !Object.hasOwn(kept.envelope, 'ref');
  if (isInline && kept.documents.length === 0 && kept.receipts.length === 0) return;
  const { tenderId, lotId, version } = command;
  const about = { ...context.ledgerName, bidKey: bidKeyOf({ tenderId, lotId, vendorId }), version };
  requireReceipts(kept, await storesOf(context), (receipt, { publicKey }) => {
    const { ctHash, ctLen, signature } = receipt;
    const message = storeReceiptMessage({ ...about, ctHash, ctLen });
    return isSignedBy({ publicKey, message, signature });
  });
}

/**
 * The stores of all organisations. Key by key and not as a range, so that no bid fails because a
 * store is registered meanwhile.
 */
export async function storesOf({ records }: ProcurementContext): Promise<readonly StoreRecord[]> {
  const found: StoreRecord[] = [];
  for (const mspId of ORGANIZATIONS) {
    const store = await records.stores.find(mspId);
    if (store !== undefined) found.push(store);
  }
  return found;
}
