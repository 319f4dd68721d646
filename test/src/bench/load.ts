/** What a run of calls came to. */
export interface LoadResult {
  readonly callsPerSecond: number;
  /** Sorted durations of single calls, in milliseconds. */
  readonly durationsMs: readonly number[];
}

/**
 * Calls something over and over with a fixed number of calls in flight, until the time is over or
 * the count is reached; calls under way are waited for and counted.
 * @throws whatever a call throws: a failed call makes a figure worthless
 */
export async function runLoad(load: {
  readonly inFlight: number;
  readonly durationMs: number;
  readonly countMax?: number;
  readonly call: (index: number) => Promise<unknown>;
}): Promise<LoadResult> {
  const durationsMs: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + load.durationMs;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < endsAt && next < (load.countMax ?? Number.POSITIVE_INFINITY)) {
      const index = next;
      next += 1;
      const calledAt = performance.now();
      await load.call(index);
      durationsMs.push(performance.now() - calledAt);
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  durationsMs.sort((left, right) => left - right);
  return { callsPerSecond: durationsMs.length / seconds, durationsMs };
}

/** The middle one of some numbers in any order; of an even count the lower of the two. */
export function median(numbers: readonly number[]): number {
  return percentile(
    [...numbers].sort((left, right) => left - right),
    0.5,
  );
}

/** The value below which this share of the sorted numbers lies. */
export function percentile(sorted: readonly number[], share: number): number {
  const index = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
