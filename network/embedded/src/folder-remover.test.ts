import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { makePassingFolder, removePassingFolder } from './folder-remover';
import { awaitGone } from './test-support/gone-folder';

let parent: string;
let program: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'folder-remover-'));
  program = join(parent, 'main.js');
  const remover = JSON.stringify(join(__dirname, 'folder-remover.ts'));
  buildSync({
    stdin: {
      contents: `
        import { makePassingFolder } from ${remover};
        void makePassingFolder(process.argv[2]).then((folder) => process.send?.(folder));`,
      resolveDir: __dirname,
    },
    outfile: program,
    bundle: true,
    platform: 'node',
  });
});

afterAll(async () => {
  await rm(parent, { recursive: true, force: true });
});

test('a passing folder is gone when it is removed, and others stay', async () => {
  const [one, two] = [await makePassingFolder('passing-'), await makePassingFolder('passing-')];
  await removePassingFolder(one);
  expect([existsSync(one), existsSync(two)]).toEqual([false, true]);
  await removePassingFolder(two);
  expect(existsSync(two)).toBe(false);
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a passing folder is gone when its process ended by %s',
  async (signal) => {
    const child = fork(program, ['passing-'], { env: { ...process.env, TMPDIR: parent } });
    const [folder] = (await once(child, 'message')) as [string];
    await writeFile(join(folder, 'file'), 'content');
    const gone = awaitGone(folder);
    child.kill(signal);
    await gone;
    expect(existsSync(folder)).toBe(false);
  },
);
