/** `procure award technical`: which first envelopes pass, said by two organisations. */
import {
  type BidView,
  type CommandInput,
  type CommandResult,
  envelopeOf,
  otherEnvelopeOf,
  parseBidKey,
  type QueryResult,
  type TechnicalResult,
} from '@procurement/protocol';
import { sortList } from '@procurement/sealed';
import type { Call, Report, SignedFacts } from './call';
import { bidderName } from './envelopes';
import { placeLines } from './place';
import { wordIdOf } from './request-id';
import { table } from './table';
import { type Task, TENDER_OPERAND } from './task';
import { UsageError } from './usage-error';

type Failed = CommandInput<'award:recordTechnical'>['failed'];

const NO_FIRST =
  'first envelopes alone are judged: name the tender whose id ends in .technical, as in T-1.technical';

/** `procure award technical <tenderId>` */
export const TECHNICAL: Task = {
  name: 'technical',
  about:
    'Say which opened first envelopes fail, and why; all others pass. An officer of the buyer ' +
    'and an auditor both run it; once both say the same, the second envelopes of those who ' +
    'passed can be opened.',
  operands: [TENDER_OPERAND],
  options: [
    [
      '--failed <bidKey=reason...>',
      'a bid that fails, such as "bid/T-1.technical/L1/dorji=No crane is named"',
    ],
  ],
  run: technical,
};

async function technical(call: Call): Promise<Report> {
  const tenderId = call.operand(0);
  if (envelopeOf(tenderId) !== 'technical') throw new UsageError(NO_FIRST);
  const failed = sortList(call.options('failed').map(readFailed));
  const api = await call.api();
  const [{ bids }, { role }] = await Promise.all([api.bids(tenderId), api.me()]);
  for (const one of failed) requireOpened(bids, one.bidKey);
  await call.confirm('which first envelopes pass, unless the ledger finds a defect in one', {
    ...{ tender: tenderId, ...judgementFacts(bids, failed) },
  });
  const requestId = await wordIdOf('technical', { tenderId, failed });
  const outcome = await api.recordTechnical(tenderId, { requestId, failed });
  const told = outcome.result.recorded
    ? recordedLines(outcome.result)
    : awaitedLines({ tenderId, failed, role });
  return { value: outcome, lines: [...told, ...placeLines(outcome)] };
}

/** @throws {UsageError} where it is no bid with a reason */
function readFailed(text: string): Failed[number] {
  const [bidKey = '', ...rest] = text.split('=');
  const reason = rest.join('=').trim();
  if (parseBidKey(bidKey) === undefined || reason === '') {
    throw new UsageError(`--failed takes a bid and a reason, as bid/<tender>/<lot>/<vendor>=Why`);
  }
  return { bidKey, reason };
}

/** @throws {UsageError} where nobody could judge the bid */
function requireOpened(bids: readonly BidView[], bidKey: string): void {
  const bid = bids.find((one) => one.bidKey === bidKey);
  if (bid === undefined) throw new UsageError(`there is no opened bid ${bidKey}`);
  if (bid.state === 'OPENED') return;
  throw new UsageError(`${bidKey} did not open and does not pass anyway: leave it out`);
}

/** Every bid with what is said of it, as its signer must see it. */
function judgementFacts(bids: readonly BidView[], failed: Failed): SignedFacts {
  return Object.fromEntries(
    bids.map(({ bidKey, lotId, vendorId, state }) => {
      const reason = failed.find((one) => one.bidKey === bidKey)?.reason;
      const passes = state === 'OPENED' ? 'passes' : 'did not open, and does not pass';
      const name = `lot ${lotId}, ${bidderName(vendorId)}`;
      return [name, reason === undefined ? passes : `fails: ${reason}`];
    }),
  );
}

function recordedLines({
  tenderId,
  listHash = '',
}: CommandResult<'award:recordTechnical'>): string[] {
  const second = otherEnvelopeOf(tenderId) ?? tenderId;
  return [
    `The technical evaluation of ${tenderId} is recorded, and the list of second envelopes is fixed.`,
    `list hash ${listHash}`,
    `Who passed: procure award show ${tenderId}`,
    `The seats can open the second envelopes now: procure committee open ${second}`,
  ];
}

function awaitedLines(said: {
  readonly tenderId: string;
  readonly failed: Failed;
  readonly role: QueryResult<'audit:whoami'>['role'];
}): string[] {
  const { tenderId, failed, role } = said;
  const awaited = role === 'auditor' ? 'an officer of the buyer' : 'an auditor';
  const named = failed.map(({ bidKey, reason }) => ` --failed "${bidKey}=${reason}"`).join('');
  return [
    `Recorded. It counts once ${awaited} has said the same, with the same reasons to the letter:`,
    `procure award technical ${tenderId}${named}`,
  ];
}

/** What is known of first envelopes; undefined where bids have one envelope, or it is the second. */
export function technicalLines({
  tenderId,
  technical: recorded,
}: QueryResult<'award:get'>): string[] | undefined {
  if (envelopeOf(tenderId) !== 'technical') return undefined;
  if (recorded === undefined) return ['The first envelopes are not judged yet.'];
  const rows = recorded.results.map((result) => [
    ...[result.lotId, bidderName(result.vendorId), result.state],
    ...[result.passed ? 'passed' : 'failed', reasonsOf(result)],
  ]);
  return [table(['LOT', 'BIDDER', 'STATE', 'RESULT', 'WHY'], rows)];
}

function reasonsOf({ defects, reason }: TechnicalResult): string {
  const found = defects.map(({ code, ctHash }) => [code, ctHash].filter(Boolean).join(' '));
  return [...(reason === undefined ? [] : [reason]), ...found].join('; ');
}
