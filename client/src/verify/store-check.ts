/** What a bid keeps outside the ledger, and whether two stores have signed for each piece of it. */
import {
  type CommandInput,
  ORGANIZATIONS,
  type Stored,
  type StoreReceipt,
  storeReceiptMessage,
  type StoreRecord,
  storeRecordSchema,
  STORES_OF_EACH,
} from '@procurement/protocol';
import type { Envelope } from '@procurement/sealed';
import { check } from '../check';
import { storedOf } from '../document-store';
import { isSignedWith } from '../signing/signer';
import type { Chain, ChainTrust } from './chain';
import { recordOf } from './written';

/** A submission, and the bid that it belongs to. */
interface Kept {
  readonly input: CommandInput<'bid:submit'>;
  readonly bidKey: string;
}

/**
 * Each ciphertext that is not on the ledger has the receipts of two stores of different
 * organisations, as they stood in the register then, for this version of this bid; nothing else
 * has.
 * @throws {CheckFailed}
 */
export async function checkStored(chain: Chain, trust: ChainTrust, kept: Kept): Promise<void> {
  const { bidKey, input } = kept;
  const { receipts = [] } = input;
  const { ref, ctHash } = input.envelope as Envelope;
  const due = storedOf(input);
  const isExact = receipts.length === due.length * STORES_OF_EACH;
  check(isExact, `${bidKey} has too few receipts of stores, or too many`, 'RECEIPT');
  const stores = storesOf(chain);
  for (const stored of due) {
    const named = new Set(receipts.filter((one) => isOf(one, stored)).map(({ store }) => store));
    const isKept = named.size === STORES_OF_EACH;
    check(isKept, `${bidKey} has not the receipts of two stores for ${stored.ctHash}`, 'RECEIPT');
    const isNamed =
      stored.ctHash !== ctHash || ref === undefined || ref.every((id) => named.has(id));
    check(
      isNamed,
      `the envelope of ${bidKey} names other stores than those that signed`,
      'RECEIPT',
    );
  }
  for (const receipt of receipts) {
    const store = stores.find(({ storeId }) => storeId === receipt.store);
    const holds = store !== undefined && (await isReceiptOf(store, { receipt, trust, ...kept }));
    check(
      holds,
      `the receipt of the store ${receipt.store} for ${bidKey} does not hold`,
      'RECEIPT',
    );
  }
}

function isOf(receipt: StoreReceipt, stored: Stored): boolean {
  return receipt.ctHash === stored.ctHash && receipt.ctLen === stored.ctLen;
}

/** The register of stores. One for each organisation, so different stores are different ones. */
export function storesOf(chain: Chain): StoreRecord[] {
  return ORGANIZATIONS.flatMap((mspId) => {
    const value = chain.value('store', mspId);
    return value === undefined ? [] : storeRecordSchema.parse(recordOf(value));
  });
}

function isReceiptOf(
  { publicKey }: StoreRecord,
  about: Kept & { readonly receipt: StoreReceipt; readonly trust: ChainTrust },
): Promise<boolean> {
  const { bidKey, input, receipt, trust } = about;
  const { channel, chaincode } = trust;
  const { ctHash, ctLen, signature } = receipt;
  const { version } = input;
  const message = storeReceiptMessage({ channel, chaincode, bidKey, version, ctHash, ctLen });
  return isSignedWith({ publicKey, message, signature });
}
