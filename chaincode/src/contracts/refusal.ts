/** Refusals of the sealing protocol in the ledger's words. */
import { isRejectCode, Reject } from '@procurement/protocol';
import { SealError } from '@procurement/sealed';

/**
 * The refusal that an error stands for; the error itself where it stands for none. Codes of the
 * seal are codes of the ledger, one to one.
 */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof SealError) || !isRejectCode(error.code)) return error;
  if (error.code === 'FORMAT') {
    return new Reject('FORMAT', { path: error.item, problem: 'invalid' });
  }
  return new Reject(error.code, { item: error.item });
}
