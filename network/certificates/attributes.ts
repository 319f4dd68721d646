import { X509Certificate } from 'node:crypto';
import { extensionOf } from './extension';

/** Extension in which Fabric CA puts the attributes of a user (lib/attrmgr/attrmgr.go). */
export const attributesOid = '1.2.3.4.5.6.7.8.1';

/**
 * The extension's value: the JSON itself, without an ASN.1 wrapping. Names are in byte order, as
 * Go writes a map.
 */
export function encodeAttributes(attributes: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(attributes).sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  return Buffer.from(JSON.stringify({ attrs: Object.fromEntries(entries) }), 'utf8');
}

/** The three attributes that Fabric CA adds by itself. */
export function enrolmentAttributes(parts: {
  enrolmentId: string;
  type: string;
}): Record<string, string> {
  return {
    'hf.Affiliation': '',
    'hf.EnrollmentID': parts.enrolmentId,
    'hf.Type': parts.type,
  };
}

/** The attributes of a certificate (PEM); none when it has no such extension. */
export function readAttributes(certificatePem: string): Readonly<Record<string, string>> {
  const value = extensionOf(new X509Certificate(certificatePem).raw, attributesOid);
  if (!value) return {};
  const content: unknown = JSON.parse(value.toString('utf8'));
  if (typeof content !== 'object' || content === null || !('attrs' in content)) return {};
  return content.attrs as Readonly<Record<string, string>>;
}
