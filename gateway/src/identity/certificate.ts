import { createHash, X509Certificate } from 'node:crypto';

/** Object identifier 1.2.3.4.5.6.7.8.1 as a DER value: the attributes that Fabric CA writes. */
const ATTRIBUTES_OID = Buffer.from([0x06, 0x08, 0x2a, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x01]);
const OCTET_STRING = 0x04;

/** What the ledger and its readers know a signer by. */
export interface CertificateFacts {
  /** Subject as `CN=…,OU=…`, the most specific part first. */
  readonly subject: string;
  /** SHA-256 of the DER SubjectPublicKeyInfo, base64url without padding (TSEAL-V1 section 1). */
  readonly spki: string;
}

/** Length of a DER value and where the value begins (X.690 section 8.1.3). */
function derLength(der: Buffer, at: number): { length: number; start: number } | undefined {
  const first = der[at];
  if (first === undefined || first < 0x80) {
    return first === undefined ? undefined : { length: first, start: at + 1 };
  }
  const count = first & 0x7f;
  if (count === 0 || count > 3 || at + 1 + count > der.length) {
    return undefined;
  }
  return { length: der.readUIntBE(at + 1, count), start: at + 1 + count };
}

function attributesValue(der: Buffer): Buffer | undefined {
  const at = der.indexOf(ATTRIBUTES_OID);
  const tag = at + ATTRIBUTES_OID.length;
  if (at < 0 || der[tag] !== OCTET_STRING) {
    return undefined;
  }
  const span = derLength(der, tag + 1);
  return span && der.subarray(span.start, span.start + span.length);
}

/**
 * The attributes that Fabric CA wrote into an enrolment certificate (fabric-ca
 * lib/attrmgr/attrmgr.go: extension 1.2.3.4.5.6.7.8.1 holds bare JSON).
 * @param certificate PEM
 * @returns name to value; empty where the certificate has none
 */
export function certificateAttributes(certificate: string): Readonly<Record<string, string>> {
  const value = attributesValue(new X509Certificate(certificate).raw);
  if (value === undefined) {
    return {};
  }
  try {
    const { attrs } = JSON.parse(value.toString('utf8')) as { attrs?: Record<string, string> };
    return attrs ?? {};
  } catch {
    return {};
  }
}

/**
 * Subject and key hash of a certificate.
 * @param certificate PEM or DER
 * @throws Error if it is no X.509 certificate
 */
export function certificateFacts(certificate: string | Uint8Array): CertificateFacts {
  const parsed = new X509Certificate(certificate);
  const der = parsed.publicKey.export({ type: 'spki', format: 'der' });
  return {
    subject: parsed.subject.split('\n').reverse().join(','),
    spki: createHash('sha256').update(der).digest('base64url'),
  };
}
