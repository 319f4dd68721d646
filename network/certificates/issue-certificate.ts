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
    // As bytes, which is what goes in; WebCrypto would read a key only to write it again.
    publicKey: parts.publicKey.export({ type: 'spki', format: 'der' }),
    signingKey: await signerOf(parts.signingKey),
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

/** Authorities sign many certificates with one key. */
const signers = new WeakMap<KeyObject, Promise<webcrypto.CryptoKey>>();

/** A private key as WebCrypto holds it, read once. */
function signerOf(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const known = signers.get(key);
  if (known) return known;
  const signer = importKey(key, 'pkcs8');
  signers.set(key, signer);
  return signer;
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
