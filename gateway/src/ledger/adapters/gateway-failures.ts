import { status as grpcStatus } from '@grpc/grpc-js';
import { GatewayError } from '@hyperledger/fabric-gateway';
import type { Creator, Proposal } from '../ledger.port';
import {
  EndorseDiverged,
  EndorseRefused,
  EvaluateRefused,
  LedgerUnreachable,
} from '../stage-errors';
import type { LedgerStageError, StageFacts } from '../stage-errors';

/** Codes that say the peer was not there, rather than that it refused. */
const UNREACHABLE: ReadonlySet<number> = new Set([
  grpcStatus.UNAVAILABLE,
  grpcStatus.DEADLINE_EXCEEDED,
  grpcStatus.CANCELLED,
  grpcStatus.RESOURCE_EXHAUSTED,
]);

/** Code of a request for which the gateway finds no peers; peers use it for refusals too. */
const NO_PEERS: number = grpcStatus.FAILED_PRECONDITION;

/** Text of endorsers whose results differ (internal/pkg/gateway/endorse.go). */
const RESULTS_DIFFER = 'ProposalResponsePayloads do not match';

/** The facts of a stage error from what the SDK threw. */
export function stageFacts(error: unknown, transactionId?: string): StageFacts {
  if (error instanceof GatewayError) {
    return {
      message: error.message,
      transactionId,
      grpcCode: error.code,
      details: error.details,
      cause: error,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message, transactionId, grpcCode: grpcCodeOf(error), cause: error };
}

/** The error of an endorsement that failed. */
export function endorseError(
  error: unknown,
  { transactionId, creator }: Pick<Proposal, 'transactionId' | 'creator'>,
): LedgerStageError {
  const facts = stageFacts(error, transactionId);
  if (isUnreachable(error)) {
    return new LedgerUnreachable(facts);
  }
  return isDiverged(facts, creator) ? new EndorseDiverged(facts) : new EndorseRefused(facts);
}

/** The error of a query that failed. */
export function evaluateError(error: unknown, transactionId: string): LedgerStageError {
  const facts = stageFacts(error, transactionId);
  return isUnreachable(error) ? new LedgerUnreachable(facts) : new EvaluateRefused(facts);
}

function isUnreachable(error: unknown): boolean {
  const code = grpcCodeOf(error);
  if (code === undefined || UNREACHABLE.has(code)) return true;
  return error instanceof GatewayError && lacksPeers(error);
}

/** The status of a call that failed, whether the SDK made it or one past it. */
function grpcCodeOf(error: unknown): number | undefined {
  if (error instanceof GatewayError) return error.code;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

/**
 * Whether the gateway knows too few living peers for the endorsement policy. A refusal under the
 * same code has the answer of the peer in the details.
 * Source: internal/pkg/gateway/endorse.go:planFromFirstEndorser, evaluate.go
 */
function lacksPeers(error: GatewayError): boolean {
  return error.code === NO_PEERS && error.details.length === 0;
}

/**
 * The peer of the creator's organisation is asked first (internal/pkg/gateway/endorse.go), so a
 * refusal by others alone means that this one had endorsed.
 */
function isDiverged(facts: StageFacts, creator: Creator): boolean {
  const details = facts.details ?? [];
  const byOthers = details.length > 0 && details.every(({ mspId }) => mspId !== creator.mspId);
  return byOthers || details.some(({ message }) => message.includes(RESULTS_DIFFER));
}
