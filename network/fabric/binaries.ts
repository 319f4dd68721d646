import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Compat } from '../topology';

const run = promisify(execFile);

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
export async function findBinaries(environment: Environment): Promise<FabricBinaries> {
  const found = new Map(programs.map((name) => [name, findProgram(environment, name)]));
  const ccaasFolder = findBuilder(environment, found.get('peer'));
  const missing = programs.filter((name) => found.get(name) === undefined).map(String);
  if (ccaasFolder === undefined) missing.push('the ccaas builder (builders/ccaas/bin)');
  if (missing.length > 0 || ccaasFolder === undefined) {
    const where = environment['FABRIC_BIN'] ? `FABRIC_BIN (${environment['FABRIC_BIN']})` : 'PATH';
    throw new FabricBinariesError(
      `These programs of Fabric are not in ${where}: ${missing.join(', ')}. ${whereToGet}`,
    );
  }
  const paths = Object.fromEntries(found) as Record<Program, string>;
  return { ...paths, ccaasFolder, ...(await versionOf(paths)) };
}

/** Whether any program of Fabric is named by FABRIC_BIN or found in PATH. */
export function hasBinaries(environment: Environment): boolean {
  return (
    Boolean(environment['FABRIC_BIN']) ||
    programs.some((name) => findProgram(environment, name) !== undefined)
  );
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
function findBuilder(environment: Environment, peer: string | undefined): string | undefined {
  const roots = [environment['FABRIC_BIN'], peer && dirname(dirname(peer)), peer && dirname(peer)];
  return roots
    .filter((root): root is string => Boolean(root))
    .map((root) => join(resolve(root), 'builders', 'ccaas'))
    .find((folder) => builderPrograms.every((name) => existsSync(join(folder, 'bin', name))));
}

async function versionOf(
  paths: Record<Program, string>,
): Promise<{ version: string; fabric: Compat }> {
  const [peer, orderer] = await Promise.all([askVersion(paths.peer), askVersion(paths.orderer)]);
  if (peer !== orderer) {
    throw new FabricBinariesError(
      `The peer is of Fabric ${peer}, but the orderer of ${orderer}. Take both from one release.`,
    );
  }
  return { version: peer, fabric: generationOf(peer) };
}

async function askVersion(file: string): Promise<string> {
  const { stdout } = await run(file, ['version']).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new FabricBinariesError(
      `${file} does not run here: ${why}. Take the release for this system. ${whereToGet}`,
      { cause: error },
    );
  });
  const version = /Version:\s*v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version !== undefined) return version;
  throw new FabricBinariesError(`${file} does not tell its version. ${whereToGet}`);
}

function generationOf(version: string): Compat {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 2 && minor === 5) return '2.5';
  if (major === 3 && minor >= 1) return '3.1';
  throw new FabricBinariesError(
    `Fabric ${version} is not supported: take 2.5 (the long-term release) or 3.1. ${whereToGet}`,
  );
}
