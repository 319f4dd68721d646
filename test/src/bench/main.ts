/**
 * `npm run bench`: measures and prints one JSON object a line; what it does goes to stderr.
 * `npm run bench -- network --profile FILE [--compare]` measures a network that runs already;
 * `npm run bench -- network --fabric` starts real Fabric, measures it, and then an embedded one.
 */
import { parseArgs } from 'node:util';
import { findNetwork } from './bench-target';
import { benchBids } from './bids-bench';
import { benchComparison } from './compare-bench';
import { benchCost } from './cost-bench';
import { benchGiven, benchNetwork } from './network-bench';
import { withRealFabric } from './native-target';
import { benchStart } from './start-bench';

const defaultDurationMs = 8_000;

const options = {
  /** Connection profile of the network to measure in place of an embedded one. */
  profile: { type: 'string' },
  wallet: { type: 'string' },
  user: { type: 'string' },
  channel: { type: 'string', default: 'procurement' },
  chaincode: { type: 'string', default: 'asset' },
  /** Whether real Fabric is started, measured and compared; its programs are in FABRIC_BIN. */
  fabric: { type: 'boolean', default: false },
  /** Whether an embedded network is measured in the same run too. */
  compare: { type: 'boolean', default: false },
  /** How long each figure of the network is measured. */
  'duration-ms': { type: 'string', default: String(defaultDurationMs) },
  /** Numbers of bids that `bids` submits and opens. */
  bids: { type: 'string', default: '10,100,1000' },
  /** Size of the ledger that `cost` measures on. */
  transactions: { type: 'string', default: '100000' },
} as const;

type Settings = ReturnType<typeof readArguments>['values'];

/** Parts that run when none is named. */
const usual = ['start', 'network', 'bids'];

const parts: Readonly<Record<string, (settings: Settings) => Promise<unknown>>> = {
  start: benchStart,
  network: measureNetwork,
  bids: (settings) => benchBids(settings.bids.split(',').map(Number)),
  cost: (settings) => benchCost(Number(settings.transactions)),
};

function readArguments() {
  const args = process.argv.slice(2).filter((word) => word !== '--');
  return parseArgs({ args, options, allowPositionals: true });
}

async function measureNetwork(settings: Settings): Promise<void> {
  const { profile, wallet, user, channel, chaincode } = settings;
  const durationMs = Number(settings['duration-ms']);
  if (settings.fabric) return withRealFabric((target) => benchComparison(target, durationMs));
  if (profile === undefined) return benchNetwork({ durationMs, batchTimeoutsMs: [10, 200] });
  const target = await findNetwork({ profile, wallet, user, channel, chaincode });
  await (settings.compare ? benchComparison : benchGiven)(target, durationMs);
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const unknown = positionals.find((word) => !Object.hasOwn(parts, word));
  if (unknown !== undefined) {
    throw new Error(`bench knows ${Object.keys(parts).join(', ')}, not ${unknown}`);
  }
  const wanted = positionals.length > 0 ? positionals : usual;
  for (const [name, run] of Object.entries(parts)) if (wanted.includes(name)) await run(values);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});
