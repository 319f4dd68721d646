import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import { runFile } from './support/product';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function runOn(version: string, words: readonly string[]): ReturnType<typeof spawnSync> {
  const preload = join(folder, `node-${version}.cjs`);
  writeFileSync(
    preload,
    'Object.defineProperty(process, "versions", ' +
      `{ value: Object.assign({}, process.versions, { node: "${version}" }) });`,
  );
  return spawnSync(process.execPath, ['-r', preload, runFile, ...words], { encoding: 'utf8' });
}

describe('the one way in', () => {
  test('is plain enough for any Node to read', () => {
    const languageOptions = { ecmaVersion: 5, sourceType: 'script' } as const;
    expect(new Linter().verify(readFileSync(runFile, 'utf8'), { languageOptions })).toEqual([]);
  });

  test.each(['0.12.18', '6.17.1', '18.20.8', '20.18.3'])(
    'tells Node %s which one is needed and ends',
    (version) => {
      const { status, stdout, stderr } = runOn(version, ['check']);
      expect({ status, stdout, stderr }).toEqual({
        status: 1,
        stdout: '',
        stderr:
          `This needs Node 20.19 or later; this is Node ${version}. ` +
          'Install a newer Node (https://nodejs.org) and run the same command again.\n',
      });
    },
  );

  test.each([[], ['strat']])('names its commands to %j', (...words) => {
    const { status, stderr } = runOn(process.versions.node, words);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Usage: node tools\/run\.cjs start \| demo( \| [a-z:]+)+\n$/);
  });
});
