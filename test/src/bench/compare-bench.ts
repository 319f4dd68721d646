import { type BenchTarget, comparedBatchTimeoutMs, connectBoth } from './bench-target';
import { median } from './load';
import {
  evaluationsOf,
  measure,
  type Measured,
  MEASURES,
  type NamedLoad,
  reportMeasured,
  submissionsOf,
  warmUp,
  withEmbedded,
} from './network-bench';
import { report, say } from './report';
import type { SdkClient } from './sdk-clients';

/**
 * A shared machine is half as fast in one minute as in another. So the networks take turns, and
 * the median of some turns counts.
 */
const rounds = 5;
const warmUpMs = 30_000;
const prefix = 'network';
const how =
  `median of ${rounds} rounds in which the two networks took turns, both running all the time, ` +
  `after ${warmUpMs / 1000} s of warm-up each`;

/** Two networks through the same SDK. */
interface Pair {
  readonly embedded: SdkClient;
  readonly given: SdkClient;
}

/**
 * Measures a given network and an embedded one by turns, and prints both networks' figures and the
 * embedded one's as multiples of the given one's: `<name>.ratio`.
 * @param durationMs how long each figure is measured in a round
 */
export async function benchComparison(given: BenchTarget, durationMs: number): Promise<void> {
  await withEmbedded(comparedBatchTimeoutMs, async (embedded) => {
    const clients = { given: await connectBoth(given), embedded: await connectBoth(embedded) };
    try {
      for (const index of [0, 1] as const) {
        const pair = { given: clients.given[index], embedded: clients.embedded[index] };
        await benchPair(pair, { given, embedded, durationMs });
      }
    } finally {
      for (const client of [...clients.given, ...clients.embedded]) client.close();
    }
  });
}

interface Targets {
  readonly given: BenchTarget;
  readonly embedded: BenchTarget;
  readonly durationMs: number;
}

async function benchPair(pair: Pair, targets: Targets): Promise<void> {
  await warmUp(pair.given, { durationMs: warmUpMs });
  await warmUp(pair.embedded, { durationMs: warmUpMs });
  const loads = { given: loadsOf(pair.given), embedded: loadsOf(pair.embedded) };
  for (const [index, load] of loads.embedded.entries()) {
    const other = loads.given[index];
    if (other) await benchLoad({ given: other, embedded: load }, targets);
  }
}

function loadsOf(client: SdkClient): NamedLoad[] {
  return [...submissionsOf(client, prefix), ...evaluationsOf(client, prefix)];
}

async function benchLoad(
  loads: { readonly given: NamedLoad; readonly embedded: NamedLoad },
  { given, embedded, durationMs }: Targets,
): Promise<void> {
  const measured = { given: [] as Measured[], embedded: [] as Measured[] };
  for (let round = 1; round <= rounds; round += 1) {
    say(`round ${round} of ${rounds}`);
    measured.given.push(await measure(loads.given, durationMs));
    measured.embedded.push(await measure(loads.embedded, durationMs));
  }
  const { name } = loads.embedded;
  const [real, ours] = [medians(measured.given), medians(measured.embedded)];
  reportMeasured(given, { name, ...real, conditions: how });
  reportMeasured(embedded, { name, ...ours, conditions: how });
  for (const key of MEASURES) {
    const conditions = `embedded divided by ${given.network} (${given.conditions}), ${how}`;
    const value = ours[key] / real[key];
    report({ name: `${name}.${key}.ratio`, value, unit: 'ratio', conditions });
  }
}

function medians(measured: readonly Measured[]): Measured {
  const of = (key: keyof Measured): number => median(measured.map((one) => one[key]));
  return { tps: of('tps'), p50: of('p50'), p99: of('p99') };
}
