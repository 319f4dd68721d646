import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { profilesPath, readSettings, SettingsError, tokenFolder, walletFolder } from './settings';

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
    });
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
