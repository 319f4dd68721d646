import type { QueryResult } from '@procurement/protocol';
import type { Call, Report } from './call';
import { bidderName } from './envelopes';
import { table } from './table';
import { type Task, TENDER_OPERAND } from './task';

const EXCLUDED = 'An excluded bid stays sealed for good: its first envelope did not pass.';

/** `procure bid list` */
export const BID_LIST: Task = {
  name: 'list',
  about: 'List the bids: your own, and all of them once they are opened.',
  operands: [TENDER_OPERAND],
  run: async (call: Call): Promise<Report> => {
    const answer = await (await call.api()).bids(call.operand(0));
    const rows = answer.bids.map((bid) => {
      return [
        bid.lotId,
        bidderName(bid.vendorId),
        String(bid.version),
        stateOf(bid),
        bid.envelopeHash,
      ];
    });
    const shown = table(['LOT', 'VENDOR', 'VERSION', 'STATE', 'ENVELOPE'], rows);
    const partial = ['', 'Until the opening you see your own bids only.'];
    const isAnyExcluded = answer.bids.some(({ excluded }) => excluded === true);
    const lines = [
      ...[shown, ...(answer.complete ? [] : partial)],
      ...(isAnyExcluded ? ['', EXCLUDED] : []),
    ];
    return { value: answer, lines };
  },
};

/** What became of a bid, in a word. */
export function stateOf({
  withdrawn,
  excluded,
  state,
}: QueryResult<'bid:list'>['bids'][number]): string {
  if (withdrawn !== undefined) return 'withdrawn';
  return excluded === undefined ? (state ?? 'sealed') : 'excluded';
}
