import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { SettingsError } from './config/settings';
import { startFailure } from './program';

describe('a start that failed', () => {
  test('because the port is in use says which setting to change', async () => {
    const first = createServer();
    await new Promise<void>((resolve) => first.listen(0, '127.0.0.1', resolve));
    const { port } = first.address() as AddressInfo;
    const second = createServer();
    const error = await new Promise((resolve) => {
      second.once('error', resolve).listen(port, '127.0.0.1');
    });
    first.close();

    const failure = startFailure(error);
    expect(failure.code).toBe('PORT_IN_USE');
    expect(failure.message).toContain(String(port));
    expect(failure.message).toContain('PROCUREMENT_HTTP_PORT');
  });

  test('for another reason keeps its words', () => {
    expect(startFailure(new SettingsError('set this'))).toEqual({
      type: 'failed',
      code: 'SettingsError',
      message: 'set this',
    });
  });
});
