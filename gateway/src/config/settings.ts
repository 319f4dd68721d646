import path from 'node:path';
import { z } from 'zod';
import { wholeNumber } from './whole-number';
import { requireBucket, storeEnvironment, storeSettings } from './store-settings';
import type { StoreSettings } from './store-settings';

/** What the gateway is told from outside, read once at the start and frozen. */
export interface Settings {
  readonly httpHost: string;
  /** 0 asks the system for a free port. */
  readonly httpPort: number;
  /** Absolute path of the data folder. */
  readonly dataFolder: string;
  /**
   * Absolute path of a connection profile, or of a folder of them, with a folder `wallet` beside
   * that folder; absent = those of the network in the data folder.
   */
  readonly profile?: string;
  /** Absolute path of the gateway's own wallet; absent = the one beside the profiles. */
  readonly wallet?: string;
  readonly ledgerAdapter: 'fabric-gateway' | 'fabric-network';
  readonly channel: string;
  readonly chaincode: string;
  readonly logLevel: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  readonly endorseTimeoutMs: number;
  readonly commitTimeoutMs: number;
  /** The gateway's address as its users know it; the request's own host where it is not set. */
  readonly publicUrl: string | undefined;
  /** Organisations whose peers say what became of a transaction: at least two. */
  readonly receiptOrganizations: readonly string[];
  /** How long after deadline and grace the gateway leaves the close of a tender to others. */
  readonly closeDelayMs: number;
  /** Wallet entries whose tokens the gateway signs for: machines, never people. Default: none. */
  readonly serviceAccounts: readonly string[];
  /** Where the gateway keeps sealed documents; undefined where it keeps none. */
  readonly store: StoreSettings | undefined;
  /** Largest request body. */
  readonly bodyLimitBytes: number;
}

/** Injection token of the {@link Settings}. */
export const SETTINGS = Symbol('Settings');

/** A setting has a value that cannot be used; the message names each one and what to set. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const BODY_LIMIT_BYTES = 256 * 1024;
const PORT_MAX = 65_535;
const COMMIT_TIMEOUT_MS = 60_000;
const ENDORSE_TIMEOUT_MS = 30_000;
const CLOSE_DELAY_MAX_MS = 24 * 3600 * 1000;

/** Names with commas between them. */
function names(
  fallback: string,
): z.ZodPipe<z.ZodDefault<z.ZodString>, z.ZodTransform<string[], string>> {
  return z
    .string()
    .default(fallback)
    .transform((text) => text.split(',').filter((name) => name !== ''));
}

const LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

const environmentSchema = z
  .object({
    ...storeEnvironment,
    PROCUREMENT_HTTP_HOST: z.string().min(1, 'must name an address').default('127.0.0.1'),
    PROCUREMENT_HTTP_PORT: wholeNumber(PORT_MAX, 8080),
    PROCUREMENT_DATA: z.string().min(1, 'must name a folder').default('data'),
    PROCUREMENT_PROFILE: z.string().min(1, 'must name a profile or a folder of them').optional(),
    PROCUREMENT_WALLET: z.string().min(1, 'must name a folder').optional(),
    PROCUREMENT_LEDGER_ADAPTER: z
      .enum(['fabric-gateway', 'fabric-network'], 'must be fabric-gateway or fabric-network')
      .default('fabric-gateway'),
    PROCUREMENT_CHANNEL: z.string().min(1, 'must name a channel').default('procurement'),
    PROCUREMENT_CHAINCODE: z.string().min(1, 'must name a chaincode').default('procurement'),
    PROCUREMENT_LOG_LEVEL: z.enum(LEVELS, `must be one of ${LEVELS.join(', ')}`).default('info'),
    PROCUREMENT_PUBLIC_URL: z
      .string()
      .regex(
        /^(?:https?:\/\/[^/]+)?$/,
        'must be an address without a path, such as https://gateway.example',
      )
      .optional(),
    PROCUREMENT_RECEIPT_ORGANIZATIONS: names('AuditorMSP,MinistryMSP').refine(
      (list) => new Set(list).size >= 2,
      'must name two organisations or more',
    ),
    PROCUREMENT_SERVICE_ACCOUNTS: names(''),
    PROCUREMENT_CLOSE_DELAY_MS: wholeNumber(CLOSE_DELAY_MAX_MS, 0),
    PROCUREMENT_ENDORSE_TIMEOUT_MS: wholeNumber(600_000, ENDORSE_TIMEOUT_MS),
    PROCUREMENT_COMMIT_TIMEOUT_MS: wholeNumber(600_000, COMMIT_TIMEOUT_MS),
  })
  .superRefine(requireBucket);

/**
 * Reads the settings from an environment.
 * @param environment as `process.env`
 * @throws SettingsError naming every variable that cannot be used, and what it must be
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `  ${issue.path.join('.')} ${issue.message}; unset it for the default`,
    );
    throw new SettingsError(`The gateway cannot start with these settings:\n${lines.join('\n')}`);
  }
  const values = parsed.data;
  return Object.freeze({
    httpHost: values.PROCUREMENT_HTTP_HOST,
    httpPort: values.PROCUREMENT_HTTP_PORT,
    dataFolder: path.resolve(values.PROCUREMENT_DATA),
    ...(values.PROCUREMENT_PROFILE !== undefined && {
      profile: path.resolve(values.PROCUREMENT_PROFILE),
    }),
    ...(values.PROCUREMENT_WALLET !== undefined && {
      wallet: path.resolve(values.PROCUREMENT_WALLET),
    }),
    ledgerAdapter: values.PROCUREMENT_LEDGER_ADAPTER,
    channel: values.PROCUREMENT_CHANNEL,
    chaincode: values.PROCUREMENT_CHAINCODE,
    logLevel: values.PROCUREMENT_LOG_LEVEL,
    endorseTimeoutMs: values.PROCUREMENT_ENDORSE_TIMEOUT_MS,
    commitTimeoutMs: values.PROCUREMENT_COMMIT_TIMEOUT_MS,
    publicUrl: values.PROCUREMENT_PUBLIC_URL === '' ? undefined : values.PROCUREMENT_PUBLIC_URL,
    receiptOrganizations: values.PROCUREMENT_RECEIPT_ORGANIZATIONS,
    closeDelayMs: values.PROCUREMENT_CLOSE_DELAY_MS,
    serviceAccounts: values.PROCUREMENT_SERVICE_ACCOUNTS,
    store: storeSettings(values, path.resolve(values.PROCUREMENT_DATA)),
    bodyLimitBytes: BODY_LIMIT_BYTES,
  });
}

/** The connection profile, or the folder of them, one `<MSPID>.json` per organisation. */
export function profilesPath(settings: Settings): string {
  return settings.profile ?? path.join(settings.dataFolder, 'network', 'profiles');
}

/** Folder of the wallet identities. */
export function walletFolder(settings: Settings): string {
  if (settings.wallet !== undefined) return settings.wallet;
  const profiles = profilesPath(settings);
  const folder = profiles.endsWith('.json') ? path.dirname(profiles) : profiles;
  return path.join(path.dirname(folder), 'wallet');
}

/** Folder of the tokens, which are the gateway's own, whoever made the identities. */
export function tokenFolder(settings: Settings): string {
  return settings.wallet ?? path.join(settings.dataFolder, 'network', 'wallet');
}
