import type { ListedBid } from '@procurement/protocol';
import type { ProcurementApi } from './api';
import { check } from './check';

/**
 * All chunks of a fixed list, unchecked but for their number; undefined where the ledger does not
 * show it to this caller, or not yet.
 * @throws {CheckFailed} where a part of it is missing
 * @throws {ApiProblem | ApiUnreachable}
 */
export async function readListedBids(
  api: ProcurementApi,
  tenderId: string,
): Promise<readonly ListedBid[] | undefined> {
  const bids: ListedBid[] = [];
  let count = 0;
  for (let chunk = 0, chunks = 1; chunk < chunks; chunk += 1) {
    const { list } = await api.opening(tenderId, chunk);
    if (list === undefined) return undefined;
    ({ chunks, count } = list);
    bids.push(...list.bids);
  }
  check(bids.length === count, 'the list is not complete');
  return bids;
}
