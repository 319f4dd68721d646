import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(__dirname, '..');
const runner = join('tools', 'run.cjs');

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** Jest answers for those that hand it their words, Prettier for its own. */
const ofOthers = ['test', 'test:fabric', 'test:conformance', 'format'];
const names = Object.keys(scripts).filter((name) => !ofOthers.includes(name));

/** The built programs of the commands that have one. */
const programs = new Map(
  [
    ...readFileSync(join(root, runner), 'utf8').matchAll(
      /(\w+): function \(args\) \{\s+startProgram\('([^']+)'/g,
    ),
  ].map(([, name = '', file = '']) => [name, [file]]),
);
/** The rest is answered before anything is installed or built. */
const commands = new Map([
  ...names.map((name) => [name, programs.get(name) ?? [runner, name]] as const),
  ['procure', [join('client', 'bin', 'procure.cjs')]],
]);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, ...words: readonly string[]): Promise<Ended> {
  const [file = '', ...first] = commands.get(command) ?? [];
  const args = [join(root, file), ...first, ...words];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('the commands of the project', () => {
  test('are programs of their own, or are answered for by the runner', () => {
    expect([...programs.keys()].sort()).toEqual(
      ['bench', 'demo', 'fabric', 'identity', 'network', 'render', 'replay', 'start'].sort(),
    );
  });

  test.each([...commands.keys()])('%s prints its usage for --help', async (name) => {
    const { code, stdout, stderr } = await run(name, '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(name === 'start' ? /^npm start/ : new RegExp(`\\b${name}\\b`));
  });

  test.each([...commands.keys()])('%s names the word that it does not know', async (name) => {
    const { code, stdout, stderr } = await run(name, '--nonsense');
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('--nonsense');
    // A trace of calls tells nobody how a command is called.
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test.each(['fabric', 'identity', 'network', 'render', 'replay', 'bench', 'procure'])(
    '%s refuses a word that names nothing',
    async (name) => {
      const { code, stdout, stderr } = await run(name, 'nonsense');
      expect(code).toBeGreaterThan(0);
      expect(stdout).toBe('');
      expect(stderr).toContain('nonsense');
    },
  );

  test.each([
    ['replay', [], /npm run replay -- FOLDER/],
    ['replay', ['one', 'two'], /Name one folder/],
    ['render', [], /npm run render -- compose/],
    ['bench', ['bids', '--bids', '10,x'], /--bids takes whole numbers.*"x"/],
    ['test:fuzz', ['--cases', 'many'], /--cases takes a whole number/],
    ['test:crash', ['--rounds'], /--rounds takes a whole number/],
  ])('%s %j is told what is missing', async (name, words, text) => {
    const { code, stderr } = await run(name, ...words);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(text);
  });
});
