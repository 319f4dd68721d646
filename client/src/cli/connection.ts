import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { ProcurementApi } from '../api';
import { ServiceApi } from '../service-api';
import { SignedApi } from '../signed-api';
import { UsageError } from './exit-code';
import { readIdentity, readRoots } from './identity';

/** Options that every command takes. */
export interface ConnectionOptions {
  readonly url: string;
  readonly identity?: string;
  readonly roots?: string;
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
    .option('--identity <file>', 'your certificate and key; signs here (PROCUREMENT_IDENTITY)')
    .option('--roots <folder>', 'CA certificates, <MSP id>.pem, to trust (PROCUREMENT_ROOTS)')
    .option('--token <token>', "a service account's token; others here see it while this runs")
    .option('--token-file <file>', "file with a service account's token (PROCUREMENT_TOKEN_FILE)");
}

/** Adds the options of a second gateway, which must tell the same committee. */
export function withWitness(command: Command): Command {
  return command
    .option('--witness-url <address>', "another organisation's gateway, to compare the committee")
    .option('--witness-token-file <file>', "file with a service account's token for it");
}

/**
 * The connection that the options describe: of a person, who signs here, or of a service account.
 * @throws {UsageError} where neither is told, or both
 */
export async function connect(
  options: ConnectionOptions,
  env: NodeJS.ProcessEnv,
): Promise<ProcurementApi> {
  const account = tokenOf(options);
  if (account !== undefined && options.identity !== undefined) {
    throw new UsageError('give either --identity, or the token of a service account');
  }
  const { url, identity = env['PROCUREMENT_IDENTITY'] } = options;
  if (account !== undefined) return new ServiceApi({ baseUrl: url, token: account });
  if (identity !== undefined) {
    return signedAt(url, { identity, roots: options.roots ?? env['PROCUREMENT_ROOTS'] });
  }
  const tokenFile = env['PROCUREMENT_TOKEN_FILE'];
  if (tokenFile === undefined) {
    throw new UsageError('your key is needed: --identity <file> --roots <folder>');
  }
  return new ServiceApi({ baseUrl: url, token: readToken(tokenFile) });
}

/** The token of a service account that the options name, if they do. */
function tokenOf({ token, tokenFile }: ConnectionOptions): string | undefined {
  if (token !== undefined && tokenFile !== undefined) {
    throw new UsageError('give either --token or --token-file');
  }
  return tokenFile === undefined ? token : readToken(tokenFile);
}

/**
 * The connection to the second gateway, if one is named.
 * @throws {UsageError} where only half of it is given
 */
export async function connectWitness(
  options: ConnectionOptions & WitnessOptions,
  env: NodeJS.ProcessEnv,
): Promise<ProcurementApi | undefined> {
  const { witnessUrl: baseUrl, witnessTokenFile } = options;
  if (baseUrl === undefined && witnessTokenFile === undefined) return undefined;
  const { identity = env['PROCUREMENT_IDENTITY'] } = options;
  if (baseUrl !== undefined && witnessTokenFile === undefined && identity !== undefined) {
    return signedAt(baseUrl, { identity, roots: options.roots ?? env['PROCUREMENT_ROOTS'] });
  }
  if (baseUrl === undefined || witnessTokenFile === undefined) {
    throw new UsageError('--witness-url and --witness-token-file belong together');
  }
  return new ServiceApi({ baseUrl, token: readToken(witnessTokenFile) });
}

async function signedAt(
  baseUrl: string,
  files: { readonly identity: string; readonly roots: string | undefined },
): Promise<ProcurementApi> {
  if (files.roots === undefined) {
    throw new UsageError('whom to trust is needed: --roots <folder>, one <MSP id>.pem each');
  }
  const signer = await readIdentity(files.identity);
  return new SignedApi({ baseUrl, signer, roots: readRoots(files.roots) });
}

function readToken(file: string): string {
  return readFileSync(file, 'utf8').trim();
}
