import { describe, expect, test } from '@jest/globals';
import { chaincodeEndpoint } from './chaincode-endpoint';

const address = 'basic.example:9999';
const certificates = { root_cert: 'root', client_key: 'key', client_cert: 'certificate' };

describe('The file connection.json of a package', () => {
  test('leads to a process without TLS', () => {
    expect(chaincodeEndpoint('basic:ab', { address, ...certificates })).toEqual({
      address,
      packageId: 'basic:ab',
      dialTimeoutMs: 3_000,
    });
  });

  test.each([
    ['10s', 10_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['soon', 3_000],
  ])('gives the time %s to dial', (dial_timeout, dialTimeoutMs) => {
    expect(chaincodeEndpoint('basic:ab', { address, dial_timeout })).toMatchObject({
      dialTimeoutMs,
    });
  });

  test('leads to a process that shows a certificate', () => {
    const connection = { address, tls_required: true, root_cert: 'root' };

    expect(chaincodeEndpoint('basic:ab', connection).tls).toEqual({
      rootCertificate: Buffer.from('root'),
    });
  });

  test('leads to a process that asks for one', () => {
    const connection = { address, tls_required: true, client_auth_required: true };

    expect(chaincodeEndpoint('basic:ab', { ...connection, ...certificates }).tls).toEqual({
      rootCertificate: Buffer.from('root'),
      client: { key: Buffer.from('key'), certificate: Buffer.from('certificate') },
    });
  });

  test.each([
    ['root_cert', 'chaincode tls root cert not provided'],
    ['client_key', 'chaincode tls key not provided'],
    ['client_cert', 'chaincode tls cert not provided'],
  ])('is refused without %s', (missing, text) => {
    const given = { ...certificates, [missing]: '' };
    const connection = { address, tls_required: true, client_auth_required: true, ...given };

    expect(() => chaincodeEndpoint('basic:ab', connection)).toThrow(text);
  });
});
