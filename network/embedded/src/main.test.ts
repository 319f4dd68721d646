import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { firstOrderer } from '../../topology';
import type { Topology } from '../../topology';
import { startChaincodeProcess } from '../../chaincode-service/chaincode-process';
import type { ChaincodeProcess } from '../../chaincode-service/chaincode-process';
import { prepareChaincodes } from './prepare-chaincodes';
import { freePort } from '../../machine/free-port';
import { assetTopology } from './test-support/asset-network';
import { connectGateway } from './test-support/gateway-client';
import type { GatewayClient } from './test-support/gateway-client';
import { NetworkProgram, nextMessage, ready, sourceOf } from './test-support/network-process';

const withoutChaincode: Topology = { ...assetTopology, chaincodes: [] };

let parent: string;
let program: NetworkProgram;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'network-process-'));
  program = new NetworkProgram(parent);
});

afterEach(async () => {
  await program.end();
});

afterAll(async () => {
  await rm(parent, { recursive: true, force: true });
});

describe('the network process', () => {
  test('says where it listens, and ends when its parent disconnects', async () => {
    const child = await program.start(withoutChaincode, join(parent, 'a'));
    const message = await ready(child);
    expect(message.channel).toBe('procurement');
    expect(Object.keys(message.peerPorts)).toEqual(['MinistryMSP', 'VendorMSP', 'AuditorMSP']);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('refuses a folder that a living process holds, and takes it after a kill', async () => {
    const folder = join(parent, 'b');
    const first = await program.start(withoutChaincode, folder);
    await ready(first);
    const second = await program.start(withoutChaincode, folder);
    expect(await nextMessage(second)).toMatchObject({
      type: 'failed',
      code: 'FOLDER_IN_USE',
      message: expect.stringContaining(`in use by process ${String(first.pid)}`),
    });
    expect(await once(second, 'exit')).toEqual([1, null]);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const third = await program.start(withoutChaincode, folder);
    expect(await ready(third)).toMatchObject({ type: 'ready' });
  });

  test('names a port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((listening) => {
      server.listen(0, '127.0.0.1', listening);
    });
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const orderers = [{ ...firstOrderer(withoutChaincode), port }];
    const child = await program.start({ ...withoutChaincode, orderers }, join(parent, 'c'));
    expect(await nextMessage(child)).toMatchObject({
      type: 'failed',
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`Port ${port} is in use`),
    });
    await new Promise((closed) => server.close(closed));
  });
});

describe('a network that is killed in the middle of its work', () => {
  const processes: ChaincodeProcess[] = [];
  let topology: Topology;

  beforeAll(async () => {
    const chaincode = assetTopology.chaincodes[0]!;
    const addresses: Record<string, { port: number }> = {};
    for (const mspId of Object.keys(chaincode.addresses)) {
      const port = await freePort();
      addresses[mspId] = { port };
    }
    topology = { ...assetTopology, chaincodes: [{ ...chaincode, addresses }] };
    const services = await prepareChaincodes({ topology, folder: join(parent, 'd') });
    for (const {
      mspId,
      port,
      package: { id },
    } of services) {
      const folder = join(__dirname, '../fixtures/asset');
      processes.push(startChaincodeProcess({ folder, packageId: id, port, mspId }));
    }
  });

  afterAll(async () => {
    await Promise.all(processes.map((one) => one.stop()));
  });

  test('has every transaction that it reported as committed', async () => {
    const folder = join(parent, 'd');
    const child = await program.start(topology, folder);
    // A call may never learn that its connection is gone (HTTP/2 of Node), and holds it until then.
    const options = { user: 'tashi', limitMs: 20_000 };
    const client = await connectGateway(sourceOf(await ready(child), topology), options);
    const committed = await submitUntilKilled(client, child);
    client.close();
    expect(committed.length).toBeGreaterThanOrEqual(20);
    const again = await program.start(topology, folder);
    const source = sourceOf(await ready(again), topology);
    for (const mspId of ['MinistryMSP', 'VendorMSP', 'AuditorMSP']) {
      const reader = await connectGateway(source, { user: 'tashi', viaMspId: mspId });
      for (const key of committed) {
        const value = await reader.contract.evaluateTransaction('get', key);
        expect(Buffer.from(value).toString()).toBe(key);
      }
      reader.close();
    }
  });
});

/** Submits with 8 in flight; kills the process after the twentieth answer. @returns written keys */
async function submitUntilKilled(client: GatewayClient, child: ChildProcess): Promise<string[]> {
  const committed: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const key = `key-${String((next += 1))}`;
      await client.contract.submitTransaction('put', key, key);
      committed.push(key);
      if (committed.length === 20) child.kill('SIGKILL');
    }
  };
  await Promise.allSettled(Array.from({ length: 8 }, work));
  return committed;
}
