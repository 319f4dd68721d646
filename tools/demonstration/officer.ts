import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOpeningKey, type OpeningKey } from '@procurement/client';

function keyFile(folder: string, name: { tenderId: string; seat: number }): string {
  return join(folder, name.tenderId, `seat-${name.seat}.key.json`);
}

/** Keeps an officer's opening key in a file that only its owner reads. */
export async function keepOpeningKey(folder: string, key: OpeningKey): Promise<void> {
  await mkdir(join(folder, key.tenderId), { recursive: true, mode: 0o700 });
  await writeFile(keyFile(folder, key), `${JSON.stringify(key)}\n`, { mode: 0o600 });
}

/** The opening key of a seat, as {@link keepOpeningKey} wrote it. */
export async function recallOpeningKey(
  folder: string,
  name: { readonly tenderId: string; readonly seat: number },
): Promise<OpeningKey> {
  return readOpeningKey(JSON.parse(await readFile(keyFile(folder, name), 'utf8')) as object);
}
