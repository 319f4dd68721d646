import { readCommandLine, UsageError } from '@procurement/network/command/command-line';

/** What can be measured, in the order in which it is. */
export const parts = ['start', 'network', 'bids', 'cost'] as const;

/** One of {@link parts}. */
export type Part = (typeof parts)[number];

/** What `npm run bench` is asked to measure, and how. */
export interface BenchArguments {
  readonly wanted: readonly Part[];
  /** Connection profile of the network to measure in place of an embedded one. */
  readonly profile: string | undefined;
  readonly wallet: string | undefined;
  readonly user: string | undefined;
  readonly channel: string;
  readonly chaincode: string;
  /** Whether real Fabric is started, measured and compared. */
  readonly fabric: boolean;
  /** Whether an embedded network is measured in the same run too. */
  readonly compare: boolean;
  /** How long each figure of the network is measured. */
  readonly durationMs: number;
  /** Numbers of bids that `bids` submits and opens. */
  readonly bids: readonly number[];
  /** Size of the ledger that `cost` measures on. */
  readonly transactions: number;
}

/** Parts that run when none is named. */
const usual: readonly Part[] = ['start', 'network', 'bids'];

const usage = `npm run bench -- [${parts.join('] [')}] …

Measures and prints one JSON object a line; what it does goes to the error stream. Without a name
it measures ${usual.join(', ')}.

  start                  from the command to the first committed transaction
  network                throughput, latency and memory of an embedded network, or:
    --fabric             of real Fabric (FABRIC_BIN), and of an embedded network by turns
    --profile FILE       of the network of this connection profile
      --wallet DIR --user NAME --channel NAME --chaincode NAME
                         as whom, and what, is called there
      --compare          and of an embedded network by turns
    --duration-ms N      how long each figure is measured (default 8000)
  bids                   seals, checks, hands in and opens bids
    --bids N,N…          so many (default 10,100,1000)
  cost                   what a transaction costs on a long ledger
    --transactions N     its length (default 100000)`;

/**
 * Reads the words after `npm run bench --`.
 * @throws UsageError
 */
export function readArguments(args: readonly string[]): BenchArguments {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = readCommandLine(args, {
    allowPositionals: true,
    options: {
      ...{ profile: text, wallet: text, user: text, fabric: flag, compare: flag },
      channel: { type: 'string', default: 'procurement' },
      chaincode: { type: 'string', default: 'asset' },
      'duration-ms': { type: 'string', default: '8000' },
      bids: { type: 'string', default: '10,100,1000' },
      transactions: { type: 'string', default: '100000' },
    },
    usage,
  });
  const { profile, wallet, user, channel, chaincode, fabric, compare } = values;
  const named = positionals.map(partOf);
  return {
    ...{ profile, wallet, user, channel, chaincode, fabric, compare },
    wanted: named.length > 0 ? parts.filter((part) => named.includes(part)) : usual,
    durationMs: numberOf('--duration-ms', values['duration-ms']),
    bids: values.bids.split(',').map((count) => numberOf('--bids', count)),
    transactions: numberOf('--transactions', values.transactions),
  };
}

function partOf(word: string): Part {
  const part = parts.find((one) => one === word);
  if (part) return part;
  throw new UsageError(`There is nothing called ${word} to measure.\n\n${usage}`);
}

function numberOf(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`${option} takes whole numbers from 1 on, not "${text}".\n\n${usage}`);
}
