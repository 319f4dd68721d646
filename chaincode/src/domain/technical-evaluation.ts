/**
 * The technical evaluation: which first envelopes pass. Whether an offer does what is asked for is
 * for people to judge, so the judgement takes two organisations and names a reason; everything else
 * follows from what was sealed.
 */
import {
  type CommandInput,
  decodeCanonical,
  type Fact,
  Reject,
  type TechnicalBidDocument,
  technicalBidDocumentSchema,
  type TechnicalEvaluationRecord,
  type TechnicalResult,
  type TenderRecord,
} from '@procurement/protocol';
import { documentDefects, type Examined, nameDefects } from './evaluation';

type Failed = CommandInput<'award:recordTechnical'>['failed'];

/**
 * Refuses a judgement that names a bid twice, or one that is not in the list.
 * @throws {Reject} FORMAT or NOT_FOUND
 */
export function requireListed(failed: Failed, bidKeys: readonly string[]): void {
  failed.forEach(({ bidKey }, index) => {
    if (failed.findIndex((other) => other.bidKey === bidKey) !== index) {
      throw new Reject('FORMAT', { path: `failed[${index}]`, problem: 'repeated' });
    }
  });
  for (const { bidKey } of failed) {
    if (!bidKeys.includes(bidKey)) throw new Reject('NOT_FOUND', { kind: 'bid', id: bidKey });
  }
}

/**
 * Every listed first envelope with its result: passed, unless it did not open, has a defect or is
 * named as failed.
 * @throws {Reject} STATE where a bid is named that did not open, and so was not judged
 */
export function evaluateTechnically(
  tender: TenderRecord,
  evaluation: {
    readonly bids: readonly Examined[];
    readonly failed: Failed;
    readonly recorded: Fact;
  },
): TechnicalEvaluationRecord {
  const { bids, failed, recorded } = evaluation;
  const reasons = new Map(failed.map(({ bidKey, reason }) => [bidKey, reason]));
  const results = bids.map((bid) => resultOf(tender, bid, reasons.get(bid.entry.bidKey)));
  return {
    ...{ schema: 'technical-evaluation/1', tenderId: tender.tenderId, results, recorded },
  };
}

function resultOf(
  tender: TenderRecord,
  bid: Examined,
  reason: string | undefined,
): TechnicalResult {
  const { bidKey, lotId, vendorId } = bid.entry;
  const { state } = bid.outcome;
  if (reason !== undefined && state !== 'OPENED') throw new Reject('STATE', { item: bidKey });
  const defects = defectsOf(tender, bid);
  const passed = defects.length === 0 && reason === undefined;
  return { bidKey, lotId, vendorId, state, passed, defects, ...(reason && { reason }) };
}

function defectsOf(tender: TenderRecord, bid: Examined): TechnicalResult['defects'] {
  if (bid.document === undefined) return [{ code: 'NOT_OPENED' }];
  const document = readDocument(bid.document);
  if (document === undefined) return [{ code: 'NOT_A_BID_DOCUMENT' }];
  return [...nameDefects(tender, bid, document), ...documentDefects(bid.receipted, document)];
}

function readDocument(text: string): TechnicalBidDocument | undefined {
  const result = technicalBidDocumentSchema.safeParse(decodeCanonical(text));
  return result.success ? result.data : undefined;
}
