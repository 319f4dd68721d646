import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSettings } from '../config/settings';
import { newTestCertificate } from '../test-support/certificates';
import { certificateAttributes } from './certificate';
import { loadIdentities } from './identities';
import { loadToken, TokenError, TokenRegistry } from './tokens';
import { parseWalletEntry, readWallet, WalletError } from './wallet';

const vendor = newTestCertificate({
  name: 'vendor-1',
  mspId: 'VendorMSP',
  attributes: { role: 'vendor' },
});

describe('a wallet entry', () => {
  test('gives the certificate, its facts and a signing function', () => {
    const identity = parseWalletEntry('vendor-1', vendor.walletFile);

    expect(identity).toMatchObject({
      name: 'vendor-1',
      mspId: 'VendorMSP',
      certificate: vendor.certificate,
      subject: 'CN=vendor-1',
      role: 'vendor',
    });
    expect(identity.spki).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test('never shows its private key', () => {
    const identity = parseWalletEntry('vendor-1', vendor.walletFile);
    // The file's last lines repeat the public key; the first holds the start of the private one.
    const [, first = ''] = vendor.privateKey.split('\n');
    expect(first).toHaveLength(64);
    expect(JSON.stringify(identity)).not.toContain(first);
  });

  test.each([
    ['no JSON', 'nothing'],
    ['another type', vendor.walletFile.replace('X.509', 'HSM-X.509')],
    ['another version', vendor.walletFile.replace('"version":1', '"version":2')],
    ['a broken certificate', vendor.walletFile.replace('BEGIN CERTIFICATE', 'BEGIN SOMETHING')],
    ['a broken key', vendor.walletFile.replace('BEGIN PRIVATE KEY', 'BEGIN SOMETHING')],
  ])('with %s is refused by its name and without its content', (_, text) => {
    const parse = (): unknown => parseWalletEntry('vendor-1', text);
    expect(parse).toThrow(WalletError);
    expect(parse).toThrow(/vendor-1\.id/);
    expect(parse).not.toThrow(/PRIVATE KEY/);
  });
});

test('a certificate without attributes has none', () => {
  const { certificate } = newTestCertificate({ name: 'x', mspId: 'VendorMSP' });
  expect(certificateAttributes(certificate)).toEqual({});
});

describe('a wallet folder', () => {
  let data: string;
  let folder: string;
  const mspIds = ['AuditorMSP', 'VendorMSP'];
  const service = newTestCertificate({
    name: 'gateway-auditor',
    mspId: 'AuditorMSP',
    attributes: { role: 'gateway' },
  });

  beforeAll(async () => {
    data = await mkdtemp(path.join(tmpdir(), 'gateway-wallet-'));
    folder = path.join(data, 'network', 'wallet');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'vendor-1.id'), vendor.walletFile);
    await writeFile(path.join(folder, 'gateway-auditor.id'), service.walletFile);
    await writeFile(path.join(folder, 'notes.txt'), 'not an identity');
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  test('is read in the order of names', async () => {
    const names = (await readWallet(folder)).map(({ name }) => name);
    expect(names).toEqual(['gateway-auditor', 'vendor-1']);
  });

  test('that is absent says what to do', async () => {
    await expect(readWallet(path.join(folder, 'none'))).rejects.toThrow(/start the network first/);
  });

  test('gets a token of mode 0600 beside each service account, the same at every start', async () => {
    const settings = readSettings({
      PROCUREMENT_DATA: data,
      PROCUREMENT_SERVICE_ACCOUNTS: 'vendor-1',
    });
    const first = await loadIdentities(settings, mspIds);
    const file = path.join(folder, 'vendor-1.token');
    const token = (await readFile(file, 'utf8')).trim();
    const again = await loadIdentities(settings, mspIds);

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(first.byToken(token)?.name).toBe('vendor-1');
    expect(again.byToken(token)?.name).toBe('vendor-1');
    expect(again.byToken(`${token}x`)).toBeUndefined();
  });

  test('of others than the organisations with a profile stays unused', async () => {
    const settings = readSettings({
      PROCUREMENT_DATA: data,
      PROCUREMENT_SERVICE_ACCOUNTS: 'vendor-1',
    });
    await expect(loadIdentities(settings, ['AuditorMSP'])).rejects.toThrow(/names vendor-1/);
    await expect(loadIdentities(settings, ['VendorMSP'])).rejects.toThrow(/role "gateway"/);
  });

  test('gets no token for anyone who is not named as a service account', async () => {
    const folderOfPeople = await mkdtemp(path.join(tmpdir(), 'gateway-people-'));
    const wallet = path.join(folderOfPeople, 'network', 'wallet');
    await mkdir(wallet, { recursive: true });
    await writeFile(path.join(wallet, 'vendor-1.id'), vendor.walletFile);
    await writeFile(path.join(wallet, 'gateway-auditor.id'), service.walletFile);
    await loadIdentities(readSettings({ PROCUREMENT_DATA: folderOfPeople }), mspIds);
    expect((await readdir(wallet)).sort()).toEqual(['gateway-auditor.id', 'vendor-1.id']);
    await rm(folderOfPeople, { recursive: true });
  });

  test('refuses a service account that it does not hold', async () => {
    const settings = readSettings({
      PROCUREMENT_DATA: data,
      PROCUREMENT_SERVICE_ACCOUNTS: 'vendor-9',
    });
    await expect(loadIdentities(settings, mspIds)).rejects.toThrow(/names vendor-9/);
  });

  test("gives no token to the gateway's own identity", async () => {
    const identities = await loadIdentities(readSettings({ PROCUREMENT_DATA: data }), mspIds);
    expect(identities.service.name).toBe('gateway-auditor');
    await expect(stat(path.join(folder, 'gateway-auditor.token'))).rejects.toThrow(/ENOENT/);
  });

  test('with a file that holds no token is refused by its name', async () => {
    await writeFile(path.join(folder, 'broken.token'), 'short');
    await expect(loadToken(folder, 'broken')).rejects.toBeInstanceOf(TokenError);
    await expect(loadToken(folder, 'broken')).rejects.toThrow(/broken\.token/);
  });
});

test('a token stands for the holder it was given to', () => {
  const tokens = new TokenRegistry<string>();
  tokens.add('one', 'first');
  tokens.add('two', 'second');
  expect(['one', 'two', 'three'].map((token) => tokens.find(token))).toEqual([
    'first',
    'second',
    undefined,
  ]);
});
