/** One measured figure. Times in milliseconds unless the name ends in `.s`. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'tx/s' | 'ms' | 's' | 'MB' | 'ratio';
  readonly conditions: string;
  /** Which network, where the run compares several. */
  readonly network?: string;
}

const SIGNIFICANT_DIGITS = 3;

/** Prints a figure as one JSON object on a line of its own. */
export function report(figure: Figure): void {
  const value = Number(figure.value.toPrecision(SIGNIFICANT_DIGITS));
  process.stdout.write(`${JSON.stringify({ ...figure, value })}\n`);
}

/** Says on the error stream what is being measured, so that the figures stay machine-readable. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
