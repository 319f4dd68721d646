import { derTag, readDer, readDerList } from '../crypto/der';

/** `[3]` of a TBSCertificate (RFC 5280, 4.1): its extensions. */
const extensionsTag = 0xa3;
const base = 128;

/**
 * The value of an extension (RFC 5280, 4.1), without reading the rest of the certificate.
 * @param der the certificate
 * @param oid of the extension, in dots
 * @returns the octets in its OCTET STRING; undefined where the certificate has no such extension
 */
export function extensionOf(der: Buffer, oid: string): Buffer | undefined {
  const wanted = encodeOid(oid);
  const [tbs] = partsOf(readDer(der)?.content);
  const wrapper = partsOf(tbs?.content).find(({ tag }) => tag === extensionsTag);
  const [list] = partsOf(wrapper?.content);
  return partsOf(list?.content)
    .filter(({ tag }) => tag === derTag.sequence)
    .map(({ content }) => readDerList(content))
    .find(([id]) => id?.content.equals(wanted))
    ?.at(-1)?.content;
}

function partsOf(content: Buffer | undefined): ReturnType<typeof readDerList> {
  return content ? readDerList(content) : [];
}

/** Content of an OBJECT IDENTIFIER (X.690, 8.19). */
function encodeOid(oid: string): Buffer {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  return Buffer.from([40 * first + second, ...rest].flatMap(encodeArc));
}

function encodeArc(arc: number): number[] {
  const digits = [arc % base];
  for (let left = Math.floor(arc / base); left > 0; left = Math.floor(left / base)) {
    digits.unshift((left % base) + base);
  }
  return digits;
}
