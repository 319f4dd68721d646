/** The organisations' roots that a key folder pins, each with the fingerprint seen at first. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { check } from '../../check';
import { fingerprintOf } from '../../keys/certificate-facts';
import type { PinnedRoots } from '../../signing/roots';
import { UsageError } from '../usage-error';
import { readJson, replaceJson, replaceText } from '../files';

/** Fingerprints of an organisation's CA certificates, by MSP id. */
export type Fingerprints = Readonly<Record<string, readonly string[]>>;

const ROOT_ENDING = '.pem';
const FINGERPRINTS = 'fingerprints.json';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g;

/**
 * The CA certificates of a folder with one `<MSP id>.pem` for each organisation, got from that
 * organisation itself.
 * @throws {UsageError} where the folder holds none
 */
export function readRoots(folder: string): PinnedRoots {
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
 * Copies roots into a folder and notes their fingerprints.
 * @returns what the person compares with what each organisation has published
 */
export async function pinRoots(folder: string, roots: PinnedRoots): Promise<Fingerprints> {
  mkdirSync(folder, { recursive: true });
  const fingerprints = await fingerprintsOf(roots);
  for (const [mspId, certificates] of Object.entries(roots)) {
    replaceText(join(folder, `${mspId}${ROOT_ENDING}`), certificates.join(''));
  }
  replaceJson(join(folder, FINGERPRINTS), fingerprints);
  return fingerprints;
}

/**
 * The roots of a folder, each still the one that was pinned.
 * @throws {CheckFailed} naming the organisation
 */
export async function readPinnedRoots(folder: string): Promise<PinnedRoots> {
  const roots = readRoots(folder);
  const pinned = readJson(join(folder, FINGERPRINTS)) as Fingerprints;
  const found = await fingerprintsOf(roots);
  for (const mspId of new Set([...Object.keys(pinned), ...Object.keys(found)])) {
    const isSame = JSON.stringify(pinned[mspId]) === JSON.stringify(found[mspId]);
    check(isSame, `the root of ${mspId} in ${folder} is not the one that was pinned`);
  }
  return roots;
}

/** Fingerprints of roots, for people to compare. */
export async function fingerprintsOf(roots: PinnedRoots): Promise<Fingerprints> {
  const entries = Object.entries(roots).map(
    async ([mspId, certificates]) =>
      [mspId, await Promise.all(certificates.map(fingerprintOf))] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
