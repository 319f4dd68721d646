/** Officers' opening keys in their folders: encrypted, and destroyed after the opening. */
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fromBase64url, toBase64url } from '@procurement/protocol';
import { type OpeningKey, readOpeningKey } from '../../officer';
import { UsageError } from '../usage-error';
import { type Lock, readEncrypted, writeEncrypted } from './encrypted-file';
import type { KeyFolder } from './key-folder';

const KIND = 'opening-key';

/** Keeps a new opening key. One that is there already is not overwritten. */
export async function keepOpeningKey(
  folder: KeyFolder,
  { secret, ...about }: OpeningKey,
  lock: Lock,
): Promise<void> {
  mkdirSync(folder.file('opening-keys'), { recursive: true, mode: 0o700 });
  const bytes = fromBase64url(secret);
  const file = fileOf(folder, about.tenderId);
  await writeEncrypted(file, { kind: KIND, about: { ...about }, bytes, lock });
  bytes.fill(0);
}

/** Whether there is an opening key for a tender. */
export function hasOpeningKey(folder: KeyFolder, tenderId: string): boolean {
  return existsSync(fileOf(folder, tenderId));
}

/**
 * The opening key for a tender.
 * @throws {UsageError} where there is none
 * @throws {PassphraseError | CheckFailed}
 */
export async function recallOpeningKey(
  folder: KeyFolder,
  tenderId: string,
  lock: Lock,
): Promise<OpeningKey> {
  requireKey(folder, tenderId);
  const { about, bytes } = await readEncrypted(fileOf(folder, tenderId), {
    ...{ kind: KIND, lock },
  });
  return readOpeningKey({ ...about, secret: toBase64url(bytes) });
}

/** Overwrites and removes an opening key. A copy elsewhere, or of the disk, it cannot reach. */
export function destroyOpeningKey(folder: KeyFolder, tenderId: string): void {
  requireKey(folder, tenderId);
  const file = fileOf(folder, tenderId);
  writeFileSync(file, Buffer.alloc(statSync(file).size), { flush: true });
  rmSync(file);
}

function requireKey(folder: KeyFolder, tenderId: string): void {
  if (hasOpeningKey(folder, tenderId)) return;
  throw new UsageError(`${folder.path} holds no opening key for ${tenderId}`);
}

function fileOf(folder: KeyFolder, tenderId: string): string {
  return folder.file('opening-keys', `${tenderId}.json`);
}
