import { type BenchTarget, comparedBatchTimeoutMs } from './bench-target';
import { benchGiven, withEmbedded, type Figures } from './network-bench';
import { report } from './report';

/**
 * Measures a given network and then an embedded one, and prints the embedded one's figures as
 * multiples of the given one's: `<name>.ratio`.
 */
export async function benchComparison(given: BenchTarget, durationMs: number): Promise<void> {
  const other = await benchGiven(given, durationMs);
  const embedded = await withEmbedded(comparedBatchTimeoutMs, (target) =>
    benchGiven(target, durationMs),
  );
  reportRatios(embedded, other, given);
}

function reportRatios(embedded: Figures, other: Figures, given: BenchTarget): void {
  for (const [name, value] of embedded) {
    const reference = other.get(name);
    if (reference === undefined) continue;
    const conditions = `embedded divided by ${given.network} (${given.conditions}), in one run`;
    report({ name: `${name}.ratio`, value: value / reference, unit: 'ratio', conditions });
  }
}
