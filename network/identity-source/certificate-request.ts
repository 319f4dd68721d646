import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { x509 } from '../crypto/x509';
import { importKey, signing } from '../certificates/issue-certificate';
import { IdentitySourceError } from './identity-source';

/** What a CA takes from a certificate request. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly publicKey: KeyObject;
}

/** A PKCS #10 request (RFC 2986) for a key, signed by it. @returns PEM */
export async function newCertificateRequest(parts: {
  commonName: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
}): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [parts.commonName] }],
    signingAlgorithm: signing,
    keys: {
      publicKey: await importKey(parts.publicKey, 'spki'),
      privateKey: await importKey(parts.privateKey, 'pkcs8'),
    },
  });
  return request.toString('pem');
}

/**
 * Reads a request and checks that whoever made it holds the key.
 * @throws IdentitySourceError malformed
 */
export async function parseCertificateRequest(pem: string): Promise<CertificateRequest> {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    if (!(await request.verify())) throw new Error('its signature is wrong');
    const [commonName] = request.subjectName.getField('CN');
    if (commonName === undefined) throw new Error('it has no common name');
    const der = Buffer.from(request.publicKey.rawData);
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
      throw new Error('its key is not of the curve P-256');
    }
    return { commonName, publicKey };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new IdentitySourceError('malformed', `the certificate request: ${cause}`);
  }
}
