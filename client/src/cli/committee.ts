/** `procure committee`: what a member of the opening committee does. */
import { combineAll } from '../combining';
import { readFixedList } from '../listed-bids';
import { makeOpening, makeOpeningKey, rehearseOpening } from '../officer';
import { SignedApi } from '../signed-api';
import type { Call, Report } from './call';
import { JUDGE_FIRST } from './advice';
import { isWaiting, requireJudged } from './envelopes';
import {
  destroyOpeningKey,
  hasOpeningKey,
  keepOpeningKey,
  recallOpeningKey,
} from './folder/opening-keys';
import { placeLines } from './place';
import { requestIdOf } from './request-id';
import { openStores } from './stores';
import { table } from './table';
import { type TaskGroup, TENDER_OPERAND } from './task';
import { UsageError } from './usage-error';

const TENDER = [TENDER_OPERAND];
/** States after which no opening key is of any use. */
const OPENED = ['opened', 'evaluating', 'awarded', 'cancelled'];

const ONE_GATEWAY =
  "shares go to two organisations' gateways at once: name the other one by --witness-url";

const WAITING =
  'Bids may wait for more shares, or lie in stores: those a member of the committee has opened ' +
  'by this same command.';

/** The commands of the opening committee. */
export const COMMITTEE: TaskGroup = {
  name: 'committee',
  about: 'Open the bids of a tender together with the other seats.',
  tasks: [
    {
      name: 'join',
      about: 'Make an opening key for your seat, keep it encrypted, and register it.',
      operands: TENDER,
      run: join,
    },
    {
      name: 'rehearse',
      about: 'Show that your opening key is still at hand; the key itself stays here.',
      operands: TENDER,
      run: rehearse,
    },
    {
      name: 'open',
      about: 'Check the closed list and every bid in it, then post your opening shares.',
      operands: TENDER,
      run: open,
    },
    {
      name: 'combine',
      about: 'Have the ledger open the bids from the shares posted.',
      operands: TENDER,
      run: combine,
    },
    {
      name: 'strike',
      about: 'Take a bid off the list whose deal is false; the ledger looks for itself.',
      operands: [...TENDER, ['<bidKey>', 'the bid, as bid/<tender>/<lot>/<vendor>']],
      run: strike,
    },
    {
      name: 'record-missing',
      about: 'After the end of the opening, record which bids nobody could open.',
      operands: TENDER,
      run: recordMissing,
    },
    {
      name: 'status',
      about: 'Show which seats have joined, rehearsed and posted their shares.',
      operands: TENDER,
      run: status,
    },
    {
      name: 'destroy',
      about: 'Destroy your opening key once the bids are opened.',
      operands: TENDER,
      run: destroy,
    },
  ],
};

/** A key that could not be registered is there still when the command is given again. */
async function join(call: Call): Promise<Report> {
  const [tenderId, folder] = [call.operand(0), call.folder()];
  const api = await call.api();
  const lock = await call.lock();
  if (hasOpeningKey(folder, tenderId)) {
    const { seat, mspId, y } = await recallOpeningKey(folder, tenderId, lock);
    const { committee } = await api.record(tenderId);
    const isThere = committee.some(({ key }) => key.seat === seat && key.y === y);
    if (isThere) return { value: { tenderId, seat, mspId }, lines: [`Seat ${seat} has its key.`] };
    destroyOpeningKey(folder, tenderId);
  }
  const { registration, openingKey } = await makeOpeningKey({ api, tenderId });
  const { seat, mspId, y } = openingKey;
  const { title } = await api.tender(tenderId);
  await call.confirm('the opening key of your seat', {
    ...{ tender: `${tenderId}: ${title}`, seat: `${seat} of ${mspId}`, 'opening key': y },
  });
  await keepOpeningKey(folder, openingKey, lock);
  const outcome = await api.registerKey(tenderId, registration);
  return {
    value: { ...outcome, seat, mspId },
    lines: [`Registered an opening key for seat ${seat} of ${mspId}.`, ...placeLines(outcome)],
  };
}

async function rehearse(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const api = await call.api();
  const openingKey = await recallOpeningKey(call.folder(), tenderId, await call.lock());
  const { state, title } = await api.tender(tenderId);
  const moment = state === 'draft' ? 'publication' : 'opening';
  const posting = await rehearseOpening({ api, openingKey, moment });
  const { seat } = openingKey;
  await call.confirm('that your opening key is at hand', {
    ...{ tender: `${tenderId}: ${title}`, seat: String(seat), before: `the ${moment}` },
  });
  const outcome = await api.rehearse(posting);
  return {
    value: { ...outcome, moment },
    lines: [`Seat ${seat} of ${tenderId} has its key at hand.`, ...placeLines(outcome)],
  };
}

/** Shares go to two organisations' gateways at once: one alone would see enough of them first. */
async function open(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const api = await call.api();
  if (api instanceof SignedApi && !api.hasOthers) throw new UsageError(ONE_GATEWAY);
  const openingKey = await recallOpeningKey(call.folder(), tenderId, await call.lock());
  await requireJudged(api, tenderId);
  call.progress(`Checking every bid of ${tenderId} …`);
  const witness = await call.witness();
  const { postings, bidCount } = await makeOpening({ api, witness, openingKey });
  const { seat } = openingKey;
  await call.confirm('your opening shares', {
    ...{ tender: tenderId, seat: String(seat), 'bids verified': String(bidCount) },
    'list hash': postings[0]?.shares.listHash ?? '',
  });
  const outcomes = [];
  for (const [index, posting] of postings.entries()) {
    call.progress(`Posting shares: ${index} of ${postings.length}`);
    outcomes.push(await api.postShares(tenderId, posting));
  }
  return {
    value: { tenderId, seat, bidCount, outcomes },
    lines: [
      `Verified ${bidCount} bids of ${tenderId} and posted the shares of seat ${seat}.`,
      ...outcomes.flatMap(placeLines),
      `Once the bids are opened: procure committee destroy ${tenderId}`,
    ],
  };
}

/** A member of the committee also fetches the bids that lie in stores. */
async function combine(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const api = await call.api();
  await requireJudged(api, tenderId);
  const list = await readFixedList(api, tenderId);
  await call.confirm('the opening of the bids', { tender: tenderId, 'list hash': list.listHash });
  const { bids, missing, remaining } = await combineAll({
    ...{ api, tenderId, list },
    openStores: (names) => openStores(call, names),
    progress: (opened, left) => {
      call.progress(`Opened ${opened} bids, ${left} to go`);
    },
  });
  return {
    value: { tenderId, bids, missing, remaining },
    lines: [
      remaining === 0 ? `Opened ${tenderId}.` : `${remaining} bids of ${tenderId} are not opened.`,
      ...bids.map(({ bidKey, state }) => `${state}  ${bidKey}`),
      ...missing.map((bidKey) => `MISSING  ${bidKey}: none of its stores gave it`),
      ...(remaining > missing.length ? [WAITING] : []),
    ],
  };
}

async function strike(call: Call): Promise<Report> {
  const [tenderId, bidKey] = [call.operand(0), call.operand(1)];
  await call.confirm('that a listed bid is false', { tender: tenderId, bid: bidKey });
  const requestId = await requestIdOf('strike', { tenderId, bidKey });
  const outcome = await (await call.api()).strike(tenderId, { requestId, bidKey });
  return { value: outcome, lines: [`Struck ${bidKey}.`, ...placeLines(outcome)] };
}

async function recordMissing(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  await call.confirm('which bids nobody could open', { tender: tenderId });
  const api = await call.api();
  const requestId = `record-missing-${Date.now()}`;
  const outcome = await api.recordMissing(tenderId, { requestId });
  const states = outcome.result.bids.map(({ bidKey, state }) => `${state}  ${bidKey}`);
  const heading = `Recorded of ${states.length} bids of ${tenderId} that nobody could open them.`;
  return { value: outcome, lines: [heading, ...states, ...placeLines(outcome)] };
}

async function destroy(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const { state } = await (await call.api()).tender(tenderId);
  if (!OPENED.includes(state)) {
    throw new UsageError(`${tenderId} is ${state}: the key is needed until its bids are opened`);
  }
  destroyOpeningKey(call.folder(), tenderId);
  return {
    value: { tenderId, destroyed: true },
    lines: [`Destroyed the opening key for ${tenderId}. Destroy every copy of it as well.`],
  };
}

async function status(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  const api = await call.api();
  const { committee, tender } = await api.record(tenderId);
  // Before the list is fixed there is no opening yet.
  const opening =
    tender.listFixed !== undefined ? (await api.opening(tenderId, 0)).status : undefined;
  const joined = new Set(committee.map(({ key }) => key.seat));
  const rows = tender.committee.seats.map(({ seat, mspId }) => {
    const found = opening?.seats.find((one) => one.seat === seat);
    return [
      String(seat),
      mspId,
      told(joined.has(seat)),
      told(found?.rehearsed),
      told(found?.posted),
    ];
  });
  const { t } = tender.committee;
  const counts = opening?.counts;
  return {
    value: { tenderId, state: tender.state, t, joined: [...joined], opening },
    lines: [
      table(['SEAT', 'ORGANISATION', 'JOINED', 'REHEARSED', 'POSTED'], rows),
      '',
      `${tenderId} is ${tender.state}; ${t} of ${rows.length} seats open it.`,
      ...(isWaiting(tender) ? [JUDGE_FIRST] : []),
      ...(counts === undefined
        ? []
        : [`${counts.listed} bids listed, ${counts.opened} opened, ${counts.invalid} invalid.`]),
    ],
  };
}

/** Undefined is what the ledger does not say yet. */
function told(isSo: boolean | undefined): string {
  if (isSo === undefined) return '-';
  return isSo ? 'yes' : 'no';
}
