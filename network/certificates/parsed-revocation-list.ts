import { verify } from 'node:crypto';
import { readDer, readDerList } from '../crypto/der';
import { x509 } from '../crypto/x509';
import type { Certificate } from './certificate';
import { MspError } from './msp-error';
import type { RevokedCertificate } from './revocation-list';

/** A revocation list as an MSP uses it. */
export interface RevocationList {
  readonly entries: readonly RevokedCertificate[];
  /**
   * Whether the list names the certificate and comes from its issuer. The times in the list do not
   * matter: it counts from when the configuration has it (mspimplvalidate.go).
   */
  revokes(certificate: Certificate, issuer: Certificate): boolean;
}

/**
 * Reads a revocation list.
 * @param bytes PEM or DER
 * @throws MspError when it is none
 */
export function parseRevocationList(bytes: Uint8Array): RevocationList {
  try {
    return new ParsedList(derOf(bytes));
  } catch (error) {
    throw new MspError('could not parse RevocationList', { cause: error });
  }
}

class ParsedList implements RevocationList {
  readonly entries: readonly RevokedCertificate[];
  readonly #serials: ReadonlySet<string>;
  readonly #authorityKeyId: string | undefined;
  readonly #signed: Buffer;
  readonly #signature: Buffer;

  constructor(der: Buffer) {
    const list = new x509.X509Crl(der);
    this.entries = list.entries.map(({ serialNumber, revocationDate }) => ({
      serial: plainSerial(serialNumber),
      at: revocationDate,
    }));
    this.#serials = new Set(this.entries.map(({ serial }) => serial));
    this.#authorityKeyId = list.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
    const outer = readDer(der);
    const [content, , signature] = readDerList(outer?.content ?? Buffer.of());
    if (!outer || !content || !signature) throw new MspError('the list has no signature');
    this.#signed = outer.content.subarray(0, content.end);
    this.#signature = signature.content.subarray(1);
  }

  revokes(certificate: Certificate, issuer: Certificate): boolean {
    if (!this.#serials.has(plainSerial(certificate.node.serialNumber))) return false;
    const { keyId } = new x509.X509Certificate(issuer.der).getExtension(
      x509.SubjectKeyIdentifierExtension,
    ) ?? { keyId: undefined };
    if (keyId === undefined || keyId !== this.#authorityKeyId) return false;
    return verify('sha256', this.#signed, issuer.publicKey, this.#signature);
  }
}

function derOf(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes).toString('latin1');
  const block = /-----BEGIN X509 CRL-----([^-]+)-----END /.exec(text);
  return block?.[1] === undefined ? Buffer.from(bytes) : Buffer.from(block[1], 'base64');
}

/** Lower-case hex without leading zero bytes, since writers differ in those. */
function plainSerial(serial: string): string {
  return serial.toLowerCase().replace(/^(00)+(?=.)/, '');
}
