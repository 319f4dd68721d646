import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ClassicLevel } from 'classic-level';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Ledger, LedgerCorruptError, LedgerLockedError } from './ledger';
import { nextBatch } from './ledger-blocks.test-support';
import { FORMAT_KEY, HEIGHT_KEY, blockKey } from './ledger-keys';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function writeBlocks(count: number): Promise<Ledger> {
  const ledger = await Ledger.open(folder);
  for (let left = count; left > 0; left--) await ledger.commit(nextBatch(ledger));
  return ledger;
}

function textOf(ledger: Ledger): string {
  return Buffer.from(ledger.state.get('cc', 'last')?.value ?? []).toString();
}

/** Changes the database behind the ledger's back. */
async function tamper(change: (database: ClassicLevel<Buffer, Buffer>) => Promise<void>) {
  const database = new ClassicLevel<Buffer, Buffer>(folder, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
  });
  await database.open();
  await change(database);
  await database.close();
}

describe('a ledger', () => {
  test('starts empty', async () => {
    const ledger = await Ledger.open(folder);
    expect(ledger.height).toBe(0);
    expect(ledger.lastBlockHash).toHaveLength(0);
    expect(ledger.blockBytes(0)).toBeUndefined();
    await ledger.close();
  });

  test('finds blocks by number, hash and transaction id', async () => {
    const ledger = await Ledger.open(folder);
    const batch = nextBatch(ledger, ['a', 'b']);
    await ledger.commit(batch);
    expect(ledger.blockBytes(0)).toEqual(batch.bytes);
    expect(ledger.blockNumberByHash(batch.headerHash)).toBe(0);
    expect(ledger.blockNumberByTxId('b')).toBe(0);
    expect(ledger.place('b')).toEqual({ blockNumber: 0, index: 1, validationCode: 1 });
    expect(ledger.hasTransaction('c')).toBe(false);
    await ledger.close();
  });

  test('keeps the first place of a transaction id that occurs again', async () => {
    const ledger = await Ledger.open(folder);
    await ledger.commit(nextBatch(ledger, ['a', 'a']));
    await ledger.commit(nextBatch(ledger, ['b', 'a']));
    expect(ledger.place('a')).toEqual({ blockNumber: 0, index: 0, validationCode: 0 });
    await ledger.close();
  });

  test('keeps everything over a restart', async () => {
    const before = await writeBlocks(3);
    const { height, lastBlockHash, commitHash } = before;
    await before.close();
    const after = await Ledger.open(folder);
    expect(after).toMatchObject({ height, lastBlockHash, commitHash });
    expect(textOf(after)).toBe('2');
    await after.close();
  });

  test('takes only the next block', async () => {
    const ledger = await writeBlocks(1);
    const batch = nextBatch(ledger);
    await ledger.commit(batch);
    await expect(ledger.commit(batch)).rejects.toThrow(RangeError);
    await ledger.close();
  });

  test('shows a snapshot the state it was taken of', async () => {
    const ledger = await writeBlocks(1);
    const snapshot = ledger.snapshot();
    await ledger.commit(nextBatch(ledger));
    expect(snapshot.height).toBe(1);
    expect(Buffer.from(snapshot.get('cc', 'last')?.value ?? []).toString()).toBe('0');
    expect(textOf(ledger)).toBe('1');
    await expect(snapshot.writersOf('cc', 'last')).resolves.toHaveLength(1);
    snapshot.release();
    snapshot.release();
    await ledger.close();
  });

  test('tells listeners of a block once it is written, until they leave', async () => {
    const ledger = await Ledger.open(folder);
    const heard: number[] = [];
    const leave = ledger.onCommit(({ number }) => {
      heard.push(number, ledger.height);
    });
    await ledger.commit(nextBatch(ledger));
    leave();
    await ledger.commit(nextBatch(ledger));
    expect(heard).toEqual([0, 1]);
    await ledger.close();
  });

  test('is open in one place at a time', async () => {
    const ledger = await writeBlocks(1);
    await expect(Ledger.open(folder)).rejects.toThrow(LedgerLockedError);
    await ledger.close();
  });
});

describe('a damaged ledger', () => {
  beforeEach(async () => {
    await (await writeBlocks(4)).close();
  });

  async function openError(): Promise<string> {
    const error: unknown = await Ledger.open(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LedgerCorruptError);
    return error instanceof LedgerCorruptError ? error.message : '';
  }

  test('with a truncated block is refused', async () => {
    await tamper(async (database) => {
      const bytes = await database.get(blockKey(2));
      await database.put(blockKey(2), (bytes ?? Buffer.of()).subarray(0, 20));
    });
    await expect(openError()).resolves.toBe(
      `The ledger in ${folder} is damaged: block 2 cannot be read.`,
    );
  });

  test('with a changed transaction is refused', async () => {
    await tamper(async (database) => {
      const text = (await database.get(blockKey(1)))?.toString('latin1') ?? '';
      await database.put(blockKey(1), Buffer.from(text.replace('content', 'Content'), 'latin1'));
    });
    await expect(openError()).resolves.toMatch('transactions of block 1 do not match');
  });

  test('with a gap is refused', async () => {
    await tamper((database) => database.del(blockKey(1)));
    await expect(openError()).resolves.toMatch('block 1 is missing');
  });

  test('without its newest block is refused', async () => {
    await tamper((database) => database.del(blockKey(3)));
    await expect(openError()).resolves.toMatch('it holds 3 blocks, its height is 4');
  });

  test('without the record of its height is refused', async () => {
    await tamper((database) => database.del(HEIGHT_KEY));
    await expect(openError()).resolves.toMatch('the record of its height is missing');
  });

  test('of another format is refused', async () => {
    await tamper((database) => database.put(FORMAT_KEY, Buffer.of(9)));
    await expect(openError()).resolves.toMatch('it has format version 9');
  });

  test('whose database has lost a file is refused', async () => {
    const manifest = (await readdir(folder)).find((name) => name.startsWith('MANIFEST'));
    await truncate(join(folder, manifest ?? ''), 3);
    await expect(openError()).resolves.toMatch('its database cannot be opened');
  });
});

describe('a ledger whose process was killed', () => {
  /** The file that takes what is written until LevelDB sorts it into tables. */
  async function logFile(): Promise<{ name: string; bytes: number }> {
    const name = (await readdir(folder)).find((one) => one.endsWith('.log')) ?? '';
    return { name, bytes: (await stat(join(folder, name))).size };
  }

  test('in the middle of writing a block has all of it or nothing, and goes on', async () => {
    const ledger = await writeBlocks(3);
    const before = (await logFile()).bytes;
    await ledger.commit(nextBatch(ledger));
    const { name, bytes: after } = await logFile();
    await ledger.close();
    expect(after).toBeGreaterThan(before);
    for (const written of [before, before + 1, Math.floor((before + after) / 2), after - 1]) {
      const torn = await mkdtemp(join(tmpdir(), 'torn-'));
      await cp(folder, torn, { recursive: true });
      await truncate(join(torn, name), written);
      const again = await Ledger.open(torn);
      expect([written, again.height, textOf(again)]).toEqual([written, 3, '2']);
      await again.commit(nextBatch(again));
      expect([again.height, textOf(again)]).toEqual([4, '3']);
      await again.close();
      await rm(torn, { recursive: true });
    }
  });

  /** The writer as one file for plain Node. */
  function buildWriter(): string {
    const outfile = join(folder, 'writer.cjs');
    const entry = join(__dirname, 'ledger-writer.test-support.ts');
    const options = { bundle: true, platform: 'node', packages: 'external' } as const;
    buildSync({ entryPoints: [entry], outfile, ...options });
    return outfile;
  }

  function startWriter(file: string, ledgerFolder: string): ChildProcess {
    const modules = dirname(dirname(require.resolve('classic-level/package.json')));
    return spawn(process.execPath, [file, ledgerFolder], {
      env: { ...process.env, NODE_PATH: modules },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  test('opens with at least the blocks it had reported, and state to match', async () => {
    const ledgerFolder = join(folder, 'ledger');
    const file = buildWriter();
    for (const killAt of [5, 40, 77]) {
      const child = startWriter(file, ledgerFolder);
      let reported = 0;
      const lines = createInterface({ input: child.stdout ?? process.stdin });
      for await (const line of lines) {
        reported = Number(line);
        if (reported >= killAt) child.kill('SIGKILL');
      }
      const ledger = await Ledger.open(ledgerFolder);
      expect(ledger.height).toBeGreaterThanOrEqual(reported);
      expect(textOf(ledger)).toBe(String(ledger.height - 1));
      await ledger.close();
    }
  });
});
