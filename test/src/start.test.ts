import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connectPeople } from '@procurement/tools/demonstration/people';
import {
  freeProductPorts,
  killAll,
  processTree,
  productEnvironment,
  runFile,
  runProgram,
  startProduct,
  stillRunning,
  type Program,
  type ProductPorts,
} from './support/product';

const isUp = 'Ctrl-C stops everything';
const vendor = { vendorId: 'vendor-1', name: 'Example Builders', licence: 'L-1' };
/** Supervisor, network, three chaincodes, two gateways. */
const processCount = 7;

let parent: string;
let ports: ProductPorts;
/** A folder with a ledger in which one vendor is registered. */
let grown: string;
/** Processes of a test, and those that several tests have in common. */
const seen: number[] = [];
const kept: number[] = [];

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'start-'));
  ports = await freeProductPorts();
  grown = join(parent, 'grown');
});

afterEach(() => {
  killAll(seen.splice(0));
});

afterAll(async () => {
  await rm(parent, { recursive: true, force: true });
});

function endKept(): void {
  killAll(kept.splice(0));
}

function environmentOf(folder: string): Record<string, string> {
  return productEnvironment(folder, ports);
}

function people(folder: string): ReturnType<typeof connectPeople> {
  return connectPeople({
    dataFolder: folder,
    networkFolder: join(folder, 'network'),
    baseUrl: `http://127.0.0.1:${ports.httpPort}`,
  });
}

interface Running {
  readonly program: Program;
  /** Of the product and whoever started it. */
  readonly pids: readonly number[];
}

/** Waits until a product is up; its processes are recorded in a list of those to be ended. */
async function up(program: Program, record: number[] = seen): Promise<Running> {
  record.push(program.pid);
  await program.printed(isUp);
  const pids = processTree(program.pid);
  record.push(...pids);
  expect(pids.length).toBeGreaterThanOrEqual(processCount);
  return { program, pids };
}

/** Starts the product as most tests do. */
function upOn(folder: string): Promise<Running> {
  return up(startProduct(environmentOf(folder)));
}

async function copyOfGrown(name: string): Promise<string> {
  const folder = join(parent, name);
  await cp(grown, folder, { recursive: true });
  return folder;
}

/** What a start prints that cannot succeed; it must end by itself, with code 1 and nothing left. */
async function refusal(
  environment: Readonly<Record<string, string>>,
  words?: readonly string[],
): Promise<string> {
  const program = startProduct(environment, words);
  const children = new Set<number>();
  const watch = setInterval(() => {
    for (const pid of processTree(program.pid)) children.add(pid);
    seen.push(...children);
  }, 50);
  const { exitCode, errors } = await program.ended;
  clearInterval(watch);
  expect({ exitCode, left: await stillRunning([...children]) }).toEqual({ exitCode: 1, left: [] });
  expect(errors.trimEnd()).not.toContain('\n');
  expect(errors).not.toMatch(/ at .*\.js:\d+/);
  return errors.trimEnd();
}

async function filesOf(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => pattern.test(name)).map((name) => join(folder, name));
}

/** Overwrites the middle of a database's files, as a failing disk would. */
function garble(pattern: RegExp): (folder: string) => Promise<void> {
  return async (folder) => {
    for (const file of await filesOf(folder, pattern)) {
      const bytes = await readFile(file);
      bytes.fill(0x5a, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2));
      await writeFile(file, bytes);
    }
  };
}

async function truncateHalf(folder: string): Promise<void> {
  for (const file of await filesOf(folder, /\.(log|ldb)$/)) {
    await truncate(file, Math.floor((await readFile(file)).length / 2));
  }
}

describe('a started product', () => {
  test('prints its addresses, and SIGTERM to it alone leaves no process behind', async () => {
    const { program, pids } = await upOn(grown);
    expect(pids).toHaveLength(processCount);
    expect(program.output()).toContain(`http://127.0.0.1:${ports.httpPort}/docs`);
    expect(program.output()).toContain(`http://127.0.0.1:${ports.httpPort}/health`);
    expect(program.output()).toContain(join(grown, 'logs'));
    expect(program.output()).not.toContain('{"');
    expect(programsOf(pids)).toEqual([
      ...['gateway/dist/program/gateway.js', 'gateway/dist/program/gateway.js'],
      'network/dist/program/network.js',
    ]);
    await (
      await people(grown)
    ).vendors
      .get('vendor-1')!
      .registerVendor({ requestId: 'r-1', ...vendor });

    program.kill('SIGTERM');
    const { exitCode, errors } = await program.ended;
    expect({ exitCode, errors, left: await stillRunning(pids) }).toEqual({
      exitCode: 0,
      errors: '',
      left: [],
    });
  });

  describe('again, where a peer lost the end of its ledger', () => {
    let folder: string;
    let running: Running;

    beforeAll(async () => {
      folder = await copyOfGrown('again');
      await truncateHalf(join(folder, 'network', 'peers', 'auditor.example', 'procurement'));
      running = await up(startProduct(environmentOf(folder)), kept);
    });

    afterAll(endKept);

    test('gives the peer the missing blocks, and finds the same ledger', async () => {
      expect(await (await people(folder)).auditor.vendor('vendor-1')).toMatchObject(vendor);
    });

    test('refuses a second one, and works on', async () => {
      const samePorts = await refusal(environmentOf(folder));
      expect(samePorts).toMatch(/^The data folder .* is in use by process \d+\. Stop that process/);
      const elsewhere = productEnvironment(folder, await freeProductPorts());
      expect(await refusal(elsewhere)).toMatch(/^The data folder .* is in use by process \d+\./);
      expect(await refusal(elsewhere, ['--fresh'])).toMatch(/is in use by process \d+\./);
      expect(await (await people(folder)).auditor.vendor('vendor-1')).toMatchObject(vendor);
    });

    test('starts a chaincode process again that was killed, says so and works on', async () => {
      const { program, pids } = running;
      const chaincode = pids.find((pid) => commandOf(pid).includes('fabric-shim'));
      process.kill(chaincode!, 'SIGKILL');
      await program.printed('is started again');
      expect(await (await people(folder)).auditor.vendor('vendor-1')).toMatchObject(vendor);
    });

    test('ends by Ctrl-C', async () => {
      const { program } = running;
      kept.push(...processTree(program.pid));
      program.kill('SIGINT', 'group');
      expect((await program.ended).exitCode).toBe(0);
      expect(await stillRunning(kept)).toEqual([]);
    });
  });

  describe('whose demonstration fails', () => {
    let folder: string;
    let running: Running;

    beforeAll(async () => {
      // Its vendor-1 is registered with another licence, which the demonstration cannot know.
      folder = await copyOfGrown('no-demonstration');
      const words = ['-e', launcher([runFile, 'start'])];
      running = await up(runProgram(process.execPath, words, environmentOf(folder)), kept);
    });

    afterAll(endKept);

    test('stays up and says so', async () => {
      expect(running.program.output()).toContain('The demonstration did not come to its end: ');
      expect(await (await people(folder)).auditor.vendor('vendor-1')).toMatchObject(vendor);
    });

    test('ends when the program that started it is killed', async () => {
      expect(running.pids.length).toBeGreaterThan(processCount);
      running.program.kill('SIGKILL');
      expect(await stillRunning(running.pids)).toEqual([]);
    });
  });

  describe('by npm, with --fresh', () => {
    let folder: string;
    let running: Running;

    beforeAll(async () => {
      folder = await copyOfGrown('fresh');
      const words = ['start', '--', '--no-demo', '--fresh'];
      running = await up(runProgram('npm', words, environmentOf(folder)), kept);
    });

    afterAll(endKept);

    test('begins with an empty ledger in a folder of ours', async () => {
      const { auditor } = await people(folder);
      await expect(auditor.vendor('vendor-1')).rejects.toMatchObject({ status: 404 });
    });

    test('ends when npm is killed', async () => {
      expect(running.pids.length).toBeGreaterThan(processCount);
      running.program.kill('SIGKILL');
      expect(await stillRunning(running.pids)).toEqual([]);
    });
  });

  test.each([
    ['gateway', join('gateway', 'dist')],
    ['network', join('network', 'dist')],
  ])('stops everything and says why when its %s process was killed', async (name, path) => {
    const { program, pids } = await upOn(await copyOfGrown(`killed-${name}`));
    process.kill(
      pids.find((pid) => commandOf(pid).includes(path))!,
      'SIGKILL',
    );
    const { exitCode, output } = await program.ended;
    expect({ exitCode, left: await stillRunning(pids) }).toEqual({ exitCode: 1, left: [] });
    expect(output).toContain(`The ${name} process ended unexpectedly (SIGKILL); its log is in`);
  });

  test('ends with all of it when its supervisor is killed', async () => {
    const { program, pids } = await upOn(await copyOfGrown('orphans'));
    program.kill('SIGKILL');
    expect(await stillRunning(pids)).toEqual([]);
  });
});

/** The words that a process was started with. */
function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0/g, ' ');
}

/** The packed programs among what runs, within the checkout and in order. */
function programsOf(pids: readonly number[]): readonly string[] {
  return pids.flatMap((pid) => /[a-z]+\/dist\/program\/\S+/.exec(commandOf(pid)) ?? []).sort();
}

/** The text of a program that starts another one and waits for it. */
function launcher(args: readonly string[]): string {
  const given = JSON.stringify([process.execPath, args]);
  return (
    `const [command, args] = ${given};` +
    `require('child_process').spawn(command, args, { stdio: 'inherit' });`
  );
}

describe('a start ends with one clear sentence and nothing left', () => {
  test.each([
    ['the gateway', 'PROCUREMENT_HTTP_PORT', () => ports.httpPort],
    ['the second gateway', 'PROCUREMENT_HTTP_PORT', () => ports.httpPort + 1],
    ['the ordering node', 'PROCUREMENT_NETWORK_PORT', () => ports.networkPort],
    ['the peer of MinistryMSP', 'PROCUREMENT_NETWORK_PORT', () => ports.networkPort + 1],
    ['the chaincode of VendorMSP', 'PROCUREMENT_NETWORK_PORT', () => ports.networkPort + 12],
  ])('when the port of %s is in use', async (who, setting, portOf) => {
    const other = createServer().listen(portOf(), '127.0.0.1');
    await once(other, 'listening');
    const sentence = await refusal(environmentOf(join(parent, 'ports'))).finally(() => {
      other.close();
    });
    expect(sentence).toContain(`Port ${portOf()} is in use, so ${who} cannot listen on it.`);
    expect(sentence).toContain(setting);
  });

  test.each([
    ['garbled database of a peer', 'peers/auditor.example/procurement', garble(/^MANIFEST/)],
    ['garbled store of the ordering node', 'orderer/procurement', garble(/\.(log|ldb)$/)],
    ['truncated store of the ordering node', 'orderer/procurement', truncateHalf],
  ])('on a %s', async (name, path, damage) => {
    const folder = await copyOfGrown(name.replace(/ /g, '-'));
    await damage(join(folder, 'network', path));
    const sentence = await refusal(environmentOf(folder));
    expect(sentence).toContain(join(folder, 'network'));
    expect(sentence).toMatch(/Restore|Remove|start with an empty one/);
  });

  test('on a missing key', async () => {
    const folder = await copyOfGrown('keyless');
    const keys = join(folder, 'network/organizations/peerOrganizations/ministry.example/ca');
    const [key] = await filesOf(keys, /_sk$/);
    await rm(key!);
    const sentence = await refusal(environmentOf(folder));
    expect(sentence).toContain(key);
    expect(sentence).toMatch(/Restore the whole folder from a copy, or begin anew with --fresh\./);
  });

  test('on a folder of another version', async () => {
    const folder = await copyOfGrown('versions');
    await writeFile(join(folder, 'network', 'FORMAT'), 'embedded-network 99\n');
    expect(await refusal(environmentOf(folder))).toMatch(
      /has the format "embedded-network 99", but this version reads .* Choose another folder/,
    );
    await writeFile(join(folder, 'procurement-ledger.json'), '{"layout":99}\n');
    expect(await refusal(environmentOf(folder))).toMatch(
      /has the layout 99, but this version reads 1\. Set PROCUREMENT_DATA/,
    );
  });

  test('on a path that is no folder, or cannot become one', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    expect(await refusal(environmentOf(file))).toMatch(/is a file\. Set PROCUREMENT_DATA to/);
    expect(await refusal(environmentOf(join(file, 'below')))).toMatch(
      /cannot be used \(ENOTDIR.*Set PROCUREMENT_DATA|set PROCUREMENT_DATA/,
    );
    expect(await refusal(environmentOf('/proc/no/data'))).toMatch(/cannot be used \(ENOENT/);
  });

  test('on a folder of somebody else, which it leaves alone, --fresh or not', async () => {
    const folder = join(parent, 'foreign');
    await mkdir(folder);
    await writeFile(join(folder, 'thesis.txt'), 'years of work');
    for (const words of [['--no-demo'], ['--no-demo', '--fresh']]) {
      expect(await refusal(environmentOf(folder), words)).toMatch(
        /holds other files and no ledger/,
      );
    }
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });

  test.each([
    [{ PROCUREMENT_HTTP_PORT: 'eighty' }, /PROCUREMENT_HTTP_PORT is eighty: it must be a port/],
    [{ PROCUREMENT_NETWORK_PORT: '65530' }, /PROCUREMENT_NETWORK_PORT is 65530: it must be/],
    [{ PROCUREMENT_LOG_LEVEL: 'loud' }, /PROCUREMENT_LOG_LEVEL must be one of/],
    [{ PROCUREMENT_MIN_BIDDING_MS: 'soon' }, /PROCUREMENT_MIN_BIDDING_MS/],
  ])('on the setting %j', async (setting, expected) => {
    const folder = join(parent, `settings-${Object.keys(setting).join('')}`);
    expect(await refusal({ ...environmentOf(folder), ...setting })).toMatch(expected);
  });

  test('on a word that it does not know', async () => {
    const { exitCode, errors } = await startProduct(environmentOf(join(parent, 'words')), [
      '--forget',
    ]).ended;
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/^Unknown option '--forget'\n\nnpm start .*--fresh.*--no-demo/s);
  });
});

describe('npm run demo', () => {
  test('says what to do where nothing runs', async () => {
    const program = runProgram(process.execPath, [runFile, 'demo'], environmentOf(parent));
    const { exitCode, errors } = await program.ended;
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/Run npm start first, in another window/);
  });
});
