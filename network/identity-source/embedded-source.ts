import { X509Certificate } from 'node:crypto';
import { generateKey, toPem } from '../certificates/key-pair';
import type { CertifiedKey } from '../certificates/key-pair';
import type { CertificateOffice } from './certificate-office';
import type {
  CaInfo,
  IdentitySource,
  Login,
  Registration,
  Revocation,
  RevocationTarget,
} from './identity-source';

/** Identities from the CA in an organization's folder; whoever may read the folder is registrar. */
export class EmbeddedSource implements IdentitySource {
  readonly #office: CertificateOffice;

  constructor(office: CertificateOffice) {
    this.#office = office;
  }

  caInfo(): Promise<CaInfo> {
    return Promise.resolve(this.#office.info);
  }

  register(registration: Registration): Promise<string> {
    return this.#office.register(registration);
  }

  async enrol(login: Login): Promise<CertifiedKey> {
    const { publicKey, privateKey } = generateKey();
    const certificatePem = await this.#office.certify(login, publicKey);
    return { certificatePem, privateKeyPem: toPem(privateKey) };
  }

  async reenrol(current: CertifiedKey): Promise<CertifiedKey> {
    const { publicKey, privateKey } = generateKey();
    const held = new X509Certificate(current.certificatePem);
    const certificatePem = await this.#office.recertify(held, publicKey);
    return { certificatePem, privateKeyPem: toPem(privateKey) };
  }

  revoke(target: RevocationTarget): Promise<Revocation> {
    return this.#office.revoke(target);
  }

  revocationList(): Promise<string> {
    return this.#office.revocationList();
  }
}
