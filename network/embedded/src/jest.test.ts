import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { assetFolder } from './test-support/asset-network';
import { awaitGone } from './test-support/gone-folder';
import { runJest } from './test-support/jest-run';

/** What the test of the other Jest prints about its network. */
interface Started {
  readonly folder: string;
  readonly ports: readonly number[];
}

let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'use-test-network-'));
});

afterEach(async () => {
  await rm(parent, { recursive: true, force: true });
});

/** A test file with a network, whose test prints what it uses and then does something. */
function source(then: string): string {
  return `
    import { test } from '@jest/globals';
    import { useTestNetwork } from '@procurement/network/jest';

    const network = useTestNetwork({ chaincodeFolder: ${JSON.stringify(assetFolder)} });

    test('uses it', async () => {
      const [chaincode] = network.network.topology.chaincodes;
      const ports = Object.values(chaincode!.addresses).map((one) => one.port);
      process.stdout.write('started ' + JSON.stringify({ folder: network.folder, ports }) + ' .');
      ${then}
    });`;
}

function startedOf(output: string): Started {
  return JSON.parse(/started (.*?) \./.exec(output)?.[1] ?? '') as Started;
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  return socket;
}

describe('a network for the tests of a Jest file', () => {
  test('is gone with its folder when a test fails', async () => {
    const run = await runJest({ folder: parent, source: source("throw new Error('fails');") });
    expect([await run.ended, run.output]).toEqual([1, expect.stringContaining('✕ uses it')]);
    const { folder, ports } = startedOf(run.output);
    expect(existsSync(folder)).toBe(false);
    for (const port of ports) {
      await expect(openSocket(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test('is gone with its folder and processes when Jest is killed', async () => {
    const forever = 'await new Promise(() => undefined);';
    const run = await runJest({ folder: parent, source: source(forever) });
    await run.printed(' .');
    const { folder, ports } = startedOf(run.output);
    const sockets = await Promise.all(ports.map(openSocket));
    const closed = sockets.map((socket) => once(socket, 'close'));
    const gone = awaitGone(folder);
    run.child.kill('SIGKILL');
    await Promise.all([gone, ...closed]);
    expect(existsSync(folder)).toBe(false);
  });

  test('cannot be used before it has started', async () => {
    const early = `
      import { expect, test } from '@jest/globals';
      import { useTestNetwork } from '@procurement/network/jest';

      const network = useTestNetwork({ chaincodeFolder: ${JSON.stringify(assetFolder)} });
      const use = (): unknown => network.network;
      let thrown: unknown;
      try { use(); } catch (error) { thrown = error; }

      test('is refused', () => {
        expect(String(thrown)).toContain('the network has not started');
      });`;
    const run = await runJest({ folder: parent, source: early });
    expect([await run.ended, run.output]).toEqual([0, expect.stringContaining('✓ is refused')]);
  });
});
