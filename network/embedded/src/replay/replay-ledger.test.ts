import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeWithGolden, ledgerFolder } from '../test-support/golden';
import { RecordingError } from './recorded-ledger';
import type { RecordedBlock, RecordedEntry, RecordedPrivateData } from './recorded-ledger';
import { replayLedger } from './replay-ledger';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'altered-recording-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What the files of a recording hold, as far as the tests change it. */
interface Recording {
  blocks: RecordedBlock[];
  public: Record<string, RecordedEntry[]>;
  hashed: Record<string, unknown[]>;
  orgs: Record<string, RecordedPrivateData[]>;
  keys: Record<string, Record<string, unknown[]>>;
}

/** Changes a JSON file of the copy in place. */
async function alter(file: string, change: (content: Recording) => void): Promise<void> {
  const path = join(folder, file);
  const content = JSON.parse(await readFile(path, 'utf8')) as Recording;
  change(content);
  await writeFile(path, JSON.stringify(content));
}

/** Runs the program as `npm run replay` does. */
function runProgram(recording: string): Promise<{ code: number; output: string }> {
  const program = join(__dirname, '../../../dist/embedded/src/replay/main.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [program, recording], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

describeWithGolden('a replay of an altered recording', () => {
  beforeEach(async () => {
    await cp(ledgerFolder, folder, { recursive: true });
  });

  test('names the first transaction with another code', async () => {
    await alter('expected-blocks.json', ({ blocks }) => {
      for (const number of [40, 60]) {
        const [first] = blocks[number]!.transactions;
        Object.assign(first!, { code: 11 });
      }
    });
    const { difference } = await replayLedger(folder);
    expect(difference).toEqual({
      place: 'MinistryMSP, block 40, transaction 0 (policy not met (ministry+vendor))',
      what: 'validation code',
      expected: 'MVCC_READ_CONFLICT (11)',
      found: 'ENDORSEMENT_POLICY_FAILURE (10)',
    });
  });

  test('names the block with another commit hash', async () => {
    await alter('expected-blocks.json', ({ blocks }) => {
      Object.assign(blocks[33]!, { commitHash: '00' });
    });
    const { difference } = await replayLedger(folder);
    expect(difference).toMatchObject({ place: 'MinistryMSP, block 33', what: 'commit hash' });
    expect(difference?.expected).toBe('00');
  });

  test('names the key with another public value', async () => {
    let recorded = '';
    await alter('expected-state.json', (state) => {
      const entry = state.public['probe']!.find(({ key }) => key === hexOf('k0'))!;
      recorded = entry.value;
      Object.assign(entry, { value: 'ff' });
    });
    const { difference } = await replayLedger(folder);
    expect(difference?.place).toBe('MinistryMSP, final state, namespace probe, key "k0"');
    expect(difference?.expected).toMatch(/^value ff of block \d+, transaction \d+$/);
    expect(difference?.found).toBe(difference?.expected.replace('value ff', `value ${recorded}`));
  });

  test('names a hash that should have left with its collection’s time', async () => {
    const hash = { key: 'aa', value: 'bb', version: [67, 1] };
    await alter('expected-state.json', (state) => {
      state.hashed['probe$$hcollShort'] = [hash];
    });
    expect((await replayLedger(folder)).difference).toEqual({
      place: 'MinistryMSP, final state, namespace probe$$hcollShort, key aa',
      what: 'entry',
      expected: 'value bb of block 67, transaction 1',
      found: 'no such key',
    });
  });

  test('names the organization that lacks a private value', async () => {
    await alter('private-deliver.json', ({ orgs }) => {
      orgs['VendorMSP'] = orgs['VendorMSP']!.filter(({ block, tx }) => block !== 73 || tx !== 1);
    });
    const { difference } = await replayLedger(folder);
    expect(difference?.place).toBe(
      'VendorMSP, final state, namespace probe$$pcollVendorMinistry, key "p2"',
    );
    expect(difference?.expected).toContain('of block 73, transaction 1');
    expect(difference?.found).toContain('of block 57, transaction 2');
  });

  test('takes no private value that does not fit its hash', async () => {
    await alter('private-deliver.json', ({ orgs }) => {
      const data = orgs['MinistryMSP']!.find(({ block, tx }) => block === 73 && tx === 1)!;
      Object.assign(data.ns[0]!.collections[0]!.writes[0]!, { value: '00' });
    });
    const { difference } = await replayLedger(folder);
    expect(difference?.place).toContain('namespace probe$$pcollVendorMinistry, key "p2"');
    expect(difference?.found).not.toContain('value 00');
  });

  test('names a history with other changes', async () => {
    await alter('history.json', ({ keys }) => {
      keys['probe']!['k0']!.pop();
    });
    const { difference } = await replayLedger(folder);
    expect(difference).toMatchObject({
      place: 'MinistryMSP, history of probe, key "k0"',
      what: 'changes',
    });
  });

  test('ends the program with code 1 and one line for each side', async () => {
    await alter('expected-blocks.json', ({ blocks }) => {
      Object.assign(blocks[28]!.transactions[1]!, { code: 0 });
    });
    const { code, output } = await runProgram(folder);
    expect(code).toBe(1);
    expect(output).toContain(
      'First difference: MinistryMSP, block 28, transaction 1 ' +
        '(policy not met (ministry+vendor)): validation code\n  expected VALID (0)\n  found    ENDORSEMENT_POLICY_FAILURE (10)\n',
    );
  });

  test('ends the program with code 0 and a summary when nothing was altered', async () => {
    const { code, output } = await runProgram(folder);
    expect(output).toContain('channel procurement: 96 blocks with 319 transactions');
    expect(output).toContain('VALID 222');
    expect(output.endsWith('Everything is as recorded.\n')).toBe(true);
    expect(code).toBe(0);
  });
});

describe('a folder without a recording', () => {
  test('is refused with what is missing', async () => {
    await expect(replayLedger(folder)).rejects.toThrow(RecordingError);
    const { code, output } = await runProgram(folder);
    expect(code).toBe(2);
    expect(output).toMatch(/is no recorded ledger: it has no blocks\./);
  });
});

function hexOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}
