import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { packageService } from '../../../../lifecycle/chaincode-package';
import { sha256 } from '../../../../crypto/hashes';
import { PackageStore } from './package-store';
import { packageStructure } from './structures';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'packages-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const connection = { address: '127.0.0.1:9999' };

async function archive(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const packing = pack();
  for (const [name, content] of Object.entries(files)) packing.entry({ name }, content);
  packing.finalize();
  return gzipSync(await buffer(packing));
}

describe('The packages of a peer', () => {
  test('are found by id and by the hash in an approval, also after the store is opened again', async () => {
    const store = await PackageStore.open(join(folder, 'packages'));
    const { id, bytes } = await packageService({ label: 'basic_1.0', connection });
    let installs = 0;
    store.onInstall(() => (installs += 1));

    const installed = await store.install(bytes);

    expect(installed).toMatchObject({ packageId: id, label: 'basic_1.0', connection });
    expect(installs).toBe(1);
    const again = await PackageStore.open(join(folder, 'packages'));
    expect(again.find(id)).toEqual(installed);
    const [field] = packageStructure(id).fields.values();
    expect(again.findByHash(sha256(field!))).toEqual(installed);
    expect(again.list()).toEqual([installed]);
    expect((await again.load(id)).equals(bytes)).toBe(true);
  });

  test('lie in files that only the owner reads, named as at real peers', async () => {
    const store = await PackageStore.open(folder);
    const { id, bytes } = await packageService({ label: 'basic_1.0', connection });

    await store.install(bytes);

    const name = `${id.replace(':', '.')}.tar.gz`;
    expect(await readdir(folder)).toEqual([name]);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  test('are installed once, also when they come twice at once', async () => {
    const store = await PackageStore.open(folder);
    const { id, bytes } = await packageService({ label: 'basic_1.0', connection });

    const outcomes = await Promise.allSettled([store.install(bytes), store.install(bytes)]);

    // Which of the two comes first is not known.
    const statuses = outcomes.map(({ status }) => status).sort();
    expect(statuses).toEqual(['fulfilled', 'rejected']);
    await expect(store.install(bytes)).rejects.toThrow(
      `chaincode already successfully installed (package ID '${id}')`,
    );
  });

  test('are refused when they are none, or not of a service', async () => {
    const store = await PackageStore.open(folder);
    const code = await archive({});
    const golang = await archive({
      'metadata.json': JSON.stringify({ type: 'golang', label: 'basic' }),
      'code.tar.gz': code,
    });
    const empty = await archive({
      'metadata.json': JSON.stringify({ type: 'ccaas', label: 'basic' }),
      'code.tar.gz': code,
    });

    await expect(store.install(Buffer.from('x'))).rejects.toThrow(
      'could not parse as a chaincode install package: error reading as gzip stream',
    );
    await expect(store.install(golang)).rejects.toThrow('could not build chaincode: ');
    await expect(store.install(empty)).rejects.toThrow(
      'could not build chaincode: external builder failed: connection.json not found',
    );
    expect(store.list()).toEqual([]);
  });

  test('that are not there cannot be loaded', async () => {
    const store = await PackageStore.open(folder);

    await expect(store.load('basic:ab')).rejects.toThrow(
      "could not load cc install package: chaincode install package 'basic:ab' not found",
    );
  });
});
