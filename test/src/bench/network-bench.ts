import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report, say } from './report';
import { percentile, runLoad } from './load';
import { connectFabricGateway, connectFabricNetwork, type SdkClient } from './sdk-clients';
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

/** Throughput and latency of a minimal contract through both SDKs, and the network's memory. */
export async function benchNetwork(options: NetworkBenchOptions): Promise<void> {
  for (const batchTimeoutMs of options.batchTimeoutsMs) await benchBatch(batchTimeoutMs, options);
}

async function benchBatch(batchTimeoutMs: number, options: NetworkBenchOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-network-'));
  const network = await startAssetNetwork({ folder, batchTimeoutMs });
  const prefix = batchTimeoutMs === 10 ? 'network' : `network.batch${batchTimeoutMs}`;
  const conditions =
    `three organisations, one Node chaincode process each, majority endorsement, ` +
    `${batchTimeoutMs} ms batches, client on the same 2 cores, after ${warmUpMs / 1000} s of warm-up`;
  try {
    const clients = [connectFabricGateway(network), await connectFabricNetwork(network)];
    for (const client of clients) {
      await warmUp(client);
      await benchSubmit({ client, prefix, conditions, durationMs: options.durationMs });
      if (prefix === 'network') await benchEvaluate({ client, conditions, ...options });
    }
    if (prefix === 'network') await benchMemory(network.processId, clients[0], conditions);
    for (const client of clients) client.close();
  } finally {
    await network.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function warmUp(client: SdkClient): Promise<void> {
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
async function measure(bench: {
  readonly name: string;
  readonly inFlight: number;
  readonly durationMs: number;
  readonly conditions: string;
  readonly call: (index: number) => Promise<unknown>;
}): Promise<void> {
  const { name, conditions } = bench;
  say(name);
  const { callsPerSecond, durationsMs } = await runLoad(bench);
  report({ name: `${name}.tps`, value: callsPerSecond, unit: 'tx/s', conditions });
  report({ name: `${name}.p50`, value: percentile(durationsMs, 0.5), unit: 'ms', conditions });
  report({ name: `${name}.p99`, value: percentile(durationsMs, 0.99), unit: 'ms', conditions });
}

async function benchSubmit(bench: {
  client: SdkClient;
  prefix: string;
  conditions: string;
  durationMs: number;
}): Promise<void> {
  const { client, prefix, conditions, durationMs } = bench;
  for (const inFlight of inFlights) {
    const name = `${prefix}.submit.${client.sdk}.${inFlight}`;
    const call = (index: number): Promise<unknown> =>
      client.submit('put', `${name}-${index}`, 'value');
    await measure({ name, inFlight, durationMs, conditions, call });
  }
}

async function benchEvaluate(bench: {
  client: SdkClient;
  conditions: string;
  durationMs: number;
}): Promise<void> {
  const { client, conditions, durationMs } = bench;
  await client.submit('put', 'read-me', 'value');
  for (const inFlight of inFlights) {
    const name = `network.evaluate.${client.sdk}.${inFlight}`;
    const call = (): Promise<unknown> => client.evaluate('get', 'read-me');
    await measure({ name, inFlight, durationMs, conditions, call });
  }
}

async function benchMemory(
  processId: number,
  client: SdkClient | undefined,
  conditions: string,
): Promise<void> {
  if (client === undefined) return;
  say(`network.rss after ${rssTransactions} more transactions`);
  await runLoad({
    inFlight: 64,
    durationMs: Number.POSITIVE_INFINITY,
    countMax: rssTransactions,
    call: (index) => client.submit('put', `rss-${index}`, 'value'),
  });
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
  report({
    name: 'network.rss',
    value: kilobytes / 1024,
    unit: 'MB',
    conditions: `network process after at least ${rssTransactions} transactions, ${conditions}`,
  });
}
