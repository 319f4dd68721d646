import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { profilesPath, readSettings, SettingsError, tokenFolder, walletFolder } from './settings';

const QUOTA = { bytes: 4 * 1024 ** 3, count: 1000 };

describe('settings', () => {
  test('may name a wallet of the gateway alone, where its tokens lie too', () => {
    const settings = readSettings({ PROCUREMENT_DATA: '/data', PROCUREMENT_WALLET: '/own/wallet' });
    expect(walletFolder(settings)).toBe('/own/wallet');
    expect(tokenFolder(settings)).toBe('/own/wallet');
  });

  test('have defaults for everything', () => {
    expect(readSettings({})).toMatchObject({
      httpHost: '127.0.0.1',
      httpPort: 8080,
      dataFolder: path.resolve('data'),
      ledgerAdapter: 'fabric-gateway',
      channel: 'procurement',
      chaincode: 'procurement',
      bodyLimitBytes: 262_144,
      store: { folder: path.resolve('data', 'store'), s3: undefined, quota: QUOTA },
    });
  });

  test('name the place of the store, a bucket where it is told to be one, or none', () => {
    const folder = { PROCUREMENT_STORE_FOLDER: '/own/store' };
    expect(readSettings(folder).store).toEqual({
      folder: '/own/store',
      s3: undefined,
      quota: QUOTA,
    });
    const bucket = { PROCUREMENT_STORE: 's3', PROCUREMENT_S3_BUCKET: 'sealed' };
    expect(readSettings({ ...folder, ...bucket }).store).toEqual({
      folder: '/own/store',
      s3: { bucket: 'sealed', endpoint: undefined, region: 'us-east-1' },
      quota: QUOTA,
    });
    const elsewhere = {
      PROCUREMENT_S3_ENDPOINT: 'https://s3.example',
      PROCUREMENT_S3_REGION: 'eu',
    };
    expect(readSettings({ ...bucket, ...elsewhere }).store?.s3).toEqual({
      ...{ bucket: 'sealed', endpoint: 'https://s3.example', region: 'eu' },
    });
    const least = { PROCUREMENT_STORE_QUOTA_MIB: '1', PROCUREMENT_STORE_QUOTA_COUNT: '20' };
    expect(readSettings(least).store?.quota).toEqual({ bytes: 1024 ** 2, count: 20 });
    expect(readSettings({ PROCUREMENT_STORE: 'none' }).store).toBeUndefined();
    const unnamed = (): unknown => readSettings({ PROCUREMENT_STORE: 's3' });
    expect(unnamed).toThrow(/PROCUREMENT_S3_BUCKET must name a bucket/);
  });

  test('are frozen and name the folders below the data folder', () => {
    const settings = readSettings({ PROCUREMENT_DATA: '/somewhere', PROCUREMENT_HTTP_PORT: '0' });
    expect(Object.isFrozen(settings)).toBe(true);
    expect(settings.httpPort).toBe(0);
    expect(walletFolder(settings)).toBe('/somewhere/network/wallet');
    expect(profilesPath(settings)).toBe('/somewhere/network/profiles');
  });

  test.each(['/native/profiles', '/native/profiles/MinistryMSP.json'])(
    'take another network by its profile %s alone, and keep the tokens in the data folder',
    (profile) => {
      const environment = { PROCUREMENT_DATA: '/somewhere', PROCUREMENT_PROFILE: profile };
      const settings = readSettings(environment);
      expect(profilesPath(settings)).toBe(profile);
      expect(walletFolder(settings)).toBe('/native/wallet');
      expect(tokenFolder(settings)).toBe('/somewhere/network/wallet');
    },
  );

  test.each([
    ['PROCUREMENT_HTTP_PORT', '65536'],
    ['PROCUREMENT_HTTP_PORT', '80 80'],
    ['PROCUREMENT_HTTP_PORT', '-1'],
    ['PROCUREMENT_DATA', ''],
    ['PROCUREMENT_PROFILE', ''],
    ['PROCUREMENT_LEDGER_ADAPTER', 'fabric'],
    ['PROCUREMENT_LOG_LEVEL', 'loud'],
    ['PROCUREMENT_STORE', 'ftp'],
    ['PROCUREMENT_S3_ENDPOINT', 'https://s3.example/path'],
    ['PROCUREMENT_COMMIT_TIMEOUT_MS', '1e3'],
  ])('refuse %s=%s by its name', (name, value) => {
    const read = (): unknown => readSettings({ [name]: value });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(new RegExp(`${name} must`));
  });

  test('name every variable that is wrong', () => {
    const read = (): unknown => readSettings({ PROCUREMENT_HTTP_PORT: 'x', PROCUREMENT_DATA: '' });
    expect(read).toThrow(/PROCUREMENT_HTTP_PORT[\s\S]*PROCUREMENT_DATA/);
  });
});
