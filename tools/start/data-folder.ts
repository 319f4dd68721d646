import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataFolder, DataFolderError } from '@procurement/network';
import { networkFolderOf } from './network-process';
import { SettingError } from './settings';

/** Lies in every folder of ours and tells its layout. */
const markName = 'procurement-ledger.json';
const layout = 1;

/**
 * Makes the folder of a system, or takes the one that an earlier start made.
 * @throws {SettingError} where it cannot be used; the message says why and what to do
 */
export async function prepareFolder(folder: string): Promise<void> {
  if (!(await isFolder(folder))) await make(folder);
  const mark = await readMark(folder);
  if (mark === undefined) {
    await refuseForeign(folder);
    await writeFile(join(folder, markName), `${JSON.stringify({ layout })}\n`).catch(
      unusable(folder),
    );
    return;
  }
  if (mark === layout) return;
  throw new SettingError(
    `The data folder ${folder} has the layout ${mark}, but this version reads ${layout}. ` +
      'Set PROCUREMENT_DATA to another folder, or run the version that wrote it.',
  );
}

/**
 * Removes everything that a system of ours left in a folder; a folder that is not there is empty.
 * @throws {SettingError} where it holds something else, or a system is running on it
 */
export async function emptyFolder(folder: string): Promise<void> {
  if (!(await isFolder(folder))) return;
  if ((await readMark(folder)) === undefined) {
    await refuseForeign(folder);
    return;
  }
  const lock = await lockNetwork(folder);
  for (const name of await readdir(folder)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
  await lock?.release();
}

/** Takes the network's folder, so that nothing is removed under a system that runs. */
async function lockNetwork(folder: string): Promise<DataFolder | undefined> {
  try {
    return await DataFolder.open(networkFolderOf(folder));
  } catch (error) {
    if (!(error instanceof DataFolderError)) throw error;
    if (error.code === 'FOLDER_IN_USE') throw new SettingError(error.message);
    // Nobody runs on a folder that cannot be read, and to empty it is the way out.
    return undefined;
  }
}

/** Whether a folder is there; throws where something else is. */
async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    return unusable(path)(error);
  });
  if (found === undefined || found.isDirectory()) return found !== undefined;
  throw new SettingError(
    `The data folder ${path} is a file. Set PROCUREMENT_DATA to a folder, or to a new one.`,
  );
}

/**
 * One level at a time: where a file system refuses with "no such file", as /proc does, Node's own
 * recursive mkdir never comes to an end.
 */
async function make(folder: string): Promise<void> {
  const above = dirname(folder);
  if (above !== folder && !existsSync(above)) await make(above);
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!(hasCode(error, 'EEXIST') && existsSync(folder))) unusable(folder)(error);
  });
}

/** @returns the layout that the mark tells; undefined where there is no mark */
async function readMark(folder: string): Promise<number | string | undefined> {
  const text = await readFile(join(folder, markName), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const found = (JSON.parse(text) as { layout?: unknown }).layout;
    return typeof found === 'number' ? found : 'unknown';
  } catch {
    return 'unknown';
  }
}

async function refuseForeign(folder: string): Promise<void> {
  const names: string[] = await readdir(folder).catch(unusable(folder));
  if (names.length === 0) return;
  throw new SettingError(
    `The data folder ${folder} holds other files and no ledger of ours, so nothing was touched. ` +
      'Set PROCUREMENT_DATA to an empty folder, or to a new one.',
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function unusable(folder: string): (error: unknown) => never {
  return (error) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new SettingError(
      `The data folder ${folder} cannot be used (${why}). Make it writable, or set ` +
        'PROCUREMENT_DATA to another folder.',
    );
  };
}
