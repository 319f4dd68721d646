/** What a person is told of procurements whose bids have two envelopes, and of the estimate. */
import {
  envelopeOf,
  ESTIMATE_VENDOR_ID,
  otherEnvelopeOf,
  type TenderView,
} from '@procurement/protocol';
import type { ProcurementApi } from '../api';
import { JUDGE_FIRST } from './advice';
import { UsageError } from './usage-error';

/** For the help of what is about a tender. */
export const TWO_ENVELOPES_HELP =
  'Where each bid has two envelopes, each is a tender of its own: <id>.technical, without ' +
  'amounts, and <id>.financial.';

/** A bidder's name as people read it. */
export function bidderName(vendorId: string): string {
  return vendorId === ESTIMATE_VENDOR_ID ? 'official estimate' : vendorId;
}

/** Which envelope a tender is for, as one of its facts; nothing where bids have one. */
export function envelopeFacts(tenderId: string): Readonly<Record<string, string>> {
  const other = otherEnvelopeOf(tenderId);
  if (other === undefined) return {};
  const which = envelopeOf(tenderId) === 'technical' ? 'first, without amounts' : 'second';
  return { envelope: `the ${which}; the other one is ${other}` };
}

/** Whether a closed tender has no list yet: its second envelopes wait until the first are judged. */
export function isWaiting({ closed, listFixed }: TenderView): boolean {
  return closed !== undefined && listFixed === undefined;
}

/**
 * Second envelopes can be opened once the first are judged.
 * @throws {UsageError} where they are not
 */
export async function requireJudged(api: ProcurementApi, tenderId: string): Promise<void> {
  if (envelopeOf(tenderId) !== 'financial') return;
  if (isWaiting(await api.tender(tenderId))) throw new UsageError(JUDGE_FIRST);
}
