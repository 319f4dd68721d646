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
/** Written while warming up, read by the evaluations. */
const readKey = 'read-me';

/** How long each figure is measured, and which batch timeouts. */
export interface NetworkBenchOptions {
  readonly durationMs: number;
  readonly batchTimeoutsMs: readonly number[];
}

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
export async function benchGiven(target: BenchTarget, durationMs: number): Promise<void> {
  await benchTarget(target, { durationMs, prefix: 'network', hasAll: true });
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
  readonly durationMs: number;
  readonly prefix: string;
  /** Whether evaluations and memory are measured too. */
  readonly hasAll: boolean;
}

async function benchTarget(target: BenchTarget, bench: Bench): Promise<void> {
  const clients = await connectBoth(target);
  try {
    for (const client of clients) {
      await warmUp(client);
      const loads = [
        ...submissionsOf(client, bench.prefix),
        ...(bench.hasAll ? evaluationsOf(client, bench.prefix) : []),
      ];
      for (const load of loads) {
        reportMeasured(target, { name: load.name, ...(await measure(load, bench.durationMs)) });
      }
    }
    if (bench.hasAll) await benchMemory(target, clients[0]);
  } finally {
    for (const client of clients) client.close();
  }
}

/**
 * Submissions for a while, so that what is measured afterwards runs compiled.
 * @param options.durationMs default: fifteen seconds
 */
export async function warmUp(
  client: SdkClient,
  { durationMs = warmUpMs }: { readonly durationMs?: number } = {},
): Promise<void> {
  say(`warming up ${client.sdk}`);
  // fabric-network takes a stream of events that is still being opened for an open one, and then
  // misses what is committed meanwhile: alone, the first transaction waits for its stream.
  await client.submit('put', readKey, 'value');
  await runLoad({
    inFlight: 64,
    durationMs,
    call: (index) => client.submit('put', `warm-${client.sdk}-${index}`, 'value'),
  });
}

/** Calls of one kind, so many in flight. */
export interface NamedLoad {
  readonly name: string;
  readonly inFlight: number;
  readonly call: (index: number) => Promise<unknown>;
}

/** What is measured of a load: calls a second, median and 99th percentile in milliseconds. */
export const MEASURES = ['tps', 'p50', 'p99'] as const;

/** What a load came to. */
export type Measured = Readonly<Record<(typeof MEASURES)[number], number>>;

/** One load: throughput, median and 99th percentile. */
export async function measure(load: NamedLoad, durationMs: number): Promise<Measured> {
  say(load.name);
  const { callsPerSecond, durationsMs } = await runLoad({ ...load, durationMs });
  return {
    tps: callsPerSecond,
    p50: percentile(durationsMs, 0.5),
    p99: percentile(durationsMs, 0.99),
  };
}

/** Prints the three figures of a load. */
export function reportMeasured(
  target: Pick<BenchTarget, 'conditions' | 'network'>,
  measured: Measured & { readonly name: string; readonly conditions?: string },
): void {
  const more = measured.conditions ?? `after ${warmUpMs / 1000} s of warm-up`;
  for (const key of MEASURES) {
    report({
      name: `${measured.name}.${key}`,
      value: measured[key],
      unit: key === 'tps' ? 'tx/s' : 'ms',
      conditions: `${target.conditions}, ${more}`,
      network: target.network,
    });
  }
}

/** One asset written at 1, 16 and 64 in flight. */
export function submissionsOf(client: SdkClient, prefix: string): NamedLoad[] {
  return inFlights.map((inFlight) => {
    const name = `${prefix}.submit.${client.sdk}.${inFlight}`;
    return { name, inFlight, call: (index) => client.submit('put', `${name}-${index}`, 'value') };
  });
}

/** One asset read at 1, 16 and 64 in flight; the warm-up wrote it. */
export function evaluationsOf(client: SdkClient, prefix: string): NamedLoad[] {
  return inFlights.map((inFlight) => ({
    name: `${prefix}.evaluate.${client.sdk}.${inFlight}`,
    inFlight,
    call: () => client.evaluate('get', readKey),
  }));
}

async function benchMemory(target: BenchTarget, client: SdkClient): Promise<void> {
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
