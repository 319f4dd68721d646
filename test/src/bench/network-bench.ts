import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report, say } from './report';
import { percentile, runLoad } from './load';
import { connectFabricGateway, connectFabricNetwork, type SdkClient } from './sdk-clients';
import { startAssetNetwork } from '../support/asset-network';

const inFlights = [1, 16, 64];
const rssTransactions = 10_000;
const warmUpMs = 2_000;

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
    `${batchTimeoutMs} ms batches, client on the same 2 cores`;
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
  await runLoad({
    inFlight: 16,
    durationMs: warmUpMs,
    call: (index) => client.submit('put', `warm-${client.sdk}-${index}`, 'value'),
  });
}

async function benchSubmit(bench: {
  client: SdkClient;
  prefix: string;
  conditions: string;
  durationMs: number;
}): Promise<void> {
  const { client, prefix, conditions } = bench;
  for (const inFlight of inFlights) {
    const name = `${prefix}.submit.${client.sdk}.${inFlight}`;
    say(name);
    const result = await runLoad({
      inFlight,
      durationMs: bench.durationMs,
      call: (index) => client.submit('put', `${name}-${index}`, 'value'),
    });
    report({ name: `${name}.tps`, value: result.callsPerSecond, unit: 'tx/s', conditions });
    for (const [suffix, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const value = percentile(result.durationsMs, share);
      report({ name: `${name}.${suffix}`, value, unit: 'ms', conditions });
    }
  }
}

async function benchEvaluate(bench: {
  client: SdkClient;
  conditions: string;
  durationMs: number;
}): Promise<void> {
  const { client, conditions } = bench;
  await client.submit('put', 'read-me', 'value');
  for (const inFlight of inFlights) {
    const name = `network.evaluate.${client.sdk}.${inFlight}`;
    say(name);
    const result = await runLoad({
      inFlight,
      durationMs: bench.durationMs,
      call: () => client.evaluate('get', 'read-me'),
    });
    report({ name: `${name}.tps`, value: result.callsPerSecond, unit: 'tx/s', conditions });
    for (const [suffix, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const value = percentile(result.durationsMs, share);
      report({ name: `${name}.${suffix}`, value, unit: 'ms', conditions });
    }
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
