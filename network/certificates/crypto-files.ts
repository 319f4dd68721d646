import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A crypto folder that cannot be used; the message is one sentence naming the file. */
export class CryptoStoreError extends Error {
  override readonly name = 'CryptoStoreError';
}

const privateMode = 0o600;
const publicMode = 0o644;
const privateFolderMode = 0o700;

/** A file to write, its folders made when missing. */
export interface FileContent {
  readonly path: string;
  readonly text: string;
}

/** Writes a file that only its owner may read, replacing it in one step. */
export async function writePrivate(file: FileContent): Promise<void> {
  await replaceFile(file, privateMode);
}

/** Writes a file that everybody may read, replacing it in one step. */
export async function writePublic(file: FileContent): Promise<void> {
  await replaceFile(file, publicMode);
}

/** @throws CryptoStoreError naming the file when it is missing, unreadable or empty */
export async function readText(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const what = code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`;
    throw new CryptoStoreError(`the crypto file ${path} ${what}`, { cause: error });
  }
  if (text.trim() === '') throw new CryptoStoreError(`the crypto file ${path} is empty`);
  return text;
}

/** Makes a folder that only its owner may enter, with its parents. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: privateFolderMode });
}

async function replaceFile(file: FileContent, mode: number): Promise<void> {
  await mkdir(dirname(file.path), { recursive: true });
  const temporary = `${file.path}.tmp`;
  await rm(temporary, { force: true });
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
  const handle = await open(temporary, flags, mode);
  try {
    await handle.writeFile(file.text);
    // The ledger is synced to disk, and is worthless without the keys that signed it.
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file.path);
}
