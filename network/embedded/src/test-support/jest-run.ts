import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ProgramRun } from './program-run';

const root = resolve(__dirname, '../../../..');

/**
 * Runs a test file in a Jest of its own, with the configuration of this repository.
 * @param parts.folder where the file is written; made when missing
 */
export async function runJest(parts: { folder: string; source: string }): Promise<ProgramRun> {
  const { folder, source } = parts;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'sample.test.ts'), source);
  const changes = {
    rootDir: root,
    roots: [folder],
    reporters: ['default'],
    modulePaths: [join(root, 'node_modules')],
  };
  const configFile = join(folder, 'jest.config.cjs');
  const own = JSON.stringify(join(root, 'jest.config.cjs'));
  const config = `module.exports = { ...require(${own}), ...${JSON.stringify(changes)} };`;
  await writeFile(configFile, config);
  const program = join(root, 'node_modules/jest/bin/jest.js');
  return new ProgramRun(spawn(process.execPath, [program, '--config', configFile], { cwd: root }));
}
