import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { checkTopology } from '../topology-file/check-topology';
import { runJest } from '../embedded/src/test-support/jest-run';
import { ProgramRun } from '../embedded/src/test-support/program-run';
import { NetworkCommand } from './command.test-support';

const root = resolve(__dirname, '../..');

interface Block {
  /** The word after the backticks, and those after it. */
  readonly kind: string;
  readonly text: string;
}

const blocks: readonly Block[] = [
  ...readFileSync(join(__dirname, '../README.md'), 'utf8').matchAll(/^```(.*)\n([^]*?)^```$/gm),
].map(([, kind = '', text = '']) => ({ kind, text }));

function blockOf(kind: string): string {
  const [found, second] = blocks.filter((one) => one.kind === kind);
  if (!found || second) throw new Error(`the README has not one block "${kind}"`);
  return found.text;
}

/** What follows `npm run network` in the block that begins with it and `words`. */
function networkArgs(words: string): string[] {
  const lines = blocks.filter((one) => one.kind === 'sh').map((one) => one.text.trim());
  const line = lines.find(
    (one) => one === `npm run network${words}` || one.startsWith(`npm run network -- ${words}`),
  );
  if (line === undefined) throw new Error(`the README has no command "${words}"`);
  return line
    .split(' ')
    .slice(3)
    .filter((word) => word !== '--');
}

let command: NetworkCommand;

beforeAll(async () => {
  command = await NetworkCommand.build();
});

afterAll(async () => {
  await command.close();
});

/** Runs a program of the README on the network that the tests have started. */
function runProgram(kind: string): ProgramRun {
  const source = blockOf(kind).replaceAll('data/test-network', join(command.folder, 'network'));
  const file = join(command.folder, `${kind.replaceAll(' ', '-')}.js`);
  buildSync({
    stdin: { contents: source, loader: 'ts' },
    outfile: file,
    format: 'cjs',
    platform: 'node',
  });
  const env = { ...process.env, NODE_PATH: join(root, 'node_modules') };
  return new ProgramRun(spawn(process.execPath, [file], { cwd: root, env }));
}

test('every block of the README is run here, but those marked as text', () => {
  const kinds = [...new Set(blocks.map((one) => one.kind))].sort();
  expect(kinds).toEqual([
    '',
    'json topology',
    'sh',
    'text',
    'ts client',
    'ts fabric-network',
    'ts test',
  ]);
  const commands = blocks.filter((one) => one.kind === 'sh').map((one) => one.text);
  expect(commands).toHaveLength(3);
});

test('the topology of the README holds together', () => {
  expect(checkTopology(JSON.parse(blockOf('json topology')))).toMatchObject({ channel: 'trade' });
});

describe('the session of the README', () => {
  test('starts, deploys, tells the status and serves both client libraries', async () => {
    const network = command.run([...networkArgs(''), '--base-port', '0']);
    await network.printed('Ctrl-C stops the network');
    const chaincode = command.run(networkArgs('deploy'));
    await chaincode.printed('It runs until Ctrl-C.');
    const status = command.run(networkArgs('status'));
    expect(await status.ended).toBe(0);
    expect(status.output).toContain('Chaincode generic 1.0 (sequence 1):');

    for (const kind of ['ts client', 'ts fabric-network']) {
      const client = runProgram(kind);
      const printed = expect.stringMatching(/^value$/m);
      expect([kind, await client.ended, client.output]).toEqual([kind, 0, printed]);
    }
    expect(await chaincode.interrupt()).toBe(0);
    expect(await network.interrupt()).toBe(0);
  });
});

describe('the test of the README', () => {
  test('passes', async () => {
    const folder = join(command.folder, 'sample');
    const run = await runJest({ folder, source: blockOf('ts test') });
    expect([await run.ended, run.output]).toEqual([
      0,
      expect.stringContaining('✓ what is put can be read'),
    ]);
  });
});
