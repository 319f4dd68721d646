import type { Trail } from '../api';
import type { Call, Report } from './call';
import { table } from './table';
import { type Task, TENDER_OPERAND } from './task';

/** `procure trail <tenderId>` */
export const TRAIL: Task = {
  name: 'trail',
  about: 'Show who did what to a tender, transaction by transaction.',
  operands: [TENDER_OPERAND],
  run: async (call: Call): Promise<Report> => {
    const trail = await (await call.api()).trail(call.operand(0));
    return { value: trail, lines: linesOf(trail) };
  },
};

function linesOf({ entries, complete }: Trail): string[] {
  const headings = ['AT', 'SIGNER', 'ORGANISATION', 'COMMAND', 'BLOCK', 'RESULT', 'TRANSACTION'];
  const rows = entries.map((entry) => [
    entry.at,
    entry.signer.subject,
    entry.signer.mspId,
    entry.command,
    entry.blockNumber ?? '',
    entry.validationCode,
    entry.transactionId,
  ]);
  const shown = table(headings, rows);
  return complete
    ? [shown]
    : [shown, '', 'Not complete: until the opening, bids of others are left out.'];
}
