/**
 * What lies on the disk of a system that `npm start` runs, and whose keys are in it. Its
 * demonstration is a whole procedure on the machine's own clock, which no other suite waits for.
 */
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeyFolder } from '@procurement/client/key-folder';
import { PEOPLE, personFolder } from '@procurement/tools/demonstration/cast';
import { gatewayWalletOf } from '@procurement/tools/start/gateway-wallet';
import {
  freeProductPorts,
  killAll,
  processTree,
  productEnvironment,
  startProduct,
  type Program,
} from './support/product';
import {
  findIn,
  type Finding,
  type Pattern,
  patternsOfBytes,
  searchFolder,
} from './support/search';

const isUp = 'Ctrl-C stops everything';
const GATEWAY = 'gateway-auditor';

let parent: string;
let data: string;
let program: Program;
let pids: readonly number[] = [];
const patterns: Pattern[] = [];

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'custody-'));
  data = join(parent, 'data');
  program = startProduct(productEnvironment(data, await freeProductPorts()), []);
  await program.printed(isUp);
  pids = processTree(program.pid);
  for (const { name } of PEOPLE) patterns.push(...patternsOfBytes(name, await scalarOf(name)));
}, 180_000);

afterAll(() => {
  killAll(pids);
  rmSync(parent, { recursive: true, force: true });
});

/** The 32 secret bytes of a person's key. */
async function scalarOf(name: string): Promise<Buffer> {
  const path = personFolder(data, name);
  const folder = KeyFolder.open(path);
  const passphrase = readFileSync(join(path, 'passphrase'), 'utf8').trim();
  const pkcs8 = Buffer.from(await folder.pkcs8(folder.lock(passphrase)));
  return scalar(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
}

function scalar(key: ReturnType<typeof createPrivateKey>): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
}

/** What stands in files that people do not keep for themselves, lines joined as PEM needs it. */
function findInFiles(wanted: readonly Pattern[]): Finding[] {
  const entries = readdirSync(data, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const place = relative(data, file);
    if (!entry.isFile() || place.startsWith(`people${sep}`)) return [];
    const bytes = readFileSync(file);
    const joined = Buffer.from(bytes.toString('latin1').replace(/\r?\n|\\n/g, ''), 'latin1');
    return [bytes, joined].flatMap((one) => findIn(one, { patterns: wanted, place }));
  });
}

describe('a system with everyone of the demonstration at work', () => {
  test('keeps no key of a person in any file of its network, gateways and logs', () => {
    expect(program.output()).toContain('What the auditor reads in the trail');
    expect(findInFiles(patterns)).toEqual([]);
  });

  test('is looked through by a search that finds the key of a gateway', () => {
    const wallet = join(gatewayWalletOf(data, 'AuditorMSP'), `${GATEWAY}.id`);
    const { credentials } = JSON.parse(readFileSync(wallet, 'utf8')) as {
      readonly credentials: { readonly privateKey: string };
    };
    const own = patternsOfBytes(GATEWAY, scalar(createPrivateKey(credentials.privateKey)));
    const places = new Set(findInFiles(own).map(({ place }) => place));
    const msp = join('organizations', 'peerOrganizations', 'auditor.example', 'users');
    expect([...places].sort()).toEqual([
      join('gateways', 'AuditorMSP', 'wallet', `${GATEWAY}.id`),
      join('network', msp, `${GATEWAY}@auditor.example`, 'msp', 'keystore', 'priv_sk'),
      join('network', 'wallet', `${GATEWAY}.id`),
    ]);
  });

  test('keeps each person apart, in a folder of the owner alone', () => {
    for (const { name } of PEOPLE) {
      const folder = personFolder(data, name);
      expect([name, statSync(folder).mode & 0o777]).toEqual([name, 0o700]);
      expect(readdirSync(folder)).not.toContain('enrolment-secret');
    }
    expect(readdirSync(join(data, 'network', 'wallet')).sort()).toEqual([
      ...['gateway-auditor.id', 'gateway-ministry.id', 'gateway-vendors.id'],
    ]);
  });

  test('has written none into a store either', async () => {
    program.kill('SIGTERM');
    expect((await program.ended).exitCode).toBe(0);
    renameSync(join(data, 'people'), join(parent, 'people'));
    const { findings, storeCount } = await searchFolder(data, patterns);
    expect(findings).toEqual([]);
    expect(storeCount).toBeGreaterThan(3);
  });
});
