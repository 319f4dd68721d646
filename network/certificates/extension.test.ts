import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { x509 } from '../crypto/x509';
import { extensionOf } from './extension';
import { issueCertificate } from './issue-certificate';

const short = '1.2.3.4.5.6.7.8.1';
const long = '2.16.840.1.113730.1.13';

/** A certificate with one ordinary extension besides these. */
async function certificateWith(extensions: Readonly<Record<string, string>>): Promise<Buffer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = [{ CN: ['ann'] }];
  const pem = await issueCertificate({
    ...{ subject: name, issuer: name, publicKey, signingKey: privateKey },
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...Object.entries(extensions).map(
        ([oid, value], at) => new x509.Extension(oid, at % 2 === 1, Buffer.from(value)),
      ),
    ],
  });
  return Buffer.from(x509.PemConverter.decodeFirst(pem));
}

describe('an extension of a certificate', () => {
  let der: Buffer;

  beforeAll(async () => {
    der = await certificateWith({ [short]: '{"attrs":{}}', [long]: 'critical' });
  });

  test('is found by its object identifier, critical or not', () => {
    expect(extensionOf(der, short)?.toString()).toBe('{"attrs":{}}');
    expect(extensionOf(der, long)?.toString()).toBe('critical');
  });

  test('is found as the library for certificates finds it', () => {
    const usage = new x509.X509Certificate(der).getExtension('2.5.29.15');
    expect(extensionOf(der, '2.5.29.15')).toEqual(Buffer.from(usage!.value));
  });

  test('is not found where there is no such one, nor in what is no certificate', () => {
    expect(extensionOf(der, '1.2.3.4.5.6.7.8')).toBeUndefined();
    expect(extensionOf(der, '2.5.29.17')).toBeUndefined();
    expect(extensionOf(Buffer.from('certificate'), short)).toBeUndefined();
  });

  test('of no certificate is found once its bytes are cut off', () => {
    for (let length = 0; length < der.length; length++) {
      expect(extensionOf(der.subarray(0, length), short)).toBeUndefined();
    }
  });
});
