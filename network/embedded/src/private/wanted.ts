import type { ParsedTransaction } from '../commit/parsed-transaction';
import type { TransactionPlace } from '../state/ledger-keys';
import type { WantedRecord } from './private-source';

/** The collections a transaction wrote to, whether or not the transaction is valid. */
export function wantedOf(
  { txId, action }: ParsedTransaction,
  place: TransactionPlace,
): WantedRecord[] {
  return (action?.rwset ?? []).flatMap(({ namespace, collections }) =>
    collections
      .filter(({ writes, metadataWrites }) => writes.length > 0 || metadataWrites.length > 0)
      .map((hashed) => ({ txId, place, namespace, collection: hashed.collection, hashed })),
  );
}
