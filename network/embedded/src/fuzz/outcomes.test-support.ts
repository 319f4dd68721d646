import { status } from '@grpc/grpc-js';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import type { FuzzCase } from './cases.test-support';
import type { RpcOutcome } from './rpc-calls.test-support';

/** Codes with which Fabric's peers and orderers refuse calls. */
const refusals = new Set<status>([
  status.UNKNOWN,
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.UNAVAILABLE,
]);

/** Texts of this program's own mistakes, which no client should ever read. */
const ownMistake = new RegExp(
  [
    'Cannot (read|set|convert|destructure|mix)',
    'is not (a function|iterable|an? \\w+ constructor)',
    '(Type|Range|Reference|Syntax)Error',
    'Assertion failed|Maximum call stack|Invalid (array|string|typed array) length|out of range',
    '\\bundefined\\b|\\[object |Unexpected (token|end)|\\bNaN\\b',
    'error:[0-9A-F]{8}:|ERR_[A-Z]+|LEVEL_[A-Z]+|Batch is not open',
  ].join('|'),
);

const orderingStatus = new Set<number>([200, 400, 403, 404, 413, 503]);

/** What is wrong with an outcome; undefined when Fabric could have answered so. */
export function faultOf(one: FuzzCase, outcome: RpcOutcome): string | undefined {
  const { code, details } = outcome;
  if (code === undefined) return faultOfAnswers(one, outcome);
  if (code === status.OK) return faultOfAnswers(one, outcome) ?? faultOfSilence(one, outcome);
  if (ownMistake.test(details)) return `it tells of a mistake of its own: ${details}`;
  if (wasEndedEarly(one, outcome)) return faultOfAnswers(one, outcome);
  if (code === status.INTERNAL) {
    return isReadable(one) ? `INTERNAL for a readable request: ${details}` : undefined;
  }
  return refusals.has(code) ? undefined : `gRPC status ${String(code)}: ${details}`;
}

/**
 * Broadcast ends its stream after a refusal. Where the client writes on meanwhile, grpc-js tells
 * the failed write instead of the end: `http2-call` of grpc-js 1.14, "Write error: write after
 * end".
 */
function wasEndedEarly({ method }: FuzzCase, { code, details, answers }: RpcOutcome): boolean {
  if (!method.requestStream || answers.length === 0) return false;
  return code === status.INTERNAL && details === 'Write error: write after end';
}

function isReadable({ method, requests }: FuzzCase): boolean {
  try {
    for (const request of requests) method.requestDeserialize(request);
    return true;
  } catch {
    return false;
  }
}

/** Broadcast answers every message in order, up to the first that it refuses. */
function faultOfSilence(
  { method, mayWait, requests }: FuzzCase,
  { answers }: RpcOutcome,
): string | undefined {
  if (!method.requestStream || mayWait || answers.length === requests.length) return undefined;
  const last = orderer.BroadcastResponse.deserializeBinary(answers.at(-1) ?? Buffer.of());
  if (answers.length > 0 && last.getStatus() !== common.Status.SUCCESS) return undefined;
  return `${String(answers.length)} answers to ${String(requests.length)} messages`;
}

function faultOfAnswers({ method }: FuzzCase, { answers }: RpcOutcome): string | undefined {
  for (const bytes of answers) {
    const fault = faultOfAnswer(method.responseDeserialize(bytes));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfAnswer(answer: unknown): string | undefined {
  if (answer instanceof peer.ProposalResponse) {
    const response = answer.getResponse();
    const text = response?.getMessage() ?? '';
    if (ownMistake.test(text)) return `it tells of a mistake of its own: ${text}`;
    return response ? undefined : 'a proposal response without a response';
  }
  if (answer instanceof orderer.BroadcastResponse) return faultOfBroadcast(answer);
  return isDeliver(answer) ? faultOfDelivery(answer) : undefined;
}

type Delivery = orderer.DeliverResponse | peer.DeliverResponse;

function isDeliver(answer: unknown): answer is Delivery {
  return answer instanceof orderer.DeliverResponse || answer instanceof peer.DeliverResponse;
}

function faultOfDelivery(answer: Delivery): string | undefined {
  if (!answer.hasStatus() || orderingStatus.has(answer.getStatus())) return undefined;
  return `deliver status ${String(answer.getStatus())}`;
}

function faultOfBroadcast(answer: orderer.BroadcastResponse): string | undefined {
  if (ownMistake.test(answer.getInfo())) return `a mistake of its own: ${answer.getInfo()}`;
  if (!orderingStatus.has(answer.getStatus())) return `status ${String(answer.getStatus())}`;
  const isRefused = answer.getStatus() !== common.Status.SUCCESS;
  return isRefused === (answer.getInfo() !== '') ? undefined : 'a refusal without a reason';
}
