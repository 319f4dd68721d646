import { randomBytes, webcrypto } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Extension, JsonName } from '@peculiar/x509';
import { x509 } from '../crypto/x509';
import { withLowSignature } from './certificate';

/** What certificates, requests and revocation lists are signed with. */
export const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const serialBytes = 16;

/** What stands in a certificate. Names are lists of RDNs and keep their order. */
export interface CertificateParts {
  readonly subject: JsonName;
  readonly issuer: JsonName;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: Extension[];
}

/** Signs a certificate with a random serial number and a low-S signature. @returns PEM */
export async function issueCertificate(parts: CertificateParts): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    ...parts,
    serialNumber: serialNumber(),
    signingAlgorithm: signing,
    publicKey: await importKey(parts.publicKey, 'spki'),
    signingKey: await importKey(parts.signingKey, 'pkcs8'),
  });
  const der = withLowSignature(Buffer.from(certificate.rawData));
  return `${x509.PemConverter.encode(der, 'CERTIFICATE')}\n`;
}

/** Positive and at most 16 bytes long (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(serialBytes);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

/** The key as WebCrypto holds it: a public one verifies, a private one signs. */
export async function importKey(
  key: KeyObject,
  format: 'spki' | 'pkcs8',
): Promise<webcrypto.CryptoKey> {
  const der =
    format === 'spki'
      ? key.export({ type: 'spki', format: 'der' })
      : key.export({ type: 'pkcs8', format: 'der' });
  const usages: webcrypto.KeyUsage[] = format === 'spki' ? ['verify'] : ['sign'];
  return webcrypto.subtle.importKey(format, der, signing, true, usages);
}
