/** What the ledger told does not bear out its own hashes, or two gateways tell different things. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed';
}

/** @throws {CheckFailed} with the sentence, unless the condition holds */
export function check(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new CheckFailed(sentence);
}
