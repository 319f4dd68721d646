import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { derTag, readDer, readDerList, writeDer } from '../crypto/der';
import { LruMap } from '../crypto/lru-map';
import { toLowS } from '../crypto/signatures';
import { x509 } from '../crypto/x509';
import { MspError } from './msp-error';

/** What the MSP rules look at in a certificate. */
export interface Certificate {
  /** DER with the issuer's signature in its low-S form, which is the form that is hashed. */
  readonly der: Buffer;
  readonly node: X509Certificate;
  readonly publicKey: KeyObject;
  readonly isCa: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Values of OU in the subject, in order. */
  readonly organizationalUnits: readonly string[];
}

/**
 * Certificates read, by the base64 of their PEM block. Every node of a network reads those of all
 * organizations, and reading one takes a millisecond.
 */
const known = new LruMap<string, Certificate>(1000);

/**
 * Reads the first PEM block, whatever its label (msp/mspimpl.go:deserializeIdentityInternal).
 * @throws MspError when there is none, or it holds no certificate of an ECDSA P-256 key
 */
export function parseCertificate(pem: Uint8Array): Certificate {
  const block = /-----BEGIN [^-]*-----([^-]+)-----END /.exec(Buffer.from(pem).toString('latin1'));
  if (!block?.[1]) throw new MspError('could not decode the PEM structure');
  const base64 = block[1];
  const readBefore = known.get(base64);
  if (readBefore) return readBefore;
  try {
    const certificate = describe(withLowSignature(Buffer.from(base64, 'base64')));
    known.set(base64, certificate);
    return certificate;
  } catch (error) {
    if (error instanceof MspError) throw error;
    throw new MspError('the certificate does not parse', { cause: error });
  }
}

function describe(der: Buffer): Certificate {
  const node = new X509Certificate(der);
  const { publicKey } = node;
  if (publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new MspError('only certificates of ECDSA P-256 keys are supported');
  }
  const parsed = new x509.X509Certificate(der);
  return {
    der,
    node,
    publicKey,
    isCa: node.ca,
    notBefore: parsed.notBefore,
    notAfter: parsed.notAfter,
    organizationalUnits: parsed.subjectName.getField('OU'),
  };
}

/**
 * The certificate (DER) with its signature replaced by the low-S one (msp/cert.go:sanitizeCert).
 * @throws MspError when the bytes are no certificate
 */
export function withLowSignature(der: Buffer): Buffer {
  const outer = readDer(der);
  const [, algorithm, signature] = outer ? readDerList(outer.content) : [];
  if (!outer || !algorithm || signature?.tag !== derTag.bitString) {
    throw new MspError('the certificate does not parse');
  }
  const plain = signature.content.subarray(1);
  const low = toLowS(plain);
  if (!low || low.equals(plain)) return der;
  const unused = Buffer.from([0]);
  const replaced = writeDer(derTag.bitString, Buffer.concat([unused, low]));
  return writeDer(
    derTag.sequence,
    Buffer.concat([outer.content.subarray(0, algorithm.end), replaced]),
  );
}
