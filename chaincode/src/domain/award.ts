/** The award: each lot to its first rank, or to nobody. */
import type {
  AwardRecord,
  Fact,
  LotAward,
  RankingRecord,
  TenderRecord,
} from '@procurement/protocol';

/** The tender with its bids examined and ranked. */
export function recordEvaluation(tender: TenderRecord, evaluated: Fact): TenderRecord {
  return { ...tender, evaluated };
}

/**
 * The award of every lot, in the notice's order.
 * @param rankings one for each lot of the tender
 */
export function decideAward(
  tender: TenderRecord,
  rankings: readonly RankingRecord[],
  decided: Fact,
): { readonly tender: TenderRecord; readonly award: AwardRecord } {
  const lots = rankings.map(awardLot);
  const { tenderId } = tender;
  return {
    tender: { ...tender, awarded: decided },
    award: { schema: 'award/1', tenderId, lots, decided },
  };
}

function awardLot({ lotId, currency, ranks: [first] }: RankingRecord): LotAward {
  if (first === undefined) return { outcome: 'unsuccessful', lotId };
  const { bidKey, vendorId, evaluatedAmount } = first;
  return { outcome: 'awarded', lotId, bidKey, vendorId, amount: evaluatedAmount, currency };
}
