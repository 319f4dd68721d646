import { appendFile, mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StoreUsage } from './store-usage';

const owner = { tenderId: 'T-1', vendorId: 'vendor-1' };
const quota = { bytes: 100, count: 3 };
const full = { code: 'STORE_QUOTA', args: quota };

let folder: string;
let usage: StoreUsage;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'usage-'));
  usage = new StoreUsage(folder, quota);
});

afterEach(() => rm(folder, { recursive: true }));

function stored(letter: string, ctLen: number): { ctHash: string; ctLen: number } {
  return { ctHash: letter.repeat(43), ctLen };
}

async function keep(letter: string, ctLen: number, whose = owner): Promise<void> {
  await (await usage.hold(whose, stored(letter, ctLen))).use();
}

describe('what a store keeps for one vendor and one tender', () => {
  test('has so many bytes and no more', async () => {
    await keep('A', 60);
    await keep('B', 40);
    await expect(usage.hold(owner, stored('C', 1))).rejects.toMatchObject(full);
  });

  test('has so many pieces and no more', async () => {
    for (const letter of ['A', 'B', 'C']) await keep(letter, 1);
    await expect(usage.hold(owner, stored('D', 1))).rejects.toMatchObject(full);
  });

  test('counts what comes again once', async () => {
    await keep('A', 60);
    await keep('A', 60);
    await keep('B', 40);
    await keep('B', 40);
  });

  test('counts what is still coming, the same bytes several times too', async () => {
    const room = await usage.hold(owner, stored('A', 60));
    await expect(usage.hold(owner, stored('A', 60))).rejects.toMatchObject(full);
    room.release();
    await keep('A', 60);
    await usage.hold(owner, stored('A', 60));
    await expect(usage.hold(owner, stored('A', 60))).rejects.toMatchObject(full);
  });

  test('takes nothing from another vendor, nor from another tender', async () => {
    await keep('A', 100);
    await keep('A', 100, { ...owner, vendorId: 'vendor-2' });
    await keep('A', 100, { ...owner, tenderId: 'T-2' });
    await expect(usage.hold(owner, stored('B', 1))).rejects.toMatchObject(full);
  });

  test('is counted on after a restart, whatever a crash has left of the last line', async () => {
    await keep('A', 60);
    await appendFile(path.join(folder, 'T-1', 'vendor-1'), 'B'.repeat(20));
    usage = new StoreUsage(folder, quota);
    await expect(usage.hold(owner, stored('C', 41))).rejects.toMatchObject(full);
    await keep('C', 40);
    usage = new StoreUsage(folder, quota);
    await expect(usage.hold(owner, stored('D', 1))).rejects.toMatchObject(full);
  });

  test('is read again after the disk has failed once', async () => {
    const unreadable = path.join(folder, 'T-1', 'vendor-1');
    await mkdir(unreadable, { recursive: true });
    await expect(usage.hold(owner, stored('A', 60))).rejects.toMatchObject({ code: 'EISDIR' });
    await rmdir(unreadable);
    await keep('A', 60);
  });

  test('is written down when it comes again after the disk has failed once', async () => {
    const unwritable = path.join(folder, 'T-1', 'vendor-1');
    const room = await usage.hold(owner, stored('A', 60));
    await mkdir(unwritable, { recursive: true });
    await expect(room.use()).rejects.toMatchObject({ code: 'EISDIR' });
    room.release();
    await rmdir(unwritable);
    await keep('A', 60);
    usage = new StoreUsage(folder, quota);
    await expect(usage.hold(owner, stored('B', 41))).rejects.toMatchObject(full);
  });
});
