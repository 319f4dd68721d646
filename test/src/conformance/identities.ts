import { X509Certificate } from 'node:crypto';
import { impostorOf, issueCertificate } from './certificate-issuer';
import type { CertificateRequest, NetworkDriver } from './network-driver';
import { signerOf } from './signer';
import type { Signer } from './signer';

/** Those who act in the suite; each is enrolled when first asked for. */
export class Identities {
  readonly #driver: NetworkDriver;
  readonly #known = new Map<string, Promise<Signer>>();

  constructor(driver: NetworkDriver) {
    this.#driver = driver;
  }

  /** A client of an organization; `name` tells several apart. */
  client(mspId: string, name = 'client'): Promise<Signer> {
    return this.#issued({ mspId, name, units: ['client'] });
  }

  admin(mspId: string): Promise<Signer> {
    return this.#issued({ mspId, name: 'admin', units: ['admin'] });
  }

  /** What the peer of an organization signs with. */
  peer(mspId: string): Promise<Signer> {
    return this.#once(`peer of ${mspId}`, async () =>
      signerOf(await this.#driver.peerCredentials(mspId)),
    );
  }

  /** Somebody that the channel knows but that no application policy admits. */
  stranger(): Promise<Signer> {
    return this.client('OrdererMSP');
  }

  /** A certificate with the role of a client and of a peer, which makes it invalid. */
  twoRoles(mspId: string): Promise<Signer> {
    return this.#issued({ mspId, name: 'both', units: ['client', 'peer'] });
  }

  /** A client whose certificate was good for two seconds, some time ago. */
  async expired(mspId: string): Promise<Signer> {
    const start = await this.#caStart(mspId);
    const notAfter = new Date(start.getTime() + 2000);
    if (notAfter.getTime() > Date.now()) throw new Error('the CA is not two seconds old');
    return this.#issued({ mspId, name: 'late', notBefore: start, notAfter });
  }

  /** A client whose certificate begins in an hour. */
  early(mspId: string): Promise<Signer> {
    const notBefore = new Date(Date.now() + 3_600_000);
    return this.#once(`early ${mspId}`, async () =>
      signerOf(await this.#driver.issue({ mspId, notBefore })),
    );
  }

  /** A client whose certificate begins a month before that of its CA. */
  async older(mspId: string): Promise<Signer> {
    const start = await this.#caStart(mspId);
    const notBefore = new Date(start.getTime() - 30 * 24 * 3_600_000);
    return this.#issued({ mspId, name: 'older', notBefore });
  }

  /** A client of a CA that has the right name but that the channel does not know. */
  async ofImpostor(mspId: string): Promise<Signer> {
    const impostor = await impostorOf(await this.#driver.caCertificatePem(mspId));
    return signerOf(await issueCertificate(impostor, { mspId }));
  }

  /** Any certificate of the organization's CA. */
  async odd(request: CertificateRequest): Promise<Signer> {
    return signerOf(await this.#driver.issue(request));
  }

  async #caStart(mspId: string): Promise<Date> {
    const { validFrom } = new X509Certificate(await this.#driver.caCertificatePem(mspId));
    return new Date(validFrom);
  }

  #issued(request: CertificateRequest & { readonly name: string }): Promise<Signer> {
    return this.#once(`${request.name} of ${request.mspId}`, async () =>
      signerOf(await this.#driver.issue(request)),
    );
  }

  #once(name: string, make: () => Promise<Signer>): Promise<Signer> {
    const known = this.#known.get(name) ?? make();
    this.#known.set(name, known);
    return known;
  }
}
