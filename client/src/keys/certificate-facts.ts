/** What a person's own certificate says, read on the person's device. */
import { fromUtf8, toBase64url } from '@procurement/protocol';
import { sha256Of } from '@procurement/protocol/fabric';
import { readCertificate } from '../signing/roots';

/** Where Fabric CA writes attributes (fabric-ca `lib/attrmgr/attrmgr.go`): bare JSON. */
const ATTRIBUTES_OID = '1.2.3.4.5.6.7.8.1';
const DAY_MS = 24 * 3600 * 1000;
/** From so many days before its end on a certificate should be renewed. */
export const RENEW_DAYS = 30;

/** What a certificate says of its holder, and until when. */
export interface CertificateFacts {
  /** As it stands in the certificate, such as `CN=dorji, OU=client`. */
  readonly subject: string;
  /** SHA-256 of the SubjectPublicKeyInfo, base64url. */
  readonly spki: string;
  /** Value of the attribute `role`; undefined where the certificate has none. */
  readonly role: string | undefined;
  /** Value of the attribute `agency`; undefined where the certificate has none. */
  readonly agency: string | undefined;
  /** End of its validity, UTC. */
  readonly notAfter: string;
}

/**
 * Reads a certificate. Whether a CA stands behind it is not asked here.
 * @throws {CheckFailed} where the text is none
 */
export async function certificateFacts(pem: string): Promise<CertificateFacts> {
  const certificate = readCertificate(pem);
  const { subject, notAfter, publicKey } = certificate;
  const extension = certificate.getExtension(ATTRIBUTES_OID);
  const attributes = extension === null ? {} : attributesOf(new Uint8Array(extension.value));
  return {
    subject,
    spki: toBase64url(await sha256Of(new Uint8Array(publicKey.rawData))),
    role: textOf(attributes['role']),
    agency: textOf(attributes['agency']),
    notAfter: notAfter.toISOString(),
  };
}

/** SHA-256 of a certificate's DER, as organisations publish it: pairs of hexadecimal digits. */
export async function fingerprintOf(pem: string): Promise<string> {
  const { rawData } = readCertificate(pem);
  const digits = await sha256Of(new Uint8Array(rawData));
  return [...digits].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}

/**
 * What to tell the holder of a certificate that ends soon, or has ended; undefined before that.
 * @param nowMs milliseconds since 1970
 */
export function renewalDue({ notAfter }: CertificateFacts, nowMs: number): string | undefined {
  const left = Date.parse(notAfter) - nowMs;
  if (left > RENEW_DAYS * DAY_MS) return undefined;
  const day = notAfter.slice(0, 10);
  if (left <= 0) return `Your certificate ended on ${day}. Ask your organisation for a new one.`;
  const days = Math.ceil(left / DAY_MS);
  return `Your certificate ends on ${day}, in ${days} days: run "procure keys renew".`;
}

function attributesOf(extension: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const { attrs } = JSON.parse(fromUtf8(extension)) as { readonly attrs?: object };
    return { ...attrs };
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
