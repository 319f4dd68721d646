import { X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Extension, JsonName } from '@peculiar/x509';
import { sha256 } from '../crypto/hashes';
import { x509 } from '../crypto/x509';
import { attributesOid, encodeAttributes, enrolmentAttributes } from './attributes';
import { writePrivate, writePublic } from './crypto-files';
import { issueCertificate } from './issue-certificate';
import { issueRevocationList } from './revocation-list';
import type { RevokedCertificate } from './revocation-list';
import { generateKey, loadKey, toPem } from './key-pair';
import type { CertifiedKey, LoadedKey } from './key-pair';
import type { NodeRole } from './organization-msp';

/** Which CA of an organization: for identities (`ca`) or for TLS (`tlsca`). */
export interface AuthorityPlace {
  readonly kind: 'ca' | 'tlsca';
  readonly domain: string;
  /** Folder of the organization; the CA keeps its files in the sub-folder of its kind. */
  readonly organizationFolder: string;
}

/** Who a certificate is for. */
export interface Enrolment {
  /** Common name and enrolment id. */
  readonly name: string;
  /** The only OU. */
  readonly role: NodeRole;
  /** Attributes besides `hf.*`; absent for nodes, which get no attribute extension. */
  readonly attributes?: Readonly<Record<string, string>>;
}

const yearMs = 365 * 24 * 3_600_000;
const lifetimeMs = 10 * yearMs;
/** Certificates start early so that a machine whose clock is a little slow accepts them. */
const backdatingMs = 5 * 60_000;

/** Issues certificates for ECDSA P-256 keys, with the fields that cryptogen and Fabric CA set. */
export class CertificateAuthority {
  readonly certificatePem: string;
  readonly #place: AuthorityPlace;
  readonly #key: LoadedKey;
  readonly #certificate: InstanceType<typeof x509.X509Certificate>;

  private constructor(place: AuthorityPlace, key: LoadedKey) {
    this.#place = place;
    this.#key = key;
    this.certificatePem = key.certificatePem;
    this.#certificate = new x509.X509Certificate(key.certificatePem);
  }

  /** Makes a CA with a new key and writes `<kind>.<domain>-cert.pem` and `priv_sk`. */
  static async create(place: AuthorityPlace): Promise<CertificateAuthority> {
    const { publicKey, privateKey } = generateKey();
    const subject: JsonName = [{ O: [place.domain] }, { CN: [`${place.kind}.${place.domain}`] }];
    const usage = x509.KeyUsageFlags;
    const certificatePem = await issueCertificate({
      subject,
      issuer: subject,
      publicKey,
      signingKey: privateKey,
      ...lifetimeFrom(Date.now() - backdatingMs),
      extensions: [
        new x509.KeyUsagesExtension(
          usage.digitalSignature | usage.keyEncipherment | usage.keyCertSign | usage.cRLSign,
          true,
        ),
        new x509.BasicConstraintsExtension(true, undefined, true),
        subjectKeyId(publicKey),
      ],
    });
    const files = filesOf(place);
    await writePublic({ path: files.certificateFile, text: certificatePem });
    await writePrivate({ path: files.keyFile, text: toPem(privateKey) });
    return new CertificateAuthority(place, {
      certificatePem,
      privateKeyPem: toPem(privateKey),
      privateKey,
    });
  }

  /** @throws CryptoStoreError when a file is missing or unreadable */
  static async load(place: AuthorityPlace): Promise<CertificateAuthority> {
    return new CertificateAuthority(place, await loadKey(filesOf(place)));
  }

  /** Writes the certificate, without the key, into another folder of the organization. */
  async copyCertificate(organizationFolder: string): Promise<void> {
    const { certificateFile } = filesOf({ ...this.#place, organizationFolder });
    await writePublic({ path: certificateFile, text: this.certificatePem });
  }

  /** The key id that its certificates name as their issuer's, hex. */
  get keyId(): string {
    return keyId(publicKeyOf(this.certificatePem));
  }

  /** A signing certificate with a new key; see {@link certify}. */
  async enrol(enrolment: Enrolment): Promise<CertifiedKey> {
    const { publicKey, privateKey } = generateKey();
    const certificatePem = await this.certify(enrolment, publicKey);
    return { certificatePem, privateKeyPem: toPem(privateKey) };
  }

  /**
   * A signing certificate for someone else's key: subject `OU=<role>, CN=<name>`, in this order.
   * @returns PEM
   */
  async certify(enrolment: Enrolment, publicKey: KeyObject): Promise<string> {
    const { name, role, attributes } = enrolment;
    const own = { ...enrolmentAttributes({ enrolmentId: name, type: role }), ...attributes };
    return this.#issueLeaf({
      publicKey,
      subject: [{ OU: [role] }, { CN: [name] }],
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        ...(attributes ? [new x509.Extension(attributesOid, false, encodeAttributes(own))] : []),
      ],
    });
  }

  /** A TLS certificate for a host, which also holds for localhost and the loopback addresses. */
  async enrolTlsServer(host: string): Promise<CertifiedKey> {
    const usage = x509.KeyUsageFlags;
    return this.#issueWithNewKey({
      subject: [{ CN: [host] }],
      extensions: [
        new x509.KeyUsagesExtension(usage.digitalSignature | usage.keyEncipherment, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: host },
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
          { type: 'ip', value: '::1' },
        ]),
      ],
    });
  }

  /** A TLS certificate for someone who only connects. */
  async enrolTlsClient(name: string): Promise<CertifiedKey> {
    const usage = x509.KeyUsageFlags;
    return this.#issueWithNewKey({
      subject: [{ CN: [name] }],
      extensions: [
        new x509.KeyUsagesExtension(usage.digitalSignature | usage.keyEncipherment, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ],
    });
  }

  /** A list of revoked certificates, as an MSP folder takes it under `crls`. @returns PEM */
  async revocationList(revoked: readonly RevokedCertificate[]): Promise<string> {
    return issueRevocationList({
      issuer: this.#certificate.subjectName.toJSON(),
      signingKey: this.#key.privateKey,
      authorityKeyId: this.keyId,
      revoked,
    });
  }

  async #issueWithNewKey(parts: {
    subject: JsonName;
    extensions: Extension[];
  }): Promise<CertifiedKey> {
    const { publicKey, privateKey } = generateKey();
    const certificatePem = await this.#issueLeaf({ ...parts, publicKey });
    return { certificatePem, privateKeyPem: toPem(privateKey) };
  }

  async #issueLeaf(parts: {
    publicKey: KeyObject;
    subject: JsonName;
    extensions: Extension[];
  }): Promise<string> {
    const { publicKey } = parts;
    // The MSP checks the chain at this moment, so a leaf must never be older than its CA.
    const earliest = this.#certificate.notBefore.getTime();
    return issueCertificate({
      subject: parts.subject,
      issuer: this.#certificate.subjectName.toJSON(),
      publicKey,
      signingKey: this.#key.privateKey,
      ...lifetimeFrom(Math.max(earliest, Date.now() - backdatingMs)),
      extensions: [
        ...parts.extensions,
        new x509.BasicConstraintsExtension(false, undefined, true),
        subjectKeyId(publicKey),
        new x509.AuthorityKeyIdentifierExtension(this.keyId),
      ],
    });
  }
}

function filesOf(place: AuthorityPlace): { certificateFile: string; keyFile: string } {
  const folder = join(place.organizationFolder, place.kind);
  return {
    certificateFile: join(folder, `${place.kind}.${place.domain}-cert.pem`),
    keyFile: join(folder, 'priv_sk'),
  };
}

function lifetimeFrom(startMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(startMs), notAfter: new Date(startMs + lifetimeMs) };
}

function publicKeyOf(certificatePem: string): KeyObject {
  return new X509Certificate(certificatePem).publicKey;
}

function subjectKeyId(publicKey: KeyObject): Extension {
  return new x509.SubjectKeyIdentifierExtension(keyId(publicKey));
}

/** SHA-256 of the uncompressed point, as Fabric's tools have it. */
function keyId(publicKey: KeyObject): string {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = [Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  return sha256(...point).toString('hex');
}
