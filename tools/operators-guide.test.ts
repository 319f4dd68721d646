import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(__dirname, '..');
const guide = readFileSync(join(root, 'docs', 'OPERATORS.md'), 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** Every command line of the guide, continued lines joined. */
const commands = [...guide.matchAll(/```\n([\s\S]*?)```/g)]
  .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
  .map((line) => line.trim())
  .filter((line) => line !== '');

const fabricBin = process.env['FABRIC_BIN'];
const tools = ['peer', 'osnadmin', 'configtxlator', 'configtxgen'];
const ofFabric = commands.filter((line) => tools.includes(line.split(' ')[0] ?? ''));

describe('the operator’s guide', () => {
  test('names commands of this repository that exist, with words that they know', () => {
    const own = commands.filter((line) => line.startsWith('npm run '));
    const sources: Readonly<Record<string, string>> = {
      identity: 'network/identity-source/command.ts',
      render: 'network/deploy/command.ts',
      fabric: 'tools/fabric/arguments.ts',
    };

    expect(own.length).toBeGreaterThan(6);
    for (const line of own) {
      const [, , script = ''] = line.split(' ');
      expect(manifest.scripts).toHaveProperty([script]);
      const source = readFileSync(join(root, sources[script] ?? ''), 'utf8');
      for (const [, option = ''] of line.matchAll(/ --([a-z-]+)/g))
        expect(source).toContain(option);
    }
  });

  test('is made of commands of this repository and of Fabric only', () => {
    const known = /^(npm run |peer |osnadmin |configtxlator |configtxgen )/;

    for (const line of commands) expect(line).toMatch(known);
  });

  const withFabric = fabricBin === undefined ? test.skip : test;
  withFabric('names commands and options of Fabric that exist (needs FABRIC_BIN)', () => {
    const folder = join(fabricBin ?? '', 'bin');
    const bin = existsSync(folder) ? folder : (fabricBin ?? '');

    expect(ofFabric.length).toBeGreaterThan(8);
    for (const line of ofFabric) {
      const [tool = '', ...words] = line.split(' ');
      const option = words.findIndex((word) => word.startsWith('-'));
      const verbs = words.slice(0, option).filter((word) => !/^\d/.test(word) && word !== 'config');
      const help = spawnSync(join(bin, tool), [...verbs, '--help'], {
        encoding: 'utf8',
        env: { ...process.env, FABRIC_CFG_PATH: join(fabricBin ?? '', 'config') },
      });
      const text = `${help.stdout}${help.stderr}`;
      for (const flag of words.filter((word) => word.startsWith('-'))) {
        expect([line, text]).toEqual([line, expect.stringMatching(new RegExp(`${flag}\\b`))]);
      }
    }
  });
});
