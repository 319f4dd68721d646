/**
 * Commands that were carried out, by caller and the id that the caller chose. A repetition gets the
 * first answer and writes nothing, so that a client that lost an answer can simply ask again.
 */
import { type CommandName, decodeCanonical, encodeCanonical, Reject } from '@procurement/protocol';
import type { Caller } from '../domain/caller';
import { hashOf } from './digest';
import type { Repositories } from './repositories';

/** A command as it came in. `text` is its whole argument, `requestId` and all. */
export interface Request {
  readonly caller: Caller;
  readonly requestId: string;
  readonly transaction: CommandName;
  readonly text: string;
}

/**
 * The first answer to a request as canonical JSON; undefined where it is new.
 * @throws {Reject} REQUEST_REUSED where the id was used with another content
 */
export async function firstAnswer(
  { requests }: Repositories,
  request: Request,
): Promise<string | undefined> {
  const record = await requests.find(...keyOf(request));
  if (record === undefined) return undefined;
  const { transactionId } = record;
  if (record.contentHash !== contentHash(request)) {
    throw new Reject('REQUEST_REUSED', { requestId: request.requestId, transactionId });
  }
  return encodeCanonical({ repeated: true, result: decodeCanonical(record.result), transactionId });
}

/** Records a request as carried out, and gives its answer as canonical JSON. */
export async function recordAnswer(
  { requests }: Repositories,
  request: Request,
  answer: { readonly result: object; readonly transactionId: string },
): Promise<string> {
  const { result, transactionId } = answer;
  await requests.put(
    {
      schema: 'request/1',
      transaction: request.transaction,
      contentHash: contentHash(request),
      transactionId,
      result: encodeCanonical(result),
    },
    ...keyOf(request),
  );
  return encodeCanonical({ repeated: false, result, transactionId });
}

function keyOf({ caller, requestId }: Request): [string, string, string] {
  return [caller.mspId, caller.spki, requestId];
}

function contentHash({ transaction, text }: Request): string {
  return hashOf(`${transaction}\n${text}`);
}
