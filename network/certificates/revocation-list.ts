import type { KeyObject } from 'node:crypto';
import type { JsonName } from '@peculiar/x509';
import { x509 } from '../crypto/x509';
import { importKey, signing } from './issue-certificate';

/** A certificate that its CA has taken back. */
export interface RevokedCertificate {
  /** Serial number, lower-case hex. */
  readonly serial: string;
  readonly at: Date;
}

const dayMs = 24 * 3_600_000;

/**
 * Signs a revocation list (RFC 5280, section 5) that names the key of its CA, by which an MSP finds
 * the CA (msp/mspimplsetup.go:setupCRLs). It asks to be replaced after a day, as Fabric CA's do;
 * an MSP goes on using it after that.
 * @returns PEM
 */
export async function issueRevocationList(parts: {
  issuer: JsonName;
  signingKey: KeyObject;
  authorityKeyId: string;
  revoked: readonly RevokedCertificate[];
}): Promise<string> {
  const thisUpdate = new Date();
  const list = await x509.X509CrlGenerator.create({
    issuer: parts.issuer,
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + dayMs),
    signingAlgorithm: signing,
    signingKey: await importKey(parts.signingKey, 'pkcs8'),
    entries: parts.revoked.map(({ serial, at }) => ({ serialNumber: serial, revocationDate: at })),
    extensions: [new x509.AuthorityKeyIdentifierExtension(parts.authorityKeyId)],
  });
  return `${x509.PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
}
