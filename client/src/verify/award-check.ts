/** Evaluation and award as the blocks bring them, held against what follows from the opened bids. */
import {
  awardRecordSchema,
  bidEvaluationRecordSchema,
  currentNoticeHash,
  formatAmount,
  type LotAward,
  type Rank,
  rankingRecordSchema,
  type TenderRecord,
} from '@procurement/protocol';
import { ticket } from '@procurement/sealed';
import { check } from '../check';
import type { ChainTrust } from './chain';
import { type OpenedBid, placesOf, rank, type Worth, worthOf } from './expected-award';
import type { OpeningCheck } from './opening-check';
import type { Step } from './step';
import { isSameText, recordIn, recordsOf } from './written';

/** A tender whose opening has ended. */
export interface OpenedTender {
  readonly tender: TenderRecord;
  readonly opening: OpeningCheck;
  readonly trust: ChainTrust;
}

/** Every listed bid was evaluated to its worth, and every lot ranked by it. @throws {CheckFailed} */
export function checkEvaluation({ placed }: Step<'award:evaluate'>, opened: OpenedTender): void {
  const worths = worthsOf(opened);
  const told = new Map(
    recordsOf(placed, 'bid-evaluation').map((value) => {
      const record = bidEvaluationRecordSchema.parse(value);
      return [record.bidKey, record];
    }),
  );
  check(told.size === worths.length, 'not every listed bid was evaluated', 'EVALUATION');
  for (const { bidKey, responsive, amountMinor, ticket: drawn } of worths) {
    const record = told.get(bidKey);
    const isSame =
      record?.responsive === responsive &&
      record.evaluatedAmount === amountMinor?.toString() &&
      record.ticket === drawn;
    check(isSame, `${bidKey} was evaluated to something else`, 'EVALUATION');
  }
  checkRankings(placed, opened.tender, worths);
}

function checkRankings(
  placed: Step['placed'],
  { lots }: TenderRecord,
  worths: readonly Worth[],
): void {
  const rankings = new Map(
    recordsOf(placed, 'ranking').map((value) => {
      const { lotId, ranks } = rankingRecordSchema.parse(value);
      return [lotId, ranks];
    }),
  );
  check(rankings.size === lots.length, 'not every lot was ranked', 'RANKING');
  for (const { lotId } of lots) {
    const isSame = isSameText(rankings.get(lotId) ?? [], ranksOf(worths, lotId));
    check(isSame, `the bids for lot ${lotId} were ranked in another order`, 'RANKING');
  }
}

/** Every lot went to its first bid, or to nobody. @throws {CheckFailed} */
export function checkAward({ input, placed }: Step<'award:decide'>, opened: OpenedTender): void {
  const worths = worthsOf(opened);
  const { lots, currency } = opened.tender;
  const award = awardRecordSchema.parse(recordIn(placed, 'award'));
  const due = lots.map(({ lotId }) => {
    return awardOf({
      lotId,
      currency,
      ranks: ranksOf(worths, lotId),
      drawn: input.publicLots ?? [],
    });
  });
  check(award.lots.length === due.length, 'not every lot was awarded', 'AWARD');
  due.forEach((lot, index) => {
    const isSame = isSameText(award.lots[index] ?? {}, lot);
    check(isSame, `lot ${lot.lotId} was awarded to somebody else`, 'AWARD');
  });
}

/** @throws {CheckFailed} where bids share the first place and the public lot drew none, or several */
function awardOf(lot: {
  readonly lotId: string;
  readonly currency: string;
  readonly ranks: readonly Rank[];
  readonly drawn: readonly string[];
}): LotAward {
  const { lotId, currency, ranks } = lot;
  const firsts = ranks.filter(({ rank: place }) => place === 1);
  const isShared = firsts.length > 1;
  const winners = isShared ? firsts.filter(({ bidKey }) => lot.drawn.includes(bidKey)) : firsts;
  const isOne = !isShared || winners.length === 1;
  check(isOne, `no public lot names one of the equal bids for lot ${lotId}`, 'TIE');
  const [winner] = winners;
  if (winner === undefined) return { outcome: 'unsuccessful', lotId };
  const { bidKey, vendorId, evaluatedAmount: amount } = winner;
  const how = isShared ? { publicLot: true as const } : {};
  return { outcome: 'awarded', lotId, bidKey, vendorId, amount, currency, ...how };
}

function ranksOf(worths: readonly Worth[], lotId: string): Rank[] {
  return placesOf(rank(worths.filter((worth) => worth.lotId === lotId))).map(
    ({ place, worth: { bidKey, vendorId, amountMinor, ticket: drawn } }) => ({
      ...{ rank: place, bidKey, vendorId, evaluatedAmount: formatAmount(amountMinor ?? 0n) },
      ...(drawn === undefined ? {} : { ticket: drawn }),
    }),
  );
}

/** Every listed bid's worth, worked out from what was opened here. */
function worthsOf({ tender, opening, trust }: OpenedTender): Worth[] {
  const secrets = opening.listed.flatMap(({ bidKey }) => opening.outcomeOf(bidKey).secret ?? []);
  const { channel, chaincode } = trust;
  const { tenderId } = tender;
  const draw = { tender: { channel, chaincode, tenderId }, listHash: opening.listHash, secrets };
  // A ticket is over the secret of every listed bid: where one stayed unknown there is no draw.
  const isDrawn = secrets.length === opening.listed.length;
  return opening.listed.map(({ bidKey, name, noticeHash, answered, documents }) => {
    const bid: OpenedBid = {
      ...{ bidKey, lotId: name.lotId, vendorId: name.vendorId, noticeHash, answered, documents },
      text: opening.outcomeOf(bidKey).text,
      ticket: isDrawn ? ticket({ ...draw, bidKey }) : undefined,
    };
    return worthOf(tender, currentNoticeHash(tender) ?? '', bid);
  });
}
