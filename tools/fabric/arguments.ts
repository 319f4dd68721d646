import { resolve } from 'node:path';
import { readCommandLine, UsageError } from '@procurement/network/command/command-line';
import type { Consensus } from '@procurement/network/fabric/network-plan';

/** What `npm run fabric` is asked to do. */
export interface FabricArguments {
  readonly command: (typeof commands)[number];
  /** Absolute path of the network's folder. */
  readonly folder: string;
  /** Absent where not said: Raft, or what the folder has. */
  readonly consensus?: Consensus;
  /** First port; absent where not said. */
  readonly port?: number;
  /** Of the chaincode; absent where not said. */
  readonly version?: string;
  /** Remove the folder too. */
  readonly purge: boolean;
}

const commands = ['up', 'deploy', 'upgrade', 'status', 'down'] as const;
/** Ports up to this far above the first are used. */
const portSpan = 320;
const portMax = 65_535 - portSpan;

const usage = [
  'npm run fabric -- up [--bft] [--port FIRST]   start peers and ordering nodes, join the channel',
  'npm run fabric -- deploy                      start the chaincode and define it on the channel',
  'npm run fabric -- upgrade --version VERSION   the next version, while everything serves',
  'npm run fabric -- status                      each node, its height, the chaincode',
  'npm run fabric -- down [--purge]              stop everything; --purge removes the folder too',
  'Each takes --folder DIR (default ./data-fabric). FABRIC_BIN or PATH must lead to Fabric itself.',
].join('\n');

/**
 * Reads the words after `npm run fabric --`.
 * @throws UsageError
 */
export function readArguments(args: readonly string[]): FabricArguments {
  const { values, positionals } = readCommandLine(args, {
    allowPositionals: true,
    options: {
      folder: { type: 'string' },
      bft: { type: 'boolean' },
      port: { type: 'string' },
      version: { type: 'string' },
      purge: { type: 'boolean' },
    },
    usage,
  });
  const [word, more] = positionals;
  const command = commands.find((one) => one === word);
  if (command === undefined || more !== undefined) {
    throw new UsageError(`Unknown command ${positionals.join(' ')}.\n${usage}`);
  }
  if (command === 'upgrade' && values.version === undefined) {
    throw new UsageError(`upgrade needs --version.\n${usage}`);
  }
  return {
    command,
    folder: resolve(values.folder ?? 'data-fabric'),
    ...(values.bft === true && { consensus: 'bft' }),
    ...(values.port !== undefined && { port: portOf(values.port) }),
    ...(values.version !== undefined && { version: values.version }),
    purge: values.purge ?? false,
  };
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= portMax) return port;
  throw new UsageError(`--port is ${text}: it must be a port from 1 to ${portMax}.`);
}
