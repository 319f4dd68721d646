import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DataFolder } from './data-folder';

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'data-folder-'));
});

afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

describe('a data folder', () => {
  test('is made on the first start and opened again after its release', async () => {
    const path = join(parent, 'a', 'b');
    const first = await DataFolder.open(path);
    await first.release();
    const second = await DataFolder.open(path);
    await second.release();
    expect(second.at('peers', 'x')).toBe(join(path, 'peers', 'x'));
  });

  test('is refused while it is held, naming the process that holds it', async () => {
    const held = await DataFolder.open(parent);
    await expect(DataFolder.open(parent)).rejects.toMatchObject({
      name: 'DataFolderError',
      code: 'FOLDER_IN_USE',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    await held.release();
  });

  test('of another format is refused and left alone', async () => {
    await writeFile(join(parent, 'FORMAT'), 'embedded-network 99\n');
    await expect(DataFolder.open(parent)).rejects.toMatchObject({
      code: 'FOLDER_FORMAT',
      message: expect.stringContaining('embedded-network 99'),
    });
  });

  test('that is a file is refused', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    await expect(DataFolder.open(file)).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  });
});
