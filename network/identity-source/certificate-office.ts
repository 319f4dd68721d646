import { randomBytes, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { x509 } from '../crypto/x509';
import { readAttributes } from '../certificates/attributes';
import { CertificateAuthority } from '../certificates/certificate-authority';
import type { AuthorityPlace } from '../certificates/certificate-authority';
import { nodeRoles } from '../certificates/msp-folder';
import { CaRegistry, hashSecret, isSecret } from './ca-registry';
import type { RegistryEntry } from './ca-registry';
import { IdentitySourceError } from './identity-source';
import type { CaInfo, Login, Registration, Revocation, RevocationTarget } from './identity-source';

const secretBytes = 18;

/** A registration with what only the desk can be told, by the organization itself. */
interface DeskRegistration extends Registration {
  /** The secret given is of a random generator, 128 bits or more; absent: it might be guessed. */
  readonly isRandomSecret?: boolean;
}

/**
 * The desk of an embedded CA: knows who is registered, certifies their keys and keeps account of
 * what it issued and revoked. Several processes may have one for the same CA: each looks into the
 * registry whenever it is asked, and changes are made one after the other. It never sees a private
 * key but the CA's own. What it allows and refuses is what a Fabric CA server does
 * (lib/server*.go); rights are checked by whoever asks it.
 */
export class CertificateOffice {
  readonly info: CaInfo;
  readonly #ca: CertificateAuthority;
  readonly #registryPath: string;
  #lastChange: Promise<unknown> = Promise.resolve();

  private constructor(parts: { info: CaInfo; ca: CertificateAuthority; registryPath: string }) {
    this.info = parts.info;
    this.#ca = parts.ca;
    this.#registryPath = parts.registryPath;
  }

  /**
   * Opens the CA of an organization's folder; its registry is `registry.json` beside the CA's key.
   * @throws CryptoStoreError when a file is missing or unreadable
   */
  static async open(organization: Omit<AuthorityPlace, 'kind'>): Promise<CertificateOffice> {
    const ca = await CertificateAuthority.load({ ...organization, kind: 'ca' });
    const registryPath = join(organization.organizationFolder, 'ca', 'registry.json');
    await CaRegistry.read(registryPath);
    return new CertificateOffice({
      info: { name: `ca.${organization.domain}`, certificatePem: ca.certificatePem },
      ca,
      registryPath,
    });
  }

  /** Key id of the CA, hex, as certificates name it. */
  get authorityKeyId(): string {
    return this.#ca.keyId;
  }

  /** Registers somebody who may register others, unless the name is known. */
  async addRegistrar(login: Login): Promise<void> {
    await this.#change((registry) => {
      if (registry.find(login.name)) return;
      addTo(registry, { ...login, type: 'client', attributes: {} }, { isRegistrar: true });
    });
  }

  /** @throws IdentitySourceError already-registered, malformed */
  async register(registration: DeskRegistration): Promise<string> {
    checkRegistration(registration);
    return this.#change((registry) => {
      if (registry.find(registration.name)) {
        throw new IdentitySourceError(
          'already-registered',
          `${registration.name} is already registered`,
        );
      }
      return addTo(registry, registration, { isRegistrar: false });
    });
  }

  /** @throws IdentitySourceError unauthenticated */
  async certify(login: Login, publicKey: KeyObject): Promise<string> {
    return this.#change(async (registry) => {
      const entry = registry.find(login.name);
      if (!entry || !isSecret(login.secret, entry.secretHash)) throw refusal('a wrong secret');
      if (entry.isRevoked) throw refusal(`${login.name} is revoked`);
      if (entry.enrolmentsLeft === 0) throw refusal(`the secret of ${login.name} is used up`);
      if (entry.enrolmentsLeft !== undefined) entry.enrolmentsLeft -= 1;
      return this.#issue(entry, publicKey);
    });
  }

  /** @throws IdentitySourceError unauthenticated, unless the certificate is this CA's and good */
  async recertify(current: X509Certificate, publicKey: KeyObject): Promise<string> {
    return this.#change((registry) => this.#issue(this.#holderIn(registry, current), publicKey));
  }

  /**
   * The holder of a certificate. A certificate that this CA issued before it kept a registry, as
   * those of a topology's nodes and users, enters the registry with what stands in it.
   * @throws IdentitySourceError unauthenticated, unless the certificate is this CA's and good
   */
  async holderOf(certificate: X509Certificate): Promise<RegistryEntry> {
    return this.#holderIn(await CaRegistry.read(this.#registryPath), certificate);
  }

  #holderIn(registry: CaRegistry, certificate: X509Certificate): RegistryEntry {
    if (!this.#hasIssued(certificate)) throw refusal('a certificate of another CA');
    if (Date.now() > Date.parse(certificate.validTo)) throw refusal('an expired certificate');
    const serial = serialOf(certificate);
    const holder = registry.ownerOf(serial) ?? adopt(registry, certificate);
    const issued = holder.certificates.find((one) => one.serial === serial);
    if (issued?.revokedAt !== undefined) throw refusal('a revoked certificate');
    if (holder.isRevoked) throw refusal(`${holder.name} is revoked`);
    return holder;
  }

  /** @throws IdentitySourceError not-found, already-revoked */
  async revoke(target: RevocationTarget | { readonly serial: string }): Promise<Revocation> {
    const serials = await this.#change((registry) => {
      if ('name' in target) return revokeName(registry, target.name);
      const serial = 'serial' in target ? target.serial : this.#serialOf(registry, target);
      return revokeSerial(registry, serial);
    });
    return { serials, revocationListPem: await this.revocationList() };
  }

  /** Every revoked certificate, PEM. */
  async revocationList(): Promise<string> {
    return this.#ca.revocationList((await CaRegistry.read(this.#registryPath)).revoked());
  }

  /** The serial number of a certificate, which enters the registry if this CA issued it. */
  #serialOf(registry: CaRegistry, { certificatePem }: { certificatePem: string }): string {
    const certificate = new X509Certificate(certificatePem);
    const serial = serialOf(certificate);
    if (!registry.ownerOf(serial) && this.#hasIssued(certificate)) adopt(registry, certificate);
    return serial;
  }

  #hasIssued(certificate: X509Certificate): boolean {
    const root = new X509Certificate(this.info.certificatePem);
    return certificate.checkIssued(root) && certificate.verify(root.publicKey);
  }

  async #issue(entry: RegistryEntry, publicKey: KeyObject): Promise<string> {
    const { name, type, attributes } = entry;
    const pem = await this.#ca.certify({ name, role: type, attributes }, publicKey);
    entry.certificates.push({ serial: serialOfPem(pem) });
    return pem;
  }

  /** One change after the other, and none is answered before it is on the disk. */
  async #change<T>(make: (registry: CaRegistry) => T | Promise<T>): Promise<T> {
    const change = this.#lastChange.then(() => CaRegistry.change(this.#registryPath, make));
    this.#lastChange = change.catch(() => undefined);
    return change;
  }
}

function adopt(registry: CaRegistry, certificate: X509Certificate): RegistryEntry {
  const found = describeCertificate(certificate);
  const known = registry.find(found.name);
  if (known && !isSamePerson(known, found)) {
    throw refusal(`${found.name} is registered with another type or other attributes`);
  }
  const entry = known ?? { ...found, isRegistrar: false, isRevoked: false, certificates: [] };
  entry.certificates.push({ serial: serialOf(certificate) });
  registry.add(entry);
  return entry;
}

function revokeName(registry: CaRegistry, name: string): string[] {
  const entry = registry.find(name);
  if (!entry) throw new IdentitySourceError('not-found', `${name} is not registered`);
  entry.isRevoked = true;
  const good = entry.certificates.filter((one) => one.revokedAt === undefined);
  for (const one of good) one.revokedAt = new Date().toISOString();
  return good.map((one) => one.serial);
}

function revokeSerial(registry: CaRegistry, serial: string): string[] {
  const issued = registry.ownerOf(serial)?.certificates.find((one) => one.serial === serial);
  if (!issued) {
    throw new IdentitySourceError('not-found', `no certificate has the serial number ${serial}`);
  }
  if (issued.revokedAt !== undefined) {
    throw new IdentitySourceError('already-revoked', `the certificate ${serial} is revoked`);
  }
  issued.revokedAt = new Date().toISOString();
  return [serial];
}

function addTo(
  registry: CaRegistry,
  registration: DeskRegistration,
  rights: { isRegistrar: boolean },
): string {
  const secret = registration.secret ?? randomBytes(secretBytes).toString('base64url');
  const isRandom = registration.secret === undefined || registration.isRandomSecret === true;
  registry.add({
    name: registration.name,
    type: registration.type,
    attributes: registration.attributes,
    ...rights,
    secretHash: hashSecret(secret, { isRandom }),
    ...(registration.maxEnrolments !== undefined && {
      enrolmentsLeft: registration.maxEnrolments,
    }),
    isRevoked: false,
    certificates: [],
  });
  return secret;
}

/** The serial number as Fabric CA compares it: lower-case hex without leading zeros. */
export function serialOf(certificate: X509Certificate): string {
  return certificate.serialNumber.toLowerCase().replace(/^0+/, '');
}

function serialOfPem(pem: string): string {
  return serialOf(new X509Certificate(pem));
}

/** What a certificate says of its holder, without the attributes that the CA adds by itself. */
function describeCertificate(
  certificate: X509Certificate,
): Pick<RegistryEntry, 'name' | 'type' | 'attributes'> {
  const subject = new x509.X509Certificate(certificate.raw).subjectName;
  const [name] = subject.getField('CN');
  const [unit] = subject.getField('OU');
  const type = nodeRoles.find((one) => one === unit);
  if (name === undefined || !type) throw refusal('a certificate without name or type');
  const attributes = Object.entries(readAttributes(certificate.toString()));
  const own = attributes.filter(([key]) => !key.startsWith('hf.'));
  return { name, type, attributes: Object.fromEntries(own) };
}

function isSamePerson(
  known: RegistryEntry,
  found: Pick<RegistryEntry, 'type' | 'attributes'>,
): boolean {
  const own = Object.entries(found.attributes);
  return (
    known.type === found.type &&
    own.length === Object.keys(known.attributes).length &&
    own.every(([name, value]) => known.attributes[name] === value)
  );
}

function checkRegistration({ name, attributes }: Registration): void {
  if (name === '') throw new IdentitySourceError('malformed', 'a registration needs a name');
  const own = Object.keys(attributes).find((one) => one.startsWith('hf.'));
  if (own === undefined) return;
  throw new IdentitySourceError('unauthorized', `the attribute ${own} is given by the CA only`);
}

function refusal(what: string): IdentitySourceError {
  return new IdentitySourceError('unauthenticated', `the CA refuses: ${what}`);
}
