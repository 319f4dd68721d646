/** Acts that take the word of two organisations, such as ending somebody's key. */
import {
  APPROVAL_PERIOD_MS,
  type ApprovalRecord,
  instantToMs,
  Reject,
} from '@procurement/protocol';
import { hashOfRecord } from '../ledger/digest';
import type { ProcurementContext } from '../ledger/procurement-context';

/** An act and everything that it is about. */
export interface TwoWordAct {
  readonly act: ApprovalRecord['act'];
  readonly content: object;
}

/**
 * Records the word of the caller's organisation for an act. A word lapses after
 * {@link APPROVAL_PERIOD_MS}.
 * @returns whether another organisation has given its word before, so that the act is carried out
 * @throws {Reject} EXISTS where the caller's organisation has given its word already
 */
export async function approve(context: ProcurementContext, act: TwoWordAct): Promise<boolean> {
  const { records, caller, fact, times } = context;
  const contentHash = hashOfRecord(act.content);
  const place = [act.act.replace(':', '.'), contentHash] as const;
  const given = (await records.approvals.list(...place)).filter(
    ({ approved }) => times.atMs - instantToMs(approved.at) <= APPROVAL_PERIOD_MS,
  );
  await records.approvals.find(...place, caller.mspId);
  if (given.some(({ approved }) => approved.by.mspId === caller.mspId)) {
    throw new Reject('EXISTS', { kind: 'approval', id: caller.mspId });
  }
  const record = { schema: 'approval/1', act: act.act, contentHash, approved: fact } as const;
  await records.approvals.put(record, ...place, caller.mspId);
  return given.length > 0;
}
