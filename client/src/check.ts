/** Checks of a device, and how one that does not hold is told. */
import type { CheckCode } from './check-codes';

/** What the ledger told does not bear out its own hashes, or two gateways tell different things. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
  /** Which check it was: one of {@link CHECK_CODES}, or a code of TSEAL-V1. */
  readonly code: string;

  constructor(
    sentence: string,
    options: { readonly cause?: unknown; readonly code?: string } = {},
  ) {
    super(sentence, options.cause === undefined ? {} : { cause: options.cause });
    this.code = options.code ?? 'CHECK_FAILED';
  }
}

/** @throws {CheckFailed} with sentence and code, unless the condition holds */
export function check(
  condition: boolean,
  sentence: string,
  code: CheckCode = 'CHECK_FAILED',
): asserts condition {
  if (!condition) throw new CheckFailed(sentence, { code });
}
