import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** The shape of the repository itself, as far as no other tool checks it. */
const root = join(__dirname, '..');
const lineLengthMax = 100;

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const sources = tracked.filter((file) => /\.(ts|cjs|mjs|js)$/.test(file));
const typescript = sources.filter((file) => file.endsWith('.ts'));
const production = typescript.filter((file) => !/\.test\.ts$|test-support|^test\//.test(file));

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function placesOf(files: readonly string[], isWrong: (line: string) => boolean): string[] {
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (isWrong(line) ? [`${file}:${index + 1}`] : [])),
  );
}

describe('the repository', () => {
  test(`has no line of code longer than ${lineLengthMax} columns`, () => {
    // An address, the title of a test and a literal on a line of its own cannot be broken.
    const cannotBreak = (line: string): boolean =>
      /https?:\/\/|^\s*(test|describe)\(|^\s*([/'"`]).*\2[,;]?$/.test(line);
    const isTooLong = (line: string): boolean => line.length > lineLengthMax && !cannotBreak(line);
    expect(placesOf(sources, isTooLong)).toEqual([]);
  });

  test('names its files in kebab-case', () => {
    const names = typescript.filter(
      (file) => !/^[a-z0-9]+([.-][a-z0-9]+)*\.ts$/.test(basename(file)),
    );
    expect(names).toEqual([]);
  });

  test('leaves no test switched off and no test alone', () => {
    const tests = typescript.filter((file) => file.endsWith('.test.ts') && !file.includes('tidy'));
    expect(
      placesOf(tests, (line) => /\b(test|describe|it)\.only\b|\bx(test|it|describe)\(/.test(line)),
    ).toEqual([]);
  });

  test('has no note to a later self in the code', () => {
    const mark = new RegExp(`\\b(${['TO', 'DO|FIX', 'ME|X', 'XX'].join('')})\\b`);
    expect(placesOf(sources, (line) => mark.test(line))).toEqual([]);
  });

  test('sleeps in no test', () => {
    const tests = typescript.filter((file) => file.endsWith('.test.ts') && !file.includes('tidy'));
    const sleeps = /setTimeout\((resolve|done|r),|timers\/promises|\bsleep\(/;
    expect(placesOf(tests, (line) => sleeps.test(line))).toEqual([]);
  });

  test('describes every exported class, function and interface', () => {
    const undocumented = production.flatMap((file) => {
      const lines = read(file).split('\n');
      return lines.flatMap((line, index) => {
        const isExport = /^export (abstract )?(async )?(class|function|interface) /.test(line);
        return isExport && !isDocumented(lines, index) ? [`${file}:${index + 1}`] : [];
      });
    });
    expect(undocumented).toEqual([]);
  });

  test('gives every contract class at least one decorated transaction', () => {
    const contracts = typescript.filter((file) =>
      /^chaincode\/src\/contracts\/(?!procurement-)\w+-contract\.ts$/.test(file),
    );
    expect(contracts.length).toBeGreaterThan(0);
    expect(contracts.filter((file) => !/@(Transaction|Command|Query)\(/.test(read(file)))).toEqual(
      [],
    );
  });

  test('keeps the lock file free of hosts', () => {
    expect(read('package-lock.json')).not.toContain('"resolved": "http');
  });

  test('throws, documents and tests every reject code', () => {
    const codes = [...read('protocol/src/rejects.ts').matchAll(/^ {2}([A-Z][A-Z0-9_]+): /gm)].map(
      (match) => match[1] ?? '',
    );
    expect(codes.length).toBeGreaterThan(10);
    const code = (files: readonly string[]): string => files.map(read).join('\n');
    const thrown = code(production.filter((file) => !file.endsWith('protocol/src/rejects.ts')));
    const tested = code(typescript.filter((file) => file.endsWith('.test.ts')));
    const isMissing = (text: string) => (name: string) =>
      !new RegExp(`['"\`]${name}['"\`]`).test(text);
    expect({
      unthrown: codes.filter(isMissing(thrown)),
      untested: codes.filter(isMissing(tested)),
    }).toEqual({
      unthrown: [],
      untested: [],
    });
  });
});

/** A docstring ends on the line above, decorators passed over. */
function isDocumented(lines: readonly string[], index: number): boolean {
  for (let above = index - 1; above >= 0; above -= 1) {
    const line = (lines[above] ?? '').trim();
    if (line.endsWith('*/')) return true;
    if (!line.startsWith('@') && !line.startsWith(')') && !line.startsWith('}')) return false;
  }
  return false;
}
