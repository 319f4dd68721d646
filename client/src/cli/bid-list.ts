import type { QueryResult } from '@procurement/protocol';
import type { Call, Report } from './call';
import { table } from './table';
import { type Task, TENDER_OPERAND } from './task';

/** `procure bid list` */
export const BID_LIST: Task = {
  name: 'list',
  about: 'List the bids: your own, and all of them once they are opened.',
  operands: [TENDER_OPERAND],
  run: async (call: Call): Promise<Report> => {
    const answer = await (await call.api()).bids(call.operand(0));
    const rows = answer.bids.map((bid) => {
      return [bid.lotId, bid.vendorId, String(bid.version), stateOf(bid), bid.envelopeHash];
    });
    const shown = table(['LOT', 'VENDOR', 'VERSION', 'STATE', 'ENVELOPE'], rows);
    const partial = ['', 'Until the opening you see your own bids only.'];
    return { value: answer, lines: [shown, ...(answer.complete ? [] : partial)] };
  },
};

function stateOf({ withdrawn, state }: QueryResult<'bid:list'>['bids'][number]): string {
  return withdrawn === undefined ? (state ?? 'sealed') : 'withdrawn';
}
