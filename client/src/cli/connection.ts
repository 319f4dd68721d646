import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { ProcurementApi } from '../api';
import { ServiceApi } from '../service-api';
import { UsageError } from './exit-code';

/** Options that every command takes. */
export interface ConnectionOptions {
  readonly url: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

/** Options that name a second gateway. */
export interface WitnessOptions {
  readonly witnessUrl?: string;
  readonly witnessTokenFile?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** Adds the options of a connection to a command. */
export function withConnection(command: Command, env: NodeJS.ProcessEnv): Command {
  return command
    .option('--url <address>', 'gateway (PROCUREMENT_URL)', env['PROCUREMENT_URL'] ?? DEFAULT_URL)
    .option('--token <token>', 'bearer token; others on this machine can see it while this runs')
    .option('--token-file <file>', 'file that holds the bearer token (PROCUREMENT_TOKEN_FILE)');
}

/** Adds the options of a second gateway, which must tell the same committee. */
export function withWitness(command: Command): Command {
  return command
    .option('--witness-url <address>', "another organisation's gateway, to compare the committee")
    .option('--witness-token-file <file>', 'file that holds the bearer token for it');
}

/**
 * The connection that the options describe.
 * @throws {UsageError} where there is no token, or two
 */
export function connect(options: ConnectionOptions, env: NodeJS.ProcessEnv): ProcurementApi {
  const { url, token, tokenFile = env['PROCUREMENT_TOKEN_FILE'] } = options;
  if (token !== undefined && options.tokenFile !== undefined) {
    throw new UsageError('give either --token or --token-file');
  }
  if (token !== undefined) return new ServiceApi({ baseUrl: url, token });
  if (tokenFile === undefined) {
    throw new UsageError('a token is needed: --token-file <file>, as it lies in the wallet folder');
  }
  return new ServiceApi({ baseUrl: url, token: readToken(tokenFile) });
}

/**
 * The connection to the second gateway, if one is named.
 * @throws {UsageError} where only half of it is given
 */
export function connectWitness(options: WitnessOptions): ProcurementApi | undefined {
  const { witnessUrl: baseUrl, witnessTokenFile } = options;
  if (baseUrl === undefined && witnessTokenFile === undefined) return undefined;
  if (baseUrl === undefined || witnessTokenFile === undefined) {
    throw new UsageError('--witness-url and --witness-token-file belong together');
  }
  return new ServiceApi({ baseUrl, token: readToken(witnessTokenFile) });
}

function readToken(file: string): string {
  return readFileSync(file, 'utf8').trim();
}
