/** Evaluation and award. Both follow from what was sealed; no input carries an amount. */
import { Transaction } from 'fabric-contract-api';
import { type RankingRecord, tenderState } from '@procurement/protocol';
import { decideAward, recordEvaluation } from '../domain/award';
import { evaluateBid, rankLot } from '../domain/evaluation';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { runCommand, runQuery } from './calls';
import { processEnvironment } from './environment';
import { examinedBids, lotResults } from './evaluation-steps';
import { ProcurementContract } from './procurement-contract';

/** Transactions `award:…`. */
export class AwardContract extends ProcurementContract {
  constructor(environment: Environment = processEnvironment) {
    super('award', environment);
  }

  /**
   * Examines every listed bid and ranks each lot's responsive ones.
   * Requirements: every listed bid has its final state.
   */
  @Transaction()
  async evaluate(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'award:evaluate', context, text: input }, async ({ tenderId }) => {
      const { records } = context;
      const opened = await context.requireTender(tenderId);
      const list = await records.bidLists.get(tenderId);
      const bids = await examinedBids(context, list);
      const evaluations = bids.map((bid) => evaluateBid(opened, bid));
      for (const evaluation of evaluations) {
        const { lotId, vendorId } = evaluation;
        await records.bidEvaluations.requireFree(tenderId, lotId, vendorId);
        await records.bidEvaluations.put(evaluation, tenderId, lotId, vendorId);
      }
      for (const lot of opened.lots) {
        await records.rankings.requireFree(tenderId, lot.lotId);
        await records.rankings.put(rankLot(opened, lot, evaluations), tenderId, lot.lotId);
      }
      const tender = recordEvaluation(opened, context.fact);
      await records.tenders.put(tender, tenderId);
      context.emit({ name: 'TenderEvaluated', payload: { tenderId } });
      return { tenderId, state: tenderState(tender) };
    });
  }

  /**
   * Awards every lot to its first rank; a lot without a responsive bid is unsuccessful.
   * @throws {Reject} TIE where equal bids have no tickets and no public lot names one of them
   */
  @Transaction()
  async decide(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'award:decide', context, text: input }, async (command) => {
      const { records } = context;
      const { tenderId, publicLots = [] } = command;
      const evaluated = await context.requireTender(tenderId);
      const rankings: RankingRecord[] = [];
      for (const { lotId } of evaluated.lots) {
        rankings.push(await records.rankings.get(tenderId, lotId));
      }
      const { tender, award } = decideAward(evaluated, {
        ...{ rankings, publicLots, decided: context.fact },
      });
      await records.awards.requireFree(tenderId);
      await records.awards.put(award, tenderId);
      await records.tenders.put(tender, tenderId);
      context.emit({ name: 'TenderAwarded', payload: { tenderId } });
      return { tenderId, state: tenderState(tender), lots: award.lots };
    });
  }

  /** Examined bids, rankings and awards, lot by lot. */
  @Transaction(false)
  async get(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'award:get', context, text: input }, async ({ tenderId }) => {
      const tender = await context.requireTender(tenderId);
      const lots = await lotResults(context, tender);
      return { tenderId, state: tenderState(tender), lots };
    });
  }
}
