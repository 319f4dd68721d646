import { connectFabricGateway, type SdkClient } from './sdk-clients';
import { runLoad } from './load';
import { warmUp, withEmbedded } from './network-bench';
import { processorMs, residentMegabytes } from './process-usage';
import { report, say } from './report';

const inFlight = 64;
/** Transactions over which a cost is averaged. */
const windowTransactions = 3_000;

interface Cost {
  readonly elapsedMs: number;
  readonly processorMs: number;
}

/**
 * What a transaction costs on a ledger of 1,000 transactions and on one of `transactions`, each
 * averaged over the 3,000 that follow: time and processor time of the network process.
 */
export async function benchCost(transactions: number): Promise<void> {
  await withEmbedded(10, async (target) => {
    const client = connectFabricGateway(target);
    const processId = target.processId ?? 0;
    try {
      await warmUp(client);
      const early = await costOf(client, processId, 'early');
      say(`${transactions} transactions`);
      await submitMany(client, 'between', transactions);
      const late = await costOf(client, processId, 'late');
      const conditions =
        `${inFlight} in flight, a new key each, average of ${windowTransactions} ` +
        `transactions, ${target.conditions}`;
      reportCost('1000', early, conditions);
      reportCost(String(transactions), late, conditions);
      const prefix = `network.cost.${transactions}`;
      const value = late.elapsedMs / early.elapsedMs;
      report({ name: `${prefix}.ratio`, value, unit: 'ratio', conditions });
      const processorRatio = late.processorMs / early.processorMs;
      const name = `${prefix}.processor.ratio`;
      report({ name, value: processorRatio, unit: 'ratio', conditions });
      const megabytes = await residentMegabytes(processId);
      report({ name: `network.rss.${transactions}`, value: megabytes, unit: 'MB', conditions });
    } finally {
      client.close();
    }
  });
}

function reportCost(at: string, cost: Cost, conditions: string): void {
  const name = `network.cost.${at}`;
  report({ name: `${name}.ms`, value: cost.elapsedMs, unit: 'ms', conditions });
  report({ name: `${name}.processor.ms`, value: cost.processorMs, unit: 'ms', conditions });
}

async function costOf(client: SdkClient, processId: number, name: string): Promise<Cost> {
  say(`cost of ${windowTransactions} transactions: ${name}`);
  const usedBefore = await processorMs(processId);
  const { callsPerSecond } = await submitMany(client, name, windowTransactions);
  const used = (await processorMs(processId)) - usedBefore;
  return { elapsedMs: 1000 / callsPerSecond, processorMs: used / windowTransactions };
}

function submitMany(client: SdkClient, name: string, count: number): ReturnType<typeof runLoad> {
  return runLoad({
    inFlight,
    durationMs: Number.POSITIVE_INFINITY,
    countMax: count,
    call: (index) => client.submit('put', `${name}-${index}`, 'value'),
  });
}
