/** Evaluation and award. Both follow from what was sealed; no input carries an amount. */
import { Transaction } from 'fabric-contract-api';
import {
  type CommandInput,
  type CommandResult,
  envelopeOf,
  otherEnvelopeOf,
  type RankingRecord,
  Reject,
  tenderState,
} from '@procurement/protocol';
import { sortList } from '@procurement/sealed';
import { decideAward, recordEvaluation } from '../domain/award';
import { isFirstEnvelope, requireEnvelope } from '../domain/envelopes';
import { evaluateBid, rankLot } from '../domain/evaluation';
import { evaluateTechnically, requireListed } from '../domain/technical-evaluation';
import { type Environment, ProcurementContext } from '../ledger/procurement-context';
import { approve } from './approvals';
import { fixList, requireList } from './bid-lists';
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
   * Requirements: bids have one envelope, or this is the second; every listed bid has its final
   * state.
   * @throws {Reject} ENVELOPE
   */
  @Transaction()
  async evaluate(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'award:evaluate', context, text: input }, async ({ tenderId }) => {
      const { records } = context;
      const opened = await context.requireTender(tenderId);
      requireAwardable(tenderId);
      const list = await requireList(context, tenderId);
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
   * Records which first envelopes passed the technical evaluation, when an officer of the buyer and
   * an auditor have given the same result, and fixes the list of second envelopes with it.
   * Requirements: the tender takes first envelopes, each of which has its final state; those named
   * as failed are listed and were opened.
   * @throws {Reject} FORMAT, ENVELOPE, NOT_FOUND, EXISTS, LIMIT or STATE
   */
  @Transaction()
  async recordTechnical(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'award:recordTechnical', context, text: input }, (command) =>
      recordTechnical(context, command),
    );
  }

  /**
   * Awards every lot to its first rank; a lot without a responsive bid is unsuccessful.
   * @throws {Reject} ENVELOPE, or TIE where equal bids have no tickets and no public lot names one
   * of them
   */
  @Transaction()
  async decide(context: ProcurementContext, input: string): Promise<string> {
    return runCommand({ name: 'award:decide', context, text: input }, async (command) => {
      const { records } = context;
      const { tenderId, publicLots = [] } = command;
      const evaluated = await context.requireTender(tenderId);
      requireAwardable(tenderId);
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

  /** Examined bids, rankings and awards, lot by lot; of first envelopes how they passed. */
  @Transaction(false)
  async get(context: ProcurementContext, input: string): Promise<string> {
    return runQuery({ name: 'award:get', context, text: input }, async ({ tenderId }) => {
      const tender = await context.requireTender(tenderId);
      const lots = await lotResults(context, tender);
      const technical = await context.records.technicalEvaluations.find(tenderId);
      return { tenderId, state: tenderState(tender), lots, technical };
    });
  }
}

/** Lots go by the amounts, which only the second of two envelopes holds. */
function requireAwardable(tenderId: string): void {
  const isAwardable = !isFirstEnvelope(tenderId);
  requireEnvelope(isAwardable, tenderId, otherEnvelopeOf(tenderId) ?? tenderId);
}

async function recordTechnical(
  context: ProcurementContext,
  { tenderId, failed }: CommandInput<'award:recordTechnical'>,
): Promise<CommandResult<'award:recordTechnical'>> {
  const { records, fact } = context;
  const opened = await context.requireTender(tenderId);
  const secondId = requireFirst(tenderId);
  const list = await requireList(context, tenderId);
  requireListed(
    failed,
    list.entries.map(({ bidKey }) => bidKey),
  );
  const content = { tenderId, failed: sortList(failed) };
  const recorded = await approve(context, { act: 'award:recordTechnical', content });
  const bids = await examinedBids(context, list);
  const evaluation = evaluateTechnically(opened, { bids, failed, recorded: fact });
  if (!recorded) {
    context.emit({ name: 'TechnicalEvaluationAsked', payload: { tenderId } });
    return { tenderId, state: tenderState(opened), recorded };
  }
  await records.technicalEvaluations.requireFree(tenderId);
  await records.technicalEvaluations.put(evaluation, tenderId);
  const tender = recordEvaluation(opened, fact);
  await records.tenders.put(tender, tenderId);
  const second = await records.tenders.get(secondId);
  const { listHash } = await fixList(context, second, evaluation.results);
  context.emit({ name: 'TechnicalEvaluationRecorded', payload: { tenderId, listHash } });
  return { tenderId, state: tenderState(tender), recorded, listHash };
}

/** @returns the second envelope's tender @throws {Reject} FORMAT or ENVELOPE */
function requireFirst(tenderId: string): string {
  const other = otherEnvelopeOf(tenderId);
  if (other === undefined) {
    throw new Reject('FORMAT', { path: 'tenderId', problem: 'not of a first envelope' });
  }
  requireEnvelope(envelopeOf(tenderId) === 'technical', tenderId, other);
  return other;
}
