import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { prepareChaincodes } from './prepare-chaincodes';
import { startChaincodeProcess } from '../../chaincode-service/chaincode-process';
import type { ChaincodeProcess } from '../../chaincode-service/chaincode-process';
import { freePort } from '../../machine/free-port';
import { assetFolder, assetTopology } from './test-support/asset-network';
import { connectGateway } from './test-support/gateway-client';
import { NetworkProgram, ready, sourceOf } from './test-support/network-process';
import type { Topology } from '../../topology';

/** Room for the network's own files and some dozens of transactions of 64 KiB. */
const diskMegabytes = 16;
/** Less than what a database writes before it takes a new file. */
const largestFileKilobytes = 2048;
const value = 'x'.repeat(64 * 1024);
const transactionsMax = 2000;
const inFlight = 4;
const deadlineMs = 20_000;

/** Whether this process may mount a file system of a size of its own. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/** A place where a network runs out of room, and what it says then. */
interface FullDisk {
  readonly folder: string;
  readonly shellPrefix?: string;
  readonly complaint: RegExp;
  /** Makes room. */
  relieve(): void;
  remove(): void;
}

/** A file system of its own; only root may mount one. */
async function mountedDisk(parent: string): Promise<FullDisk> {
  const disk = join(parent, 'disk');
  await mkdir(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(diskMegabytes)}m`, 'tmpfs', disk]);
  return {
    folder: join(disk, 'network'),
    complaint: /cannot (write|commit): .*[Nn]o space left/,
    relieve: () => {
      execFileSync('mount', ['-o', 'remount,size=256m', disk]);
    },
    remove: () => {
      execFileSync('umount', [disk]);
    },
  };
}

/** A limit to the size of every file, which anybody may set for a process (RLIMIT_FSIZE). */
function limitedFiles(parent: string): Promise<FullDisk> {
  return Promise.resolve({
    folder: join(parent, 'network'),
    shellPrefix: `ulimit -f ${String(largestFileKilobytes)}`,
    complaint: /cannot (write|commit): .*[Ff]ile too large/,
    relieve: () => undefined,
    remove: () => undefined,
  });
}

const kinds = [
  {
    title: 'whose disk is full (needs the right to mount)',
    isPossible: mayMount(),
    make: mountedDisk,
  },
  {
    title: 'whose files may not grow',
    isPossible: process.platform === 'linux',
    make: limitedFiles,
  },
];

for (const { title, isPossible, make } of kinds) {
  (isPossible ? describe : describe.skip)(`a network ${title}`, () => {
    testFullDisk(make);
  });
}

function testFullDisk(make: (parent: string) => Promise<FullDisk>): void {
  let parent: string;
  let disk: FullDisk;
  let program: NetworkProgram;
  let topology: Topology;
  const chaincodes: ChaincodeProcess[] = [];

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'disk-full-'));
    disk = await make(parent);
    program = new NetworkProgram(parent);
    topology = await startChaincodes(disk.folder, chaincodes);
  });

  afterAll(async () => {
    await program.end();
    await Promise.all(chaincodes.map((one) => one.stop()));
    disk.remove();
    await rm(parent, { recursive: true, force: true });
  });

  test('says so and stops; with room again it has all that it answered VALID, and goes on', async () => {
    const { folder, complaint, shellPrefix } = disk;
    const log = join(parent, 'stderr.txt');
    const stderr = openSync(log, 'w');
    const child = await program.start(topology, folder, {
      stderr,
      ...(shellPrefix !== undefined && { shellPrefix }),
    });
    closeSync(stderr);
    const source = sourceOf(await ready(child), topology);
    const exited = once(child, 'exit');
    const told = once(child, 'message');
    const valid = await submitUntilRefused(source);
    expect(valid.length).toBeGreaterThan(0);
    expect(await told).toMatchObject([{ type: 'failed' }]);
    expect(await exited).toEqual([1, null]);
    expect(await readFile(log, 'utf8')).toMatch(complaint);

    disk.relieve();
    const again = await program.start(topology, folder);
    const known = sourceOf(await ready(again), topology);
    for (const mspId of ['MinistryMSP', 'VendorMSP', 'AuditorMSP']) {
      const reader = await connectGateway(known, { user: 'tashi', viaMspId: mspId });
      for (const key of valid) {
        const length = await reader.contract.evaluateTransaction('length', key);
        expect([key, Buffer.from(length).toString()]).toEqual([key, String(value.length)]);
      }
      await reader.contract.submitTransaction('put', `again-${mspId}`, 'goes on');
      reader.close();
    }
  }, 240_000);
}

/** Submits until nobody answers any more. @returns keys of transactions answered VALID */
async function submitUntilRefused(source: Parameters<typeof connectGateway>[0]): Promise<string[]> {
  const client = await connectGateway(source, { user: 'tashi' });
  const valid: string[] = [];
  let next = 0;
  let isOver = false;
  const work = async (): Promise<void> => {
    while (!isOver && next < transactionsMax) {
      const key = `key-${String((next += 1))}`;
      try {
        const options = { arguments: [key, value], deadline: Date.now() + deadlineMs };
        await client.contract.submit('put', options);
        valid.push(key);
      } catch {
        isOver = true;
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  client.close();
  return valid;
}

async function startChaincodes(folder: string, started: ChaincodeProcess[]): Promise<Topology> {
  const [asset] = assetTopology.chaincodes;
  if (!asset) throw new Error('the topology has no chaincode');
  const addresses: Record<string, { port: number }> = {};
  for (const mspId of Object.keys(asset.addresses)) addresses[mspId] = { port: await freePort() };
  const topology = { ...assetTopology, chaincodes: [{ ...asset, addresses }] };
  for (const { mspId, port, package: packaged } of await prepareChaincodes({ topology, folder })) {
    const packageId = packaged.id;
    started.push(startChaincodeProcess({ folder: assetFolder, packageId, port, mspId }));
  }
  return topology;
}
