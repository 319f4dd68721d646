import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBoth, type BenchTarget } from './bench-target';
import { residentMegabytes } from './process-usage';
import { report, say } from './report';
import { percentile, runLoad } from './load';
import { type SdkClient } from './sdk-clients';
import { startAssetNetwork } from '../support/asset-network';

const inFlights = [1, 16, 64];
const rssTransactions = 10_000;
/** Code is compiled as it runs, so that the first seconds tell of the compiler. */
const warmUpMs = 15_000;

/** How long each figure is measured, and which batch timeouts. */
export interface NetworkBenchOptions {
  readonly durationMs: number;
  readonly batchTimeoutsMs: readonly number[];
}

/** Figures of one network by name, without the unit's prefix. */
export type Figures = ReadonlyMap<string, number>;

/** Throughput and latency of a minimal contract through both SDKs, and the network's memory. */
export async function benchNetwork(options: NetworkBenchOptions): Promise<void> {
  for (const batchTimeoutMs of options.batchTimeoutsMs) {
    const isUsual = batchTimeoutMs === 10;
    const prefix = isUsual ? 'network' : `network.batch${batchTimeoutMs}`;
    await withEmbedded(batchTimeoutMs, (target) =>
      benchTarget(target, { ...options, prefix, hasAll: isUsual }),
    );
  }
}

/** The same figures, with the same names, of a network that runs already. */
export async function benchGiven(target: BenchTarget, durationMs: number): Promise<Figures> {
  return benchTarget(target, { durationMs, prefix: 'network', hasAll: true });
}

/** An embedded network for as long as it is measured. */
export async function withEmbedded<Result>(
  batchTimeoutMs: number,
  use: (target: BenchTarget) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-network-'));
  const network = await startAssetNetwork({ folder, batchTimeoutMs });
  try {
    const { profileFile, walletFile, channel, chaincode, processId } = network;
    return await use({
      network: 'embedded',
      conditions:
        'three organisations, one Node chaincode process each, majority endorsement, ' +
        `${batchTimeoutMs} ms batches, client on the same machine`,
      ...{ profileFile, walletFile, channel, chaincode, processId },
    });
  } finally {
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench {
  readonly target: BenchTarget;
  readonly prefix: string;
  readonly durationMs: number;
  /** Whether evaluations and memory are measured too. */
  readonly hasAll: boolean;
  readonly figures: Map<string, number>;
}

async function benchTarget(
  target: BenchTarget,
  options: Omit<Bench, 'target' | 'figures'>,
): Promise<Figures> {
  const figures = new Map<string, number>();
  const bench: Bench = { target, ...options, figures };
  const clients = await connectBoth(target);
  try {
    for (const client of clients) {
      await warmUp(client);
      await benchSubmit(bench, client);
      if (bench.hasAll) await benchEvaluate(bench, client);
    }
    if (bench.hasAll) await benchMemory(bench, clients[0]);
    return figures;
  } finally {
    for (const client of clients) client.close();
  }
}

/** Fifteen seconds of submissions, so that what is measured afterwards runs compiled. */
export async function warmUp(client: SdkClient): Promise<void> {
  say(`warming up ${client.sdk}`);
  // fabric-network takes a stream of events that is still being opened for an open one, and then
  // misses what is committed meanwhile: alone, the first transaction waits for its stream.
  await client.submit('put', `first-${client.sdk}`, 'value');
  await runLoad({
    inFlight: 64,
    durationMs: warmUpMs,
    call: (index) => client.submit('put', `warm-${client.sdk}-${index}`, 'value'),
  });
}

/** One load: throughput, median and 99th percentile. */
async function measure(
  bench: Bench,
  load: { name: string; inFlight: number; call: (index: number) => Promise<unknown> },
): Promise<void> {
  const { name } = load;
  say(name);
  const { durationMs, target } = bench;
  const { callsPerSecond, durationsMs } = await runLoad({ ...load, durationMs });
  const found = [
    { name: `${name}.tps`, value: callsPerSecond, unit: 'tx/s' },
    { name: `${name}.p50`, value: percentile(durationsMs, 0.5), unit: 'ms' },
    { name: `${name}.p99`, value: percentile(durationsMs, 0.99), unit: 'ms' },
  ] as const;
  const conditions = `${target.conditions}, after ${warmUpMs / 1000} s of warm-up`;
  for (const figure of found) {
    bench.figures.set(figure.name, figure.value);
    report({ ...figure, conditions, network: target.network });
  }
}

async function benchSubmit(bench: Bench, client: SdkClient): Promise<void> {
  for (const inFlight of inFlights) {
    const name = `${bench.prefix}.submit.${client.sdk}.${inFlight}`;
    const call = (index: number): Promise<unknown> =>
      client.submit('put', `${name}-${index}`, 'value');
    await measure(bench, { name, inFlight, call });
  }
}

async function benchEvaluate(bench: Bench, client: SdkClient): Promise<void> {
  await client.submit('put', 'read-me', 'value');
  for (const inFlight of inFlights) {
    const name = `${bench.prefix}.evaluate.${client.sdk}.${inFlight}`;
    const call = (): Promise<unknown> => client.evaluate('get', 'read-me');
    await measure(bench, { name, inFlight, call });
  }
}

async function benchMemory({ target }: Bench, client: SdkClient): Promise<void> {
  const { processId, network } = target;
  if (processId === undefined) return;
  say(`network.rss after ${rssTransactions} more transactions`);
  await runLoad({
    inFlight: 64,
    durationMs: Number.POSITIVE_INFINITY,
    countMax: rssTransactions,
    call: (index) => client.submit('put', `rss-${index}`, 'value'),
  });
  const conditions =
    `network process after at least ${rssTransactions} transactions, ` + target.conditions;
  const value = await residentMegabytes(processId);
  report({ name: 'network.rss', value, unit: 'MB', conditions, network });
}
