import type { BenchArguments, Part } from './arguments';
import { findNetwork } from './bench-target';
import { benchBids } from './bids-bench';
import { benchComparison } from './compare-bench';
import { benchCost } from './cost-bench';
import { withRealFabric } from './native-target';
import { benchGiven, benchNetwork } from './network-bench';
import { benchStart } from './start-bench';

const measures: Readonly<Record<Part, (settings: BenchArguments) => Promise<unknown>>> = {
  start: benchStart,
  network: measureNetwork,
  bids: ({ bids }) => benchBids(bids),
  cost: ({ transactions }) => benchCost(transactions),
};

/** Measures what is wanted, one after the other, and prints each figure. */
export async function measureParts(settings: BenchArguments): Promise<void> {
  for (const part of settings.wanted) await measures[part](settings);
}

async function measureNetwork(settings: BenchArguments): Promise<void> {
  const { profile, wallet, user, channel, chaincode, durationMs } = settings;
  if (settings.fabric) return withRealFabric((target) => benchComparison(target, durationMs));
  if (profile === undefined) return benchNetwork({ durationMs, batchTimeoutsMs: [10, 200] });
  const target = await findNetwork({ profile, wallet, user, channel, chaincode });
  await (settings.compare ? benchComparison : benchGiven)(target, durationMs);
}
