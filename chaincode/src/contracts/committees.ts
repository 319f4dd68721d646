/** The committee of a published tender, ready for the checks of the sealing protocol. */
import type { TenderRecord } from '@procurement/protocol';
import { type Committee, recallCommittee } from '@procurement/sealed';
import { publicationOf } from '../domain/tender';
import type { ProcurementContext } from '../ledger/procurement-context';

/** The committee as it was frozen; its keys were checked then. */
export function committeeOf(context: ProcurementContext, tender: TenderRecord): Committee {
  const { t, seats } = tender.committee;
  const keys = publicationOf(tender).committeeKeys;
  return recallCommittee({ ...context.tenderName(tender.tenderId), n: seats.length, t, keys });
}
