/** What a key folder pins of the organisations, each with the fingerprint seen at first. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { toBase64url } from '@procurement/protocol';
import { blockHeaderHash, FabricMessageError, readBlock } from '@procurement/protocol/fabric';
import { check, CheckFailed } from '../../check';
import { fingerprintOf } from '../../keys/certificate-facts';
import type { PinnedRoots } from '../../signing/roots';
import { UsageError } from '../usage-error';
import { readJson, replaceJson, replaceText } from '../files';

/** Fingerprints of an organisation's CA certificates, by MSP id; and of configurations. */
export type Fingerprints = Readonly<Record<string, readonly string[]>>;

const ROOT_ENDING = '.pem';
const BLOCK_ENDING = '.block';
/** Under this name the fingerprints of blocks stand; it is no organisation's id. */
const CONFIGURATION = 'configuration';
const FINGERPRINTS = 'fingerprints.json';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g;

/**
 * The CA certificates of a folder with one `<MSP id>.pem` for each organisation, got from that
 * organisation itself.
 * @throws {UsageError} where the folder holds none
 */
function readRoots(folder: string): PinnedRoots {
  const files = readdirSync(folder).filter((name) => name.endsWith(ROOT_ENDING));
  if (files.length === 0) throw new UsageError(`${folder} holds no <MSP id>${ROOT_ENDING}`);
  return Object.fromEntries(
    files.map((name) => {
      const certificates = readFileSync(join(folder, name), 'utf8').match(CERTIFICATE) ?? [];
      return [basename(name, ROOT_ENDING), [...certificates]];
    }),
  );
}

/**
 * Blocks of configuration in such a folder, `<name>.block`, serialised `common.Block`: they say who
 * has to sign the blocks of a channel that a Byzantine ordering service orders.
 */
function readConfigurations(folder: string): readonly Uint8Array[] {
  return blockFiles(folder).map((name) => readFileSync(join(folder, name)));
}

/** What a folder pins. */
export interface Pins {
  readonly roots: PinnedRoots;
  /** Serialised `common.Block`. */
  readonly configurations: readonly Uint8Array[];
}

/** Everything of a folder that somebody got from the organisations. @throws {UsageError} */
export function readPins(folder: string): Pins {
  return { roots: readRoots(folder), configurations: readConfigurations(folder) };
}

/**
 * Copies what is pinned into a folder and notes its fingerprints.
 * @returns what the person compares with what each organisation has published
 */
export async function pin(folder: string, pins: Pins): Promise<Fingerprints> {
  mkdirSync(folder, { recursive: true });
  const fingerprints = await fingerprintsOf(pins);
  for (const [mspId, certificates] of Object.entries(pins.roots)) {
    replaceText(join(folder, `${mspId}${ROOT_ENDING}`), certificates.join(''));
  }
  for (const [index, block] of pins.configurations.entries()) {
    writeFileSync(join(folder, `configuration-${index}${BLOCK_ENDING}`), block);
  }
  replaceJson(join(folder, FINGERPRINTS), fingerprints);
  return fingerprints;
}

/**
 * What a folder pins, each still as it was pinned.
 * @throws {CheckFailed} naming what is not
 */
export async function readPinned(folder: string): Promise<Pins> {
  const pins = readPins(folder);
  const pinned = readJson(join(folder, FINGERPRINTS)) as Fingerprints;
  const found = await fingerprintsOf(pins);
  for (const name of new Set([...Object.keys(pinned), ...Object.keys(found)])) {
    const isSame = JSON.stringify(pinned[name]) === JSON.stringify(found[name]);
    const what = name === CONFIGURATION ? 'configuration' : `root of ${name}`;
    check(isSame, `the ${what} in ${folder} is not the one that was pinned`);
  }
  return pins;
}

/** Fingerprints of what is pinned, for people to compare. */
export async function fingerprintsOf({ roots, configurations }: Pins): Promise<Fingerprints> {
  const entries = await Promise.all(
    Object.entries(roots).map(
      async ([mspId, certificates]) =>
        [mspId, await Promise.all(certificates.map(fingerprintOf))] as const,
    ),
  );
  const blocks = await Promise.all(configurations.map(blockFingerprint));
  return {
    ...Object.fromEntries(entries),
    ...(blocks.length === 0 ? {} : { [CONFIGURATION]: blocks }),
  };
}

/** Number and hash of a block, as `procure verify` prints that of the first one. */
async function blockFingerprint(bytes: Uint8Array): Promise<string> {
  const { header } = blockOf(bytes);
  return `block ${header.number} ${toBase64url(await blockHeaderHash(header))}`;
}

/** @throws {CheckFailed} */
function blockOf(bytes: Uint8Array): ReturnType<typeof readBlock> {
  try {
    return readBlock(bytes);
  } catch (error) {
    if (!(error instanceof FabricMessageError)) throw error;
    throw new CheckFailed(`a file *${BLOCK_ENDING} that is pinned holds no block`);
  }
}

function blockFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(BLOCK_ENDING))
    .sort();
}
