import type { StageDetail, StageFacts } from '../../stage-errors';
import type { PeerAnswers, PeerError, PeerResponse } from './sdk';

/** Chaincode statuses from here on are not endorsed (core/endorser/endorser.go:ProcessProposal). */
const REFUSED_FROM = 400;

/** gRPC code UNKNOWN: the peer's own checks refused the proposal. */
const GRPC_UNKNOWN = 2;

/** What one peer said against a request. */
type Failure = PeerError | PeerResponse;

function isResponse(failure: unknown): failure is PeerResponse {
  return typeof failure === 'object' && failure !== null && 'response' in failure;
}

function flatten(failure: Failure): Failure[] {
  if (isResponse(failure) || failure.endorsements === undefined) {
    return [failure];
  }
  // "Endorsement has failed" is the summary of a layout; what the peers said is inside.
  const inner = failure.endorsements.filter((each) => !isResponse(each) || isRefused(each));
  return inner.length > 0 ? [...inner] : [failure];
}

function isRefused(response: PeerResponse): boolean {
  return response.response.status >= REFUSED_FROM || !response.endorsement;
}

/** Everything that was said against a request; empty where every peer endorsed. */
export function refusals(answers: PeerAnswers): Failure[] {
  return [...answers.errors.flatMap(flatten), ...answers.responses.filter(isRefused)];
}

/** What fabric-common says of endorsements with different results (lib/DiscoveryHandler.js). */
const RESULTS_DIFFER = 'Peer endorsements do not match';

/** Whether some peers endorsed what others refused, or they endorsed different results. */
export function isDivergence(answers: PeerAnswers): boolean {
  return (
    answers.errors.some((error) => error.message === RESULTS_DIFFER) ||
    answers.responses.some((response) => !isRefused(response))
  );
}

/** Whether somebody refused, rather than nobody having answered. */
export function isRefusal(failures: readonly Failure[]): boolean {
  return failures.some(
    (failure) =>
      isResponse(failure) || failure.code === GRPC_UNKNOWN || failure.message === RESULTS_DIFFER,
  );
}

function textOf(failure: unknown): string {
  if (isResponse(failure)) {
    return `chaincode response ${String(failure.response.status)}, ${failure.response.message}`;
  }
  return failure instanceof Error ? failure.message : String(failure);
}

function detailOf(failure: unknown): StageDetail {
  const connection =
    typeof failure === 'object' && failure !== null && 'connection' in failure
      ? (failure.connection as PeerError['connection'])
      : undefined;
  return { address: connection?.url ?? '', mspId: '', message: textOf(failure) };
}

/**
 * The facts of a stage error.
 * @param failures what was said, by whom
 */
export function failureFacts(failures: readonly unknown[], transactionId?: string): StageFacts {
  const [first] = failures;
  const code = first instanceof Error && 'code' in first ? first.code : undefined;
  return {
    message: first === undefined ? 'no peer answered' : textOf(first),
    transactionId,
    grpcCode: typeof code === 'number' ? code : undefined,
    details: failures.map(detailOf),
    cause: first,
  };
}
