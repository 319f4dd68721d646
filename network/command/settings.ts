import type { Compat } from '../topology';
import { readCommandLine, UsageError } from './command-line';

/** What the command prints for `--help`, and after what it does not understand. */
export const usage = `A Hyperledger Fabric network in one process, for anyone's chaincode.

  npm run network                        starts it: the preset "test-network", as Fabric's samples
                                         expect it, until Ctrl-C
    --topology FILE                      another network: a .json, or a .js that exports "topology"
    --batch-timeout-ms N                 longest wait before a block is closed (default 10)
    --base-port N                        orderer at N, peers from N + 1; 0 = any free ports
    --compat 2.5|3.1                     whose answers to give where Fabric's versions differ

  npm run network -- deploy --name NAME  brings a chaincode onto the running network, or a new
                                         version of it; one of:
    --path FOLDER                        starts the chaincode of this folder for every organization,
                                         until Ctrl-C
    --address [MSPID=]HOST:PORT          you start it yourself, to listen there
    --version V                          default 1.0
    --sequence N                         default: the next one when anything has changed
    --policy P                           who must endorse: a signature policy such as
                                         "OR('Org1MSP.peer','Org2MSP.peer')", or the path of a
                                         channel policy; default: a majority of organizations
    --collections FILE                   private data collections, in Fabric's JSON
    --label L                            label of the package, default NAME_V
    --init-required                      the chaincode must be initialized first (--isInit)

  npm run network -- status              where everything listens, heights and chaincodes

Each of them:
    --folder DIR                         where everything is kept (default data/test-network)
    --channel NAME                       default: the network's first (deploy, status)
`;

/** Where the network is kept when nothing else is said. */
export const defaultFolder = 'data/test-network';

/** How the network is started. */
export interface StartSettings {
  readonly command: 'start';
  readonly folder: string;
  /** Absent: the preset. */
  readonly topology: string | undefined;
  readonly batchTimeoutMs: number | undefined;
  readonly basePort: number | undefined;
  readonly compat: Compat | undefined;
}

/** What is deployed, and how its processes are reached. */
export interface DeploySettings {
  readonly command: 'deploy';
  readonly folder: string;
  readonly channel: string | undefined;
  readonly name: string;
  readonly version: string;
  readonly sequence: number | undefined;
  readonly policy: string | undefined;
  readonly collections: string | undefined;
  readonly label: string | undefined;
  readonly initRequired: boolean;
  readonly source: ChaincodeSource;
}

/** The folder of a chaincode to start, or where one listens. */
export type ChaincodeSource =
  | { readonly path: string }
  /** `byMspId` where each organization has a process of its own, else one serves all. */
  | { readonly address: string }
  | { readonly byMspId: ReadonlyMap<string, string> };

/** What is asked about. */
export interface StatusSettings {
  readonly command: 'status';
  readonly folder: string;
  readonly channel: string | undefined;
}

/** A command line. */
export type Settings =
  StartSettings | DeploySettings | StatusSettings | { readonly command: 'help' };

/**
 * Reads a command line.
 * @throws UsageError
 */
export function readSettings(args: readonly string[]): Settings {
  if (args.includes('--help') || args[0] === 'help') return { command: 'help' };
  const [command, ...rest] = args;
  if (command === undefined || command.startsWith('-')) return startSettings(args);
  if (command === 'start') return startSettings(rest);
  if (command === 'deploy') return deploySettings(rest);
  if (command === 'status') return statusSettings(rest);
  throw new UsageError(`There is no command "${command}".`);
}

const folder = { type: 'string', default: defaultFolder } as const;
const text = { type: 'string' } as const;

function startSettings(args: readonly string[]): StartSettings {
  const { values } = readCommandLine(args, {
    options: {
      folder,
      preset: text,
      topology: text,
      'batch-timeout-ms': text,
      'base-port': text,
      compat: text,
    },
  });
  checkPreset(values);
  return {
    command: 'start',
    folder: values.folder,
    topology: values.topology,
    batchTimeoutMs: wholeNumber('--batch-timeout-ms', values['batch-timeout-ms'], 1),
    basePort: wholeNumber('--base-port', values['base-port'], 0),
    compat: compatOf(values.compat),
  };
}

function checkPreset(values: { preset?: string; topology?: string }): void {
  const { preset, topology } = values;
  if (preset === undefined) return;
  if (topology !== undefined) throw new UsageError('Give either --preset or --topology.');
  if (preset === 'test-network') return;
  throw new UsageError(`There is no preset "${preset}", only "test-network".`);
}

function compatOf(value: string | undefined): Compat | undefined {
  if (value === undefined || value === '2.5' || value === '3.1') return value;
  throw new UsageError(`--compat is 2.5 or 3.1, not "${value}".`);
}

function deploySettings(args: readonly string[]): DeploySettings {
  const { values } = readCommandLine(args, {
    options: {
      folder,
      channel: text,
      name: text,
      version: { type: 'string', default: '1.0' },
      sequence: text,
      policy: text,
      collections: text,
      label: text,
      'init-required': { type: 'boolean', default: false },
      path: text,
      address: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.name === undefined) throw new UsageError('Name the chaincode: --name NAME.');
  return {
    command: 'deploy',
    folder: values.folder,
    channel: values.channel,
    name: values.name,
    version: values.version,
    sequence: wholeNumber('--sequence', values.sequence, 1),
    policy: values.policy,
    collections: values.collections,
    label: values.label,
    initRequired: values['init-required'],
    source: sourceOf(values.path, values.address),
  };
}

function sourceOf(path: string | undefined, addresses: readonly string[]): ChaincodeSource {
  if ((path === undefined) === (addresses.length === 0)) {
    throw new UsageError('Give either --path FOLDER or --address HOST:PORT.');
  }
  if (path !== undefined) return { path };
  const pairs = addresses.map(splitAddress);
  const [first] = pairs;
  if (pairs.length === 1 && first?.mspId === undefined) return { address: first?.address ?? '' };
  return {
    byMspId: new Map(
      pairs.map(({ mspId, address }) => {
        if (mspId !== undefined) return [mspId, address];
        throw new UsageError(`With several addresses each needs an MSPID=: ${address}.`);
      }),
    ),
  };
}

function splitAddress(value: string): { mspId?: string; address: string } {
  const found = /^(?:([A-Za-z0-9.-]+)=)?([^:=\s]+:\d{1,5})$/.exec(value);
  const [, mspId, address] = found ?? [];
  if (address === undefined) {
    throw new UsageError(`--address is [MSPID=]HOST:PORT, not "${value}".`);
  }
  return { address, ...(mspId !== undefined && { mspId }) };
}

function statusSettings(args: readonly string[]): StatusSettings {
  const { values } = readCommandLine(args, { options: { folder, channel: text } });
  return { command: 'status', channel: undefined, ...values };
}

function wholeNumber(name: string, value: string | undefined, min: number): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (number >= min) return number;
  throw new UsageError(`${name} is a whole number of at least ${String(min)}, not "${value}".`);
}
