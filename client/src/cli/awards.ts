/** `procure award`: evaluation and award, which follow from the opened bids. */
import { ESTIMATE_VENDOR_ID, type QueryResult } from '@procurement/protocol';
import type { Call, Report } from './call';
import { bidderName } from './envelopes';
import { lotText } from './lot-text';
import { placeLines } from './place';
import { requestIdOf } from './request-id';
import { table } from './table';
import { type TaskGroup, TENDER_OPERAND } from './task';
import { TECHNICAL, technicalLines } from './technical';

const TENDER = [TENDER_OPERAND];

/** The commands on awards. */
export const AWARDS: TaskGroup = {
  name: 'award',
  about: 'Have the opened bids evaluated and the lots awarded; nobody types an amount.',
  tasks: [
    TECHNICAL,
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
    {
      name: 'show',
      about: 'Show ranking and award; of first envelopes which passed, and why others did not.',
      operands: TENDER,
      run: show,
    },
  ],
};

async function evaluate(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const api = await call.api();
  await call.confirm('the evaluation of the opened bids', { tender: tenderId });
  const requestId = await requestIdOf('evaluate', { tenderId });
  const outcome = await api.evaluate(tenderId, { requestId });
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
  const drawn = publicLots.length === 0 ? {} : { publicLots };
  const requestId = await requestIdOf('award', { tenderId, ...drawn });
  const outcome = await api.decide(tenderId, { requestId, ...drawn });
  const awarded = outcome.result.lots.map(lotText);
  return { value: outcome, lines: [`Awarded ${tenderId}.`, ...awarded, ...placeLines(outcome)] };
}

async function show(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const award = await (await call.api()).award(tenderId);
  return { value: award, lines: technicalLines(award) ?? [rankingTable(award)] };
}

type Award = QueryResult<'award:get'>;

/** Ranks, lot by lot, each lot with the official estimate after them, which has none. */
function rankingTable({ lots }: Award): string {
  const rows = lots.flatMap((lot) => [
    ...lot.ranks.map(({ rank, vendorId, evaluatedAmount }) => {
      const isWinner = lot.award?.outcome === 'awarded' && lot.award.vendorId === vendorId;
      return [lot.lotId, String(rank), vendorId, evaluatedAmount, isWinner ? 'awarded' : ''];
    }),
    ...lot.bids
      .filter(({ vendorId }) => vendorId === ESTIMATE_VENDOR_ID)
      .map(({ vendorId, evaluatedAmount = '' }) => {
        return [lot.lotId, '', bidderName(vendorId), evaluatedAmount, ''];
      }),
  ]);
  return table(['LOT', 'RANK', 'BIDDER', 'MINOR UNITS', 'AWARD'], rows);
}
