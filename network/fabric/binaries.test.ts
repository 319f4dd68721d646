import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { checkBft, FabricBinariesError, findBinaries, missingBinaries } from './binaries';

describe('the binaries of Fabric', () => {
  let release: string;

  beforeEach(async () => {
    release = await mkdtemp(join(tmpdir(), 'fabric-release-'));
  });

  afterEach(async () => {
    await rm(release, { recursive: true, force: true });
  });

  async function write(file: string, text = 'exit 0'): Promise<void> {
    const path = join(release, file);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
  }

  async function writeRelease(peer: string, orderer = peer): Promise<void> {
    await write('bin/peer', `echo " Version: v${peer}"`);
    await write('bin/orderer', `echo " Version: v${orderer}"`);
    for (const name of ['osnadmin', 'configtxgen']) await write(join('bin', name));
    for (const name of ['detect', 'build', 'release']) {
      await write(join('builders', 'ccaas', 'bin', name));
    }
  }

  test.each([
    ['FABRIC_BIN that names the release', (folder: string) => ({ FABRIC_BIN: folder })],
    ['FABRIC_BIN that names its bin', (folder: string) => ({ FABRIC_BIN: join(folder, 'bin') })],
    ['PATH', (folder: string) => ({ PATH: `/nowhere:${join(folder, 'bin')}:/bin:/usr/bin` })],
  ])('are found by %s', async (_, environment) => {
    await writeRelease('3.1.5');
    expect(findBinaries(environment(release))).toEqual({
      peer: join(release, 'bin', 'peer'),
      orderer: join(release, 'bin', 'orderer'),
      osnadmin: join(release, 'bin', 'osnadmin'),
      configtxgen: join(release, 'bin', 'configtxgen'),
      ccaasFolder: join(release, 'builders', 'ccaas'),
      version: '3.1.5',
      fabric: '3.1',
    });
  });

  test('that are missing are all named, with the place of official releases', async () => {
    await write('bin/peer');
    const text = missingBinaries({ FABRIC_BIN: release });
    expect(text).toContain('orderer, osnadmin, configtxgen, the ccaas builder');
    expect(text).toContain('https://github.com/hyperledger/fabric/releases');
    expect(() => findBinaries({ FABRIC_BIN: release })).toThrow(FabricBinariesError);
    expect(missingBinaries({ PATH: '/nowhere' })).toContain('not in PATH: peer, orderer');
  });

  test('are refused where builder programs are not whole', async () => {
    await writeRelease('3.1.5');
    await rm(join(release, 'builders', 'ccaas', 'bin', 'release'));
    expect(missingBinaries({ FABRIC_BIN: release })).toContain(': the ccaas builder');
  });

  test.each([
    ['2.5.16', '2.5'],
    ['3.1.5', '3.1'],
    ['3.2.0', '3.1'],
  ])('of %s answer as generation %s', async (version, fabric) => {
    await writeRelease(version);
    expect(findBinaries({ FABRIC_BIN: release })).toMatchObject({ version, fabric });
  });

  test.each(['2.4.9', '3.0.0', '4.0.0'])('of %s are refused', async (version) => {
    await writeRelease(version);
    expect(() => findBinaries({ FABRIC_BIN: release })).toThrow(`Fabric ${version} is not`);
  });

  test('of two releases, or that do not run, are refused', async () => {
    await writeRelease('3.1.5', '2.5.16');
    expect(() => findBinaries({ FABRIC_BIN: release })).toThrow(/of Fabric 3\.1\.5.*of 2\.5\.16/);
    await write('bin/peer', 'exit 3');
    expect(() => findBinaries({ FABRIC_BIN: release })).toThrow(/does not run here/);
  });

  test('of 2.5 have no SmartBFT', async () => {
    await writeRelease('2.5.16');
    expect(() => {
      checkBft(findBinaries({ FABRIC_BIN: release }));
    }).toThrow(/SmartBFT came with Fabric 3\.0.*2\.5\.16/);
    await writeRelease('3.1.5');
    checkBft(findBinaries({ FABRIC_BIN: release }));
  });
});
