/** Where the ledger has what a command did. */
export function placeLines(outcome: {
  readonly transactionId: string;
  readonly blockNumber: string;
  readonly repeated: boolean;
}): string[] {
  const { transactionId, blockNumber, repeated } = outcome;
  const again = repeated ? ' (it was there already)' : '';
  return [`transaction ${transactionId}, block ${blockNumber}${again}`];
}
