/** The award: each lot to its first rank, or to nobody. */
import {
  type AwardRecord,
  type Fact,
  type LotAward,
  type RankingRecord,
  Reject,
  type TenderRecord,
} from '@procurement/protocol';

/** The tender with its bids examined and ranked. */
export function recordEvaluation(tender: TenderRecord, evaluated: Fact): TenderRecord {
  return { ...tender, evaluated };
}

/**
 * The award of every lot, in the notice's order.
 * @param decision.rankings one for each lot of the tender
 * @param decision.publicLots bids that a public lot has drawn where the first place is shared
 * @throws {Reject} TIE
 */
export function decideAward(
  tender: TenderRecord,
  decision: {
    readonly rankings: readonly RankingRecord[];
    readonly publicLots: readonly string[];
    readonly decided: Fact;
  },
): { readonly tender: TenderRecord; readonly award: AwardRecord } {
  const { decided, publicLots } = decision;
  const lots = decision.rankings.map((ranking) => awardLot(ranking, publicLots));
  const { tenderId } = tender;
  return {
    tender: { ...tender, awarded: decided },
    award: { schema: 'award/1', tenderId, lots, decided },
  };
}

function awardLot(ranking: RankingRecord, publicLots: readonly string[]): LotAward {
  const { lotId, currency } = ranking;
  const firsts = ranking.ranks.filter(({ rank }) => rank === 1);
  const drawn = firsts.filter(({ bidKey }) => publicLots.includes(bidKey));
  const isShared = firsts.length > 1;
  if (isShared && drawn.length !== 1) {
    throw new Reject('TIE', { bidKeys: firsts.map(({ bidKey }) => bidKey), lotId });
  }
  const [first] = isShared ? drawn : firsts;
  if (first === undefined) return { outcome: 'unsuccessful', lotId };
  const { bidKey, vendorId, evaluatedAmount: amount } = first;
  const how = isShared ? { publicLot: true as const } : {};
  return { outcome: 'awarded', lotId, bidKey, vendorId, amount, currency, ...how };
}
