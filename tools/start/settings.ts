import { dirname, extname, join, resolve } from 'node:path';
import { readCommandLine } from '@procurement/network/command/command-line';

/** What a start is told by its environment and its arguments. */
export interface StartSettings {
  /** The one folder that holds everything the running system keeps. */
  readonly folder: string;
  /** Port of the gateway's HTTP server on 127.0.0.1; the second gateway has the next one. */
  readonly httpPort: number;
  /** First of the network's ports: the orderer; peers and chaincodes follow. */
  readonly networkPort: number;
  /**
   * Connection profile, or folder of them, of a network that runs already; absent = an embedded one
   * is started.
   */
  readonly profile?: string;
  /** Begin with an empty folder. */
  readonly fresh: boolean;
  /** Run a demonstration tender where the folder has none yet. */
  readonly demonstration: boolean;
}

/** A setting that cannot be used; the message says which and what it takes. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

const usage = `npm start                the whole system, and what \`npm run demo\` shows once
npm start -- --fresh     begins with an empty folder
npm start -- --no-demo   starts without a demonstration

Ctrl-C stops everything. README.md has the variables that set folder, ports and the rest.`;

const PORT_MAX = 65_535;
/**
 * Read by the chaincode processes, which can say what is wrong with them in their logs only. Short
 * enough to watch; without these settings the chaincode asks for days.
 */
const watchablePeriods = { PROCUREMENT_MIN_BIDDING_MS: '1000', PROCUREMENT_MIN_GRACE_MS: '500' };
/** The network's last port is this far above its first one. */
const NETWORK_PORT_SPAN = 20;

/**
 * Reads the settings of a start.
 * @param environment the process environment
 * @param args the words after the command
 * @throws {UsageError} on an unknown word
 * @throws {SettingError} on a port that is none or a period that is none
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): StartSettings {
  const { values } = readCommandLine(args, {
    options: {
      fresh: { type: 'boolean', default: false },
      'no-demo': { type: 'boolean', default: false },
    },
    usage,
  });
  readPeriods(environment);
  const profile = environment['PROCUREMENT_PROFILE'];
  return {
    folder: resolve(environment['PROCUREMENT_DATA'] ?? 'data'),
    httpPort: port(environment, 'PROCUREMENT_HTTP_PORT', 8080, PORT_MAX - 1),
    networkPort: port(environment, 'PROCUREMENT_NETWORK_PORT', 7050, PORT_MAX - NETWORK_PORT_SPAN),
    ...(profile && { profile: resolve(profile) }),
    fresh: values.fresh,
    demonstration: !values['no-demo'],
  };
}

/** Folder of the network that a system runs on, with the people's keys and the roots in it. */
export function networkFolderOf({
  folder,
  profile,
}: Pick<StartSettings, 'folder' | 'profile'>): string {
  if (profile === undefined) return join(folder, 'network');
  return dirname(extname(profile) === '.json' ? dirname(profile) : profile);
}

/**
 * The periods that chaincode processes are told, which must be the same at all organizations.
 * @throws {SettingError} on a period that is none
 */
export function readPeriods(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(watchablePeriods).map(([name, fallback]) => {
      const text = environment[name] ?? fallback;
      checkPeriod(name, text);
      return [name, text];
    }),
  );
}

function port(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  fallback: number,
  max: number,
): number {
  const text = environment[name];
  if (text === undefined || text === '') return fallback;
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) {
    throw new SettingError(`${name} is ${text}: it must be a port from 1 to ${max}.`);
  }
  return value;
}

function checkPeriod(name: string, text: string): void {
  if (/^\d{1,12}$/.test(text)) return;
  throw new SettingError(`${name} is ${text}: it must be a whole number of milliseconds.`);
}
