import { createPrivateKey, X509Certificate } from 'node:crypto';
import { signLowS, verifyLowS } from '../crypto/signatures';
import type { CertifiedKey } from '../certificates/key-pair';
import { IdentitySourceError } from './identity-source';

/** The parts of an HTTP request that a token signs. */
export interface SignedRequest {
  readonly method: string;
  /** Path with query, as it stands in the request line. */
  readonly uri: string;
  readonly body: string;
}

/**
 * The `authorization` header by which Fabric CA knows the holder of a certificate: the certificate
 * and a signature over method, URI, body and certificate (util/util.go:GenECDSAToken).
 */
export function newToken(signer: CertifiedKey, request: SignedRequest): string {
  const certificate = base64(signer.certificatePem);
  const key = createPrivateKey(signer.privateKeyPem);
  const signature = signLowS(key, payloadOf(request, certificate));
  return `${certificate}.${signature.toString('base64')}`;
}

/**
 * The certificate of a token (util/util.go:VerifyToken). Whether a CA stands behind it is not
 * looked at here.
 * @throws IdentitySourceError unauthenticated, unless the token signs this very request
 */
export function verifyToken(token: string, request: SignedRequest): X509Certificate {
  const [certificate, signature, ...rest] = token.split('.');
  if (certificate === undefined || signature === undefined || rest.length > 0) {
    throw refusal('it is not made of a certificate and a signature');
  }
  const parsed = parseCertificate(Buffer.from(certificate, 'base64').toString('utf8'));
  const payload = payloadOf(request, certificate);
  if (!verifyLowS(parsed.publicKey, payload, Buffer.from(signature, 'base64'))) {
    throw refusal('its signature is not of this request');
  }
  return parsed;
}

function payloadOf(request: SignedRequest, certificate: string): Buffer {
  const { method, uri, body } = request;
  return Buffer.from([method, base64(uri), base64(body), certificate].join('.'), 'utf8');
}

function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw refusal('it holds no certificate');
  }
}

function refusal(fault: string): IdentitySourceError {
  return new IdentitySourceError(
    'unauthenticated',
    `the token in the authorization header: ${fault}`,
  );
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
