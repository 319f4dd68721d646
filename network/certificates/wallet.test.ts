import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readWalletEntry, writeWalletEntry } from './wallet';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wallet-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const entry = { label: 'ann', mspId: 'AlphaMSP', certificatePem: 'CERT', privateKeyPem: 'KEY' };

test('a wallet entry is what Fabric’s file system wallet reads', async () => {
  const path = await writeWalletEntry(folder, entry);
  expect(path).toBe(join(folder, 'ann.id'));
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
    credentials: { certificate: 'CERT', privateKey: 'KEY' },
    mspId: 'AlphaMSP',
    type: 'X.509',
    version: 1,
  });
});

test('a wallet entry is replaced by a later one of the same name', async () => {
  const path = await writeWalletEntry(folder, entry);
  await writeWalletEntry(folder, { ...entry, privateKeyPem: 'NEW' });
  expect((await readWalletEntry(path)).credentials.privateKey).toBe('NEW');
});

test.each(['no JSON', '[]', '{"mspId":"A"}', '{"credentials":null}'])(
  'a wallet file with %s is refused by name',
  async (text) => {
    const path = join(folder, 'ann.id');
    await writeFile(path, text);
    await expect(readWalletEntry(path)).rejects.toMatchObject({
      name: 'CryptoStoreError',
      message: expect.stringContaining(path) as unknown,
    });
  },
);
