import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Compat } from '../topology';

/** The programs of Fabric that a native network runs, as absolute paths. */
export interface FabricBinaries {
  readonly peer: string;
  readonly orderer: string;
  readonly osnadmin: string;
  readonly configtxgen: string;
  /** Folder of the `ccaas` builder: `bin/detect`, `bin/build` and `bin/release` are in it. */
  readonly ccaasFolder: string;
  /** Such as `3.1.5`. */
  readonly version: string;
  readonly fabric: Compat;
}

/** Binaries that are not there or cannot be used: what is wrong, and what to do. */
export class FabricBinariesError extends Error {
  override readonly name = 'FabricBinariesError';
}

type Environment = Readonly<Record<string, string | undefined>>;

const programs = ['peer', 'orderer', 'osnadmin', 'configtxgen'] as const;
type Program = (typeof programs)[number];

const builderPrograms = ['detect', 'build', 'release'];

const whereToGet =
  'Official releases are at https://github.com/hyperledger/fabric/releases: unpack the archive ' +
  'hyperledger-fabric-<system>-<version> anywhere and set FABRIC_BIN to that folder.';

/**
 * Finds the binaries: FABRIC_BIN names a folder with `bin/` and `builders/ccaas/bin/`, as a release
 * unpacks to, or the folder of the binaries themselves; without it PATH is searched.
 * @throws FabricBinariesError naming each one that is missing, or a version that is not supported
 */
export function findBinaries(environment: Environment): FabricBinaries {
  const { paths, ccaasFolder, missing } = lookFor(environment);
  if (missing !== undefined) throw new FabricBinariesError(missing);
  return { ...paths, ccaasFolder, ...versionOf(paths) };
}

/** What is missing, and where to get it; undefined where everything is there. */
export function missingBinaries(environment: Environment): string | undefined {
  return lookFor(environment).missing;
}

/**
 * Refuses what a version of Fabric has not.
 * @throws FabricBinariesError for SmartBFT on 2.5
 */
export function checkBft({ version, fabric }: FabricBinaries): void {
  if (fabric !== '2.5') return;
  throw new FabricBinariesError(
    `SmartBFT came with Fabric 3.0, but these binaries are ${version}. Leave --bft out, or set ` +
      `FABRIC_BIN to a release of 3.1. ${whereToGet}`,
  );
}

function lookFor(environment: Environment): {
  paths: Record<Program, string>;
  ccaasFolder: string;
  missing?: string;
} {
  const found = programs.map((name) => [name, findProgram(environment, name) ?? ''] as const);
  const paths = Object.fromEntries(found) as Record<Program, string>;
  const ccaasFolder = findBuilder(environment, paths.peer) ?? '';
  const missing: string[] = found.filter(([, path]) => path === '').map(([name]) => name);
  if (ccaasFolder === '') missing.push('the ccaas builder (builders/ccaas/bin)');
  if (missing.length === 0) return { paths, ccaasFolder };
  const chosen = environment['FABRIC_BIN'];
  const where = chosen ? `FABRIC_BIN (${chosen})` : 'PATH';
  const text = `These programs of Fabric are not in ${where}: ${missing.join(', ')}. ${whereToGet}`;
  return { paths, ccaasFolder, missing: text };
}

function findProgram(environment: Environment, name: Program): string | undefined {
  return foldersOf(environment)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

function foldersOf(environment: Environment): readonly string[] {
  const chosen = environment['FABRIC_BIN'];
  if (chosen) return [join(resolve(chosen), 'bin'), resolve(chosen)];
  return (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** A release has `bin/` and `builders/` side by side. */
function findBuilder(environment: Environment, peer: string): string | undefined {
  const roots = [environment['FABRIC_BIN'], peer && dirname(dirname(peer)), peer && dirname(peer)];
  return roots
    .filter((root): root is string => Boolean(root))
    .map((root) => join(resolve(root), 'builders', 'ccaas'))
    .find((folder) => builderPrograms.every((name) => existsSync(join(folder, 'bin', name))));
}

function versionOf(paths: Record<Program, string>): { version: string; fabric: Compat } {
  const [peer, orderer] = [askVersion(paths.peer), askVersion(paths.orderer)];
  if (peer !== orderer) {
    throw new FabricBinariesError(
      `The peer is of Fabric ${peer}, but the orderer of ${orderer}. Take both from one release.`,
    );
  }
  return { version: peer, fabric: generationOf(peer) };
}

function askVersion(file: string): string {
  const version = /Version:\s*v?(\d+\.\d+\.\d+)/.exec(printedBy(file))?.[1];
  if (version !== undefined) return version;
  throw new FabricBinariesError(`${file} does not tell its version. ${whereToGet}`);
}

function printedBy(file: string): string {
  try {
    return execFileSync(file, ['version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FabricBinariesError(
      `${file} does not run here: ${why}. Take the release for this system. ${whereToGet}`,
      { cause: error },
    );
  }
}

function generationOf(version: string): Compat {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 2 && minor === 5) return '2.5';
  if (major === 3 && minor >= 1) return '3.1';
  throw new FabricBinariesError(
    `Fabric ${version} is not supported: take 2.5 (the long-term release) or 3.1. ${whereToGet}`,
  );
}
