/** Acts that take the word of two organisations, such as ending somebody's key. */
import type { ApprovalRecord } from '@procurement/protocol';
import { hashOfRecord } from '../ledger/digest';
import type { ProcurementContext } from '../ledger/procurement-context';

/** An act and everything that it is about. */
export interface TwoWordAct {
  readonly act: ApprovalRecord['act'];
  readonly content: object;
}

/**
 * Records the word of the caller's organisation for an act.
 * @returns whether another organisation has given its word before, so that the act is carried out
 * @throws {Reject} EXISTS where the caller's organisation has given its word already
 */
export async function approve(context: ProcurementContext, act: TwoWordAct): Promise<boolean> {
  const { records, caller, fact } = context;
  const contentHash = hashOfRecord(act.content);
  const place = [act.act.replace(':', '.'), contentHash] as const;
  await records.approvals.requireFree(...place, caller.mspId);
  const given = await records.approvals.list(...place);
  const record = { schema: 'approval/1', act: act.act, contentHash, approved: fact } as const;
  await records.approvals.put(record, ...place, caller.mspId);
  return given.length > 0;
}
