import { HttpException, ServiceUnavailableException } from '@nestjs/common';
import { parseReject, Reject, REJECTS } from '@procurement/protocol';
import {
  CommitConflict,
  CommitRejected,
  EndorseDiverged,
  EndorseRefused,
  EvaluateRefused,
  LedgerStageError,
  LedgerUnreachable,
  StatusUnknown,
  SubmitRefused,
  SubmitUnknown,
} from '../ledger/stage-errors';
import { validationCodeName } from '../ledger/validation-code';
import { GatewayRefused } from './gateway-refused';

/** Media type of a problem document (RFC 9457 section 3). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

const TYPE_PREFIX = 'urn:procurement:problem:';

/** Values of a problem; for a malformed request where it does not fit, and how. */
export type ProblemArgs = Readonly<Record<string, unknown>>;

/** A problem document (RFC 9457), with the extension members `code`, `args`, `transactionId`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request, as a path; the header `x-request-id` names the occurrence. */
  readonly instance: string;
  readonly code: string;
  readonly args: ProblemArgs;
  readonly transactionId?: string;
}

interface ProblemFacts {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  readonly args?: ProblemArgs;
  readonly transactionId?: string | undefined;
}

function problem(facts: ProblemFacts, instance: string): Problem {
  return {
    type: `${TYPE_PREFIX}${facts.code.toLowerCase().replaceAll('_', '-')}`,
    title: facts.title,
    status: facts.status,
    detail: facts.detail ?? facts.title,
    instance,
    code: facts.code,
    args: facts.args ?? {},
    ...(facts.transactionId === undefined ? {} : { transactionId: facts.transactionId }),
  };
}

function fromReject(reject: Reject, transactionId?: string): ProblemFacts {
  const { status, sentence } = REJECTS[reject.code];
  const { path, problem: what } = reject.args;
  const place = typeof path === 'string' && typeof what === 'string' ? [path || 'body', what] : [];
  const detail = place.length === 0 ? sentence : place.join(': ');
  return { code: reject.code, status, title: sentence, detail, args: reject.args, transactionId };
}

type StageClass = abstract new (...args: never[]) => LedgerStageError;

/** Stage errors without a reject code inside, the more special class first. */
const STAGES: readonly (readonly [StageClass, Omit<ProblemFacts, 'transactionId'>])[] = [
  [
    CommitConflict,
    {
      code: 'COMMIT_CONFLICT',
      status: 409,
      title: 'Other transactions changed the same records at the same time.',
      detail: 'Nothing was changed. Send the same request again.',
    },
  ],
  [
    CommitRejected,
    {
      code: 'COMMIT_INVALID',
      status: 502,
      title: 'The network recorded the transaction as invalid.',
      detail: 'Nothing was changed.',
    },
  ],
  [
    SubmitRefused,
    {
      code: 'SUBMIT_REFUSED',
      status: 502,
      title: 'The ordering service refused the transaction.',
      detail: 'Nothing was changed.',
    },
  ],
  [
    SubmitUnknown,
    {
      code: 'SUBMIT_UNKNOWN',
      status: 504,
      title: 'The ordering service did not answer.',
      detail:
        'The transaction may still be committed. Send the same request again: it counts once.',
    },
  ],
  [
    StatusUnknown,
    {
      code: 'STATUS_UNKNOWN',
      status: 504,
      title: 'The network did not say in time what became of the transaction.',
      detail:
        'The transaction may still be committed. Send the same request again: it counts once.',
    },
  ],
  [
    LedgerUnreachable,
    {
      code: 'LEDGER_UNREACHABLE',
      status: 503,
      title: 'No peer of the organisation answered.',
      detail: 'Nothing was changed. Try again later.',
    },
  ],
  [
    EndorseDiverged,
    {
      code: 'ENDORSE_DIVERGED',
      status: 409,
      title: 'The peers did not agree; they stand at different heights for a moment.',
      detail: 'Nothing was changed. Send the same request again.',
    },
  ],
  [
    EndorseRefused,
    {
      code: 'ENDORSE_REFUSED',
      status: 502,
      title: 'The network refused to endorse the transaction.',
      detail: 'Nothing was changed.',
    },
  ],
  [
    EvaluateRefused,
    {
      code: 'EVALUATE_REFUSED',
      status: 502,
      title: 'The network refused to answer.',
    },
  ],
];

function fromStage(error: LedgerStageError): ProblemFacts {
  // A query's transaction id is never on the ledger, so it would lead nowhere.
  const transactionId = error instanceof EvaluateRefused ? undefined : error.transactionId;
  const reject = parseReject(error.text);
  if (reject !== undefined) {
    return fromReject(reject, transactionId);
  }
  const stage = STAGES.find(([stageClass]) => error instanceof stageClass)?.[1] ?? INTERNAL;
  const args =
    error instanceof CommitRejected
      ? { validationCode: validationCodeName(error.validationCode) }
      : {};
  return { ...stage, args, transactionId };
}

const INTERNAL: ProblemFacts = {
  code: 'INTERNAL',
  status: 500,
  title: 'The gateway failed.',
  detail: 'The gateway failed; its log has the reason under the request id.',
};

/** Refusals of the gateway itself, before the ledger is asked. */
const HTTP: Readonly<Record<number, Pick<ProblemFacts, 'code' | 'title' | 'args'>>> = {
  400: {
    code: 'FORMAT',
    title: REJECTS.FORMAT.sentence,
    args: { path: '', problem: 'not JSON' },
  },
  401: { code: 'UNAUTHENTICATED', title: 'A session or the token of a service account is needed.' },
  404: { code: 'NO_ROUTE', title: 'There is nothing at this address.' },
  413: { code: 'TOO_LARGE', title: 'The request body is larger than this address takes.' },
  415: { code: 'MEDIA_TYPE', title: 'This address takes no body of that media type.' },
};

/** HTTP status that an error states itself, as Fastify's and Nest's do. */
function statedStatus(error: unknown): number {
  if (error instanceof HttpException) {
    return error.getStatus();
  }
  const stated = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof stated === 'number' && stated >= 400 && stated < 500 ? stated : 500;
}

/** The parts that a health check found down. */
function fromHealth(error: ServiceUnavailableException): ProblemFacts {
  const response = error.getResponse();
  const checks = typeof response === 'object' && 'error' in response ? response.error : undefined;
  const down = typeof checks === 'object' && checks !== null ? Object.keys(checks) : [];
  return { code: 'NOT_READY', status: 503, title: 'The gateway is not ready.', args: { down } };
}

function factsOf(error: unknown): ProblemFacts {
  if (error instanceof ServiceUnavailableException) {
    return fromHealth(error);
  }
  if (error instanceof Reject) {
    return fromReject(error);
  }
  if (error instanceof LedgerStageError) {
    return fromStage(error);
  }
  if (error instanceof GatewayRefused) {
    return { code: error.code, ...error.facts, args: error.args };
  }
  const status = statedStatus(error);
  const known = HTTP[status];
  if (known !== undefined) {
    return { ...known, status };
  }
  return status < 500 ? { code: 'HTTP', status, title: 'The request was refused.' } : INTERNAL;
}

/** The code of the problem document for anything that was thrown. */
export function problemCode(error: unknown): string {
  return factsOf(error).code;
}

/**
 * The problem document for anything that was thrown while a request was served. It never holds a
 * stack, nor the text of an error that the gateway did not expect.
 * @param error whatever was thrown
 * @param instance path of the request
 */
export function problemOf(error: unknown, instance: string): Problem {
  return problem(factsOf(error), instance);
}
