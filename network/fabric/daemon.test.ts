import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { daemonPid, startDaemon, stopDaemon } from './daemon';
import type { DaemonOptions } from './daemon';
import { awaitDaemon, metricOf } from './readiness';

describe('a process that outlives its starter', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fabric-daemon-'));
  });

  afterEach(async () => {
    await stopDaemon(join(folder, 'node.json'));
    await rm(folder, { recursive: true, force: true });
  });

  function daemon(script: string): DaemonOptions {
    return {
      ...{ name: 'node', command: process.execPath, args: ['-e', script], environment: {} },
      ...{ workingFolder: folder, logFile: join(folder, 'node.log') },
      recordFile: join(folder, 'node.json'),
    };
  }

  const forever = 'console.log("here"); setInterval(() => undefined, 1000)';

  test('is started once, logs to its file and ends when it is told', async () => {
    const options = daemon(forever);
    const pid = await startDaemon(options);
    expect(await startDaemon(options)).toBe(pid);
    await awaitDaemon(options, 'it spoke', async () =>
      (await readFile(options.logFile, 'utf8')).includes('here'),
    );
    expect(await daemonPid(options.recordFile)).toBe(pid);
    expect(await stopDaemon(options.recordFile)).toBe(true);
    expect(await daemonPid(options.recordFile)).toBeUndefined();
    expect(await stopDaemon(options.recordFile)).toBe(false);
  });

  test('is not mistaken for another one that got its number', async () => {
    const options = daemon(forever);
    const pid = await startDaemon(options);
    const record = await readFile(options.recordFile, 'utf8');
    await writeFile(options.recordFile, JSON.stringify({ pid, startedAt: 'another time' }));
    expect(await daemonPid(options.recordFile)).toBeUndefined();
    await writeFile(options.recordFile, record);
    expect(await daemonPid(options.recordFile)).toBe(pid);
  });

  test('that ends before it is ready is told with its log', async () => {
    const options = daemon('process.exit(1)');
    await startDaemon(options);
    await expect(
      awaitDaemon(options, 'it was healthy', () => Promise.resolve(false)),
    ).rejects.toThrow(/ended before it was healthy.*node\.log/);
  });

  test('that cannot be started is told', async () => {
    const options = { ...daemon(forever), command: join(folder, 'nothing') };
    await expect(startDaemon(options)).rejects.toThrow(/cannot be started/);
  });
});

test('a metric is read from the line with its name and labels', async () => {
  const server = createServer((_request, response) => {
    response.end('# HELP x y\nleader{channel="one"} 0\nleader{channel="two"} 1\nleaders{} 7\n');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const of = (channel: string) => metricOf(port, { name: 'leader', labels: { channel } });
  expect(await Promise.all(['one', 'two', 'three'].map(of))).toEqual([0, 1, undefined]);
  await new Promise((resolve) => server.close(resolve));
});
