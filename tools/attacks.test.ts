/** The table of attacks is complete, and the settings that it names are as it says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { topology } from '@procurement/network/topologies/procurement';
import { ESLint, Linter } from 'eslint';

const root = join(__dirname, '..');
const FIRST = 1;
const LAST = 63;
/** They come with the read model. */
const LATER = [12, 27];

interface Row {
  readonly number: number;
  readonly countermeasure: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

const rows: readonly Row[] = read('docs/ATTACKS.md')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => /^\d+$/.test(cells[1] ?? ''))
  .map(([, number, , countermeasure = '', tests = '']) => ({
    ...{ number: Number(number), countermeasure, tests: testsIn(tests) },
  }));

/** `file` "title" "title" `file` "title" */
function testsIn(cell: string): { file: string; title: string }[] {
  let file = '';
  return [...cell.matchAll(/`([^`]+)`|"([^"]+)"/g)].flatMap(([, path, title]) => {
    if (path !== undefined) file = path;
    // Markdown would take two of these for emphasis.
    return title === undefined ? [] : [{ file, title: title.replaceAll('\\_', '_') }];
  });
}

/** Whether a title is the first word of a call or of a row of a table, or the title of a case. */
function names(source: string, title: string): boolean {
  const text = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/['"`]/g, '\\\\?[\'"`]');
  return new RegExp(`(?:[([]\\s*|title: )(['"\`])${text}\\1`).test(source);
}

describe('the table of attacks', () => {
  test('has a row for every number, once and in order', () => {
    const due = Array.from({ length: LAST - FIRST + 1 }, (_, index) => index + FIRST);
    expect(rows.map(({ number }) => number)).toEqual(due.filter((one) => !LATER.includes(one)));
  });

  test('names tests that there are', () => {
    const missing = rows.flatMap(({ number, tests }) =>
      tests
        .filter(({ file, title }) => !existsSync(join(root, file)) || !names(read(file), title))
        .map(({ file, title }) => `${number}: ${file} "${title}"`),
    );
    expect(missing).toEqual([]);
  });

  test('names one for every row, of a setting too where real peers must answer', () => {
    expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]);
    const ofPeers = rows.filter(({ countermeasure }) => countermeasure.startsWith('Real peers'));
    expect(ofPeers.map(({ number }) => number)).toEqual([6, 58]);
    for (const { tests } of ofPeers) {
      expect(tests.some(({ file }) => file === 'network/fabric/configuration.test.ts')).toBe(true);
    }
  });

  test('would tell a title that no test has', () => {
    expect(names("test('a title', () => {", 'a title')).toBe(true);
    expect(names("test('a title', () => {", 'a titl')).toBe(false);
    expect(names("// 'a title'", 'a title')).toBe(false);
  });
});

describe('the settings that it names', () => {
  test.each([
    ...['getQueryResult', 'getQueryResultWithPagination', 'getPrivateDataQueryResult'],
    ...['getPrivateData', 'getPrivateDataHash', 'putPrivateData', 'deletePrivateData'],
    ...['getTransient', 'invokeChaincode'],
  ])('lets no contract call %s', async (method) => {
    const file = 'chaincode/src/contracts/bid-contract.ts';
    const config = (await new ESLint({ cwd: root }).calculateConfigForFile(file)) as Linter.Config;
    const rule = config.rules?.['no-restricted-properties'];
    const found = new Linter().verify(`context.stub.${method}('x');`, [
      { rules: { 'no-restricted-properties': rule } },
    ] as Linter.Config[]);
    expect(found.map(({ ruleId, severity }) => [ruleId, severity])).toEqual([
      ['no-restricted-properties', 2],
    ]);
  });

  test('has no collections', () => {
    expect(topology.chaincodes.filter(({ collections }) => collections !== undefined)).toEqual([]);
  });

  test('asks whoever connects to a chaincode for a certificate', () => {
    expect(topology.chaincodes.map(({ tls }) => tls)).toEqual(['mutual']);
  });

  test('has the version of class-transformer that the framework works with', () => {
    const { overrides } = JSON.parse(read('package.json')) as { overrides: object };
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { version?: string }>;
    };
    const locked = Object.entries(packages).filter(([path]) => path.endsWith('/class-transformer'));
    const due = '0.4.0';
    expect(overrides).toMatchObject({ 'class-transformer': due });
    expect(locked.map(([, { version }]) => version)).toEqual([due]);
    const bundled = /overrides: \{ 'class-transformer': '([^']+)' \}/.exec(
      read('chaincode/bundle.cjs'),
    );
    expect(bundled?.[1]).toBe(due);
  });
});
