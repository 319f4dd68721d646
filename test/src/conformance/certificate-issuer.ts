// @peculiar/x509 registers its parsers through decorators and needs the metadata API first.
import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificateRequest, Credentials } from './network-driver';

x509.cryptoProvider.set(webcrypto);

const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 3_600_000;
/** Where Fabric CA puts attributes (lib/attrmgr/attrmgr.go). */
const attributesOid = '1.2.3.4.5.6.7.8.1';

/** A certification authority whose key is at hand. */
export interface Authority {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Signs what is asked for, whatever the rules of the organization say about it. */
export async function issueCertificate(
  authority: Authority,
  request: CertificateRequest,
): Promise<Credentials> {
  const issuer = new x509.X509Certificate(authority.certificatePem);
  const { publicKey, privateKey } = newKey();
  const { units = ['client'], name = 'someone', attributes, mspId } = request;
  const backdated = Math.max(issuer.notBefore.getTime(), Date.now() - 5 * 60_000);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [...units.map((unit) => ({ OU: [unit] })), { CN: [name] }],
    issuer: issuer.subjectName.toJSON(),
    publicKey: await imported(publicKey, 'spki'),
    signingKey: await imported(createPrivateKey(authority.privateKeyPem), 'pkcs8'),
    signingAlgorithm: signing,
    notBefore: request.notBefore ?? new Date(backdated),
    notAfter: request.notAfter ?? new Date(Date.now() + 365 * dayMs),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(attributes ? [attributeExtension(attributes)] : []),
    ],
  });
  return { mspId, certificatePem: certificate.toString('pem'), privateKeyPem: pemOf(privateKey) };
}

/** An authority of one's own with the name of another: what it signs belongs to no channel. */
export async function impostorOf(certificatePem: string): Promise<Authority> {
  const { publicKey, privateKey } = newKey();
  const real = new x509.X509Certificate(certificatePem);
  const name = real.subjectName.toJSON();
  const usage = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: name,
    publicKey: await imported(publicKey, 'spki'),
    signingKey: await imported(privateKey, 'pkcs8'),
    signingAlgorithm: signing,
    notBefore: real.notBefore,
    notAfter: real.notAfter,
    extensions: [
      new x509.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign, true),
      new x509.BasicConstraintsExtension(true, undefined, true),
    ],
  });
  return { certificatePem: certificate.toString('pem'), privateKeyPem: pemOf(privateKey) };
}

function attributeExtension(attributes: Readonly<Record<string, string>>): x509.Extension {
  const json = JSON.stringify({ attrs: attributes });
  return new x509.Extension(attributesOid, false, Buffer.from(json));
}

function newKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function imported(key: KeyObject, format: 'spki' | 'pkcs8'): Promise<webcrypto.CryptoKey> {
  const der =
    format === 'spki'
      ? key.export({ type: 'spki', format: 'der' })
      : key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey(format, der, signing, true, [
    format === 'spki' ? 'verify' : 'sign',
  ]);
}
