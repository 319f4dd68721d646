import type { ListedBid } from '@procurement/protocol';
import type { Opening, ProcurementApi } from './api';
import { check } from './check';

/** The list that a close fixed, as far as the ledger shows it to this caller. */
export interface FixedList {
  /** Hash of the list, base64url; '' before the close. */
  readonly listHash: string;
  /** Undefined where the ledger does not show them to this caller, or not yet. */
  readonly bids: readonly ListedBid[] | undefined;
}

/**
 * A fixed list, chunk by chunk, unchecked but for the number of its bids.
 * @throws {CheckFailed} where a part of it is missing
 * @throws {ApiProblem | ApiUnreachable}
 */
export async function readFixedList(api: ProcurementApi, tenderId: string): Promise<FixedList> {
  const bids: ListedBid[] = [];
  const first = await api.opening(tenderId, 0);
  const listHash = first.list?.listHash ?? first.status.listHash ?? '';
  if (first.list === undefined) return { listHash, bids: undefined };
  const { chunks, count } = first.list;
  for (let chunk = 0, part: Opening = first; chunk < chunks; chunk += 1) {
    if (chunk > 0) part = await api.opening(tenderId, chunk);
    bids.push(...(part.list?.bids ?? []));
  }
  check(bids.length === count, 'the list is not complete');
  return { listHash, bids };
}
