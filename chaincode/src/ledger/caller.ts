/** The caller of a transaction, from the certificate that signed the proposal. */
import { X509Certificate } from 'node:crypto';
import type { Context } from 'fabric-contract-api';
import type { Caller } from '../domain/caller';
import { hashOf } from './digest';

/**
 * Organisation, public key and attributes of whoever signed. Never the subject's name: two CAs can
 * issue the same one, and its text form is ambiguous (fabric-shim `ClientIdentity.getID`).
 */
export function callerOf(identity: Context['clientIdentity']): Caller {
  const certificate = new X509Certificate(identity.getIDBytes());
  const publicKey = certificate.publicKey.export({ format: 'der', type: 'spki' });
  return {
    mspId: identity.getMSPID(),
    spki: hashOf(publicKey),
    role: attribute(identity, 'role') ?? '',
    agency: attribute(identity, 'agency'),
    expiresMs: Date.parse(certificate.validTo),
  };
}

function attribute(identity: Context['clientIdentity'], name: string): string | undefined {
  const value: unknown = identity.getAttributeValue(name);
  return typeof value === 'string' ? value : undefined;
}
