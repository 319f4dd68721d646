/** `procure award`: evaluation and award, which follow from the opened bids. */
import type { Call, Report } from './call';
import { lotText } from './lot-text';
import { placeLines } from './place';
import { table } from './table';
import { type TaskGroup, TENDER_OPERAND } from './task';

const TENDER = [TENDER_OPERAND];

/** The commands on awards. */
export const AWARDS: TaskGroup = {
  name: 'award',
  about: 'Have the opened bids evaluated and the lots awarded; nobody types an amount.',
  tasks: [
    {
      name: 'evaluate',
      about: 'Have the ledger examine and rank the opened bids.',
      operands: TENDER,
      run: evaluate,
    },
    {
      name: 'decide',
      about: 'Award each lot to its lowest evaluated bid.',
      operands: TENDER,
      options: [['--public-lot <bidKey...>', 'bids drawn by a public lot where no ticket decides']],
      run: decide,
    },
    { name: 'show', about: 'Show ranking and award.', operands: TENDER, run: show },
  ],
};

async function evaluate(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const api = await call.api();
  await call.confirm('the evaluation of the opened bids', { tender: tenderId });
  const outcome = await api.evaluate(tenderId, { requestId: `evaluate-${tenderId}`.slice(0, 64) });
  return { value: outcome, lines: [`Evaluated ${tenderId}.`, ...placeLines(outcome)] };
}

async function decide(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const publicLots = call.options('publicLot');
  const api = await call.api();
  const { lots } = await api.award(tenderId);
  const firsts = lots.map(({ lotId, ranks: [first] }) => {
    const told = first === undefined ? 'nobody' : `${first.vendorId} for ${first.evaluatedAmount}`;
    return [`lot ${lotId}`, told] as const;
  });
  await call.confirm('the award', { tender: tenderId, ...Object.fromEntries(firsts) });
  const requestId = `award-${tenderId}`;
  const drawn = publicLots.length === 0 ? {} : { publicLots };
  const outcome = await api.decide(tenderId, { requestId, ...drawn });
  const awarded = outcome.result.lots.map(lotText);
  return { value: outcome, lines: [`Awarded ${tenderId}.`, ...awarded, ...placeLines(outcome)] };
}

async function show(call: Call): Promise<Report> {
  const award = await (await call.api()).award(call.operand(0));
  const rows = award.lots.flatMap((lot) =>
    lot.ranks.map(({ rank, vendorId, evaluatedAmount }) => {
      const isWinner = lot.award?.outcome === 'awarded' && lot.award.vendorId === vendorId;
      return [lot.lotId, String(rank), vendorId, evaluatedAmount, isWinner ? 'awarded' : ''];
    }),
  );
  return { value: award, lines: [table(['LOT', 'RANK', 'VENDOR', 'MINOR UNITS', 'AWARD'], rows)] };
}
