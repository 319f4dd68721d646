import { peer } from '@hyperledger/fabric-protos';

/** What a call came to, in the words of the recordings. */
export type Outcome = Readonly<Record<string, unknown>>;

/** A success with what `show` makes of its result, or the error as a client sees it. */
export async function outcomeOf<Result>(
  call: Promise<Result>,
  show: (result: Result) => unknown = (result) => result,
): Promise<Outcome> {
  let result: Result;
  try {
    result = await call;
  } catch (error) {
    return failureOf(error as ClientError);
  }
  return { ok: true, result: show(result) };
}

/** A proposal response as the recordings show it. */
export function responseView(response: peer.ProposalResponse): Outcome {
  const inner = response.getResponse();
  return {
    status: inner?.getStatus(),
    message: inner?.getMessage(),
    payload: Buffer.from(inner?.getPayload_asU8() ?? []).toString('utf8'),
    endorsed: response.hasEndorsement(),
    version: response.getVersion(),
    hasTimestamp: response.hasTimestamp(),
  };
}

/** Errors of gRPC and of both client libraries. */
interface ClientError extends Error {
  /** gRPC status, or what the transaction was given. */
  readonly code?: number;
  readonly details?: string | readonly { address: string; message: string; mspId: string }[];
  readonly transactionId?: string;
  readonly transactionCode?: string;
  readonly responses?: readonly { response?: { status: number; message: string } }[];
  readonly errors?: readonly unknown[];
}

function failureOf(error: ClientError): Outcome {
  if (error.name === 'CommitError') {
    const { name, message, code, transactionId } = error;
    const hasTransactionId = transactionId !== undefined;
    return { ok: false, error: name, message, hasTransactionId, validationCode: code };
  }
  return {
    ok: false,
    error: error.name,
    ...(error.code !== undefined && { grpcCode: error.code }),
    message: error.message,
    ...(error.details !== undefined && { details: detailsOf(error.details) }),
    ...(error.transactionId !== undefined && { hasTransactionId: true }),
    ...(error.transactionCode !== undefined && { transactionCode: error.transactionCode }),
    ...legacyParts(error),
  };
}

function detailsOf(details: NonNullable<ClientError['details']>): unknown {
  if (typeof details === 'string') return details;
  return details.map(({ address, message, mspId }) => ({ address, message, mspId }));
}

/** What fabric-network adds where it has sent proposals. */
function legacyParts({ responses, errors }: ClientError): Outcome {
  if (!responses) return {};
  return {
    responses: responses.map(({ response }) => ({
      status: response?.status,
      message: response?.message ?? '',
    })),
    errors: errors?.map(String) ?? [],
  };
}
