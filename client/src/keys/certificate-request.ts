/** Requests for certificates, made where the key is: only its public half and a signature leave. */
import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import type { KeyPair } from '../signing/signer';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * A PKCS #10 request (RFC 2986) for a key, signed with it, so that the CA sees who holds it.
 * @param request.name the enrolment id, which becomes the common name
 * @param request.keys of WebCrypto; the private half need not be extractable
 * @returns PEM
 */
export async function newCertificateRequest(request: {
  readonly name: string;
  readonly keys: KeyPair;
}): Promise<string> {
  const made = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [request.name] }],
    signingAlgorithm: ALGORITHM,
    keys: request.keys,
  });
  return made.toString('pem');
}
