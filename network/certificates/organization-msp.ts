import { msp } from '@hyperledger/fabric-protos';
import { sha256 } from '../crypto/hashes';
import { parseCertificate } from './certificate';
import type { Certificate } from './certificate';
import { MspError } from './msp-error';
import { parseRevocationList } from './parsed-revocation-list';
import type { RevocationList } from './parsed-revocation-list';

/** Roles that NodeOUs tell apart. */
export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

interface UnitRule {
  readonly role: NodeRole;
  /** SHA-256 of the chain that must have issued the certificate; absent when any may. */
  readonly certifiers: Buffer | undefined;
}

/** A chain from the certificate (first) to a root (last). */
export type Chain = readonly [Certificate, ...Certificate[]];

const longestChain = 8;

/** The rules of one organization's MSP, by its FabricMSPConfig. */
export class OrganizationMsp {
  readonly id: string;
  readonly #roots: readonly Certificate[];
  readonly #intermediates: readonly Certificate[];
  readonly #admins: readonly Certificate[];
  readonly #revocations: readonly RevocationList[];
  /** By OU name; undefined when NodeOUs are off. */
  readonly #units: ReadonlyMap<string, UnitRule> | undefined;

  /** @throws MspError when a certificate of the configuration does not parse or no root is there */
  constructor(config: msp.FabricMSPConfig) {
    this.id = config.getName();
    this.#roots = config.getRootCertsList_asU8().map(parseCertificate);
    this.#intermediates = config.getIntermediateCertsList_asU8().map(parseCertificate);
    this.#admins = config.getAdminsList_asU8().map(parseCertificate);
    this.#revocations = config.getRevocationListList_asU8().map(parseRevocationList);
    if (this.#roots.length === 0) throw new MspError(`MSP ${this.id} has no CA certificate`);
    const units = config.getFabricNodeOus();
    this.#units = units?.getEnable() === true ? this.#unitRules(units) : undefined;
  }

  /**
   * The one chain to a root, as of one second after the certificate's NotBefore; so expiry does not
   * matter, but a certificate older than its CA has none (mspimpl.go:getUniqueValidationChain).
   * @throws MspError when there is not exactly one
   */
  chainOf(certificate: Certificate): Chain {
    const at = certificate.notBefore.getTime() + 1000;
    const chains = this.#chains(certificate, at, longestChain);
    const [only] = chains;
    if (!only || chains.length > 1) {
      throw new MspError(
        `MSP ${this.id}: expected one chain to a CA, found ${String(chains.length)}`,
      );
    }
    return only;
  }

  /**
   * Rules beyond the chain (mspimplvalidate.go:validateIdentity, validateIdentityAgainstChain,
   * validateIdentityOUsV142).
   * @throws MspError for a CA certificate, for one that its CA has revoked, and unless exactly one
   *   OU names a role
   */
  validate(chain: Chain): void {
    const [certificate] = chain;
    if (certificate.isCa) throw new MspError('a CA certificate cannot be used as an identity');
    if (this.#isRevoked(chain)) throw new MspError('The certificate has been revoked');
    if (!this.#units) return;
    const rules = certificate.organizationalUnits.flatMap((unit) => this.#units?.get(unit) ?? []);
    for (const rule of rules.slice(0, 2)) {
      if (rule.certifiers && !rule.certifiers.equals(certifiersOf(chain))) {
        throw new MspError(`the OU ${rule.role} was certified by another CA`);
      }
    }
    if (rules.length !== 1) {
      throw new MspError(
        `exactly one OU must name a role of client, peer, orderer or admin; MSP ${this.id} found ` +
          (rules.length === 0 ? 'none' : 'more'),
      );
    }
  }

  /** Whether a valid certificate has the OU of the role; false when NodeOUs are off. */
  hasRole(certificate: Certificate, role: NodeRole): boolean {
    return certificate.organizationalUnits.some((unit) => this.#units?.get(unit)?.role === role);
  }

  /** Whether the certificate is one of the admins that the configuration lists. */
  listsAdmin(certificate: Certificate): boolean {
    return this.#admins.some((admin) => admin.der.equals(certificate.der));
  }

  /** Whether a list of the CA that issued the certificate names it, from whatever time on. */
  #isRevoked([certificate, issuer]: Chain): boolean {
    if (!issuer || this.#revocations.length === 0) return false;
    return this.#revocations.some((list) => list.revokes(certificate, issuer));
  }

  #unitRules(units: msp.FabricNodeOUs): ReadonlyMap<string, UnitRule> {
    const rules = new Map<string, UnitRule>();
    const add = (role: NodeRole, from: msp.FabricOUIdentifier | undefined): void => {
      const name = from?.getOrganizationalUnitIdentifier();
      if (from === undefined || name === undefined || name === '') return;
      const issuer = from.getCertificate_asU8();
      const certifiers = issuer.length === 0 ? undefined : this.#certifiersOfCa(issuer);
      rules.set(name, { role, certifiers });
    };
    add('client', units.getClientOuIdentifier());
    add('peer', units.getPeerOuIdentifier());
    add('admin', units.getAdminOuIdentifier());
    add('orderer', units.getOrdererOuIdentifier());
    return rules;
  }

  #certifiersOfCa(pem: Uint8Array): Buffer {
    const ca = parseCertificate(pem);
    const isKnown = (one: Certificate): boolean => one.der.equals(ca.der);
    if (this.#roots.some(isKnown)) return sha256(ca.der);
    if (!this.#intermediates.some(isKnown)) {
      throw new MspError(`MSP ${this.id}: the CA of a NodeOU is not one of its CAs`);
    }
    return sha256(...this.chainOf(ca).map((one) => one.der));
  }

  #chains(certificate: Certificate, at: number, budget: number): Chain[] {
    if (budget === 0 || !isCurrent(certificate, at)) return [];
    if (this.#roots.some((root) => root.der.equals(certificate.der))) return [[certificate]];
    const issuers = [...this.#roots, ...this.#intermediates].filter((one) =>
      hasIssued(one, certificate),
    );
    return issuers.flatMap((issuer) =>
      this.#chains(issuer, at, budget - 1).map((rest): Chain => [certificate, ...rest]),
    );
  }
}

/** SHA-256 of the CA certificates of a chain, from the issuer to the root. */
export function certifiersOf(chain: Chain): Buffer {
  return sha256(...chain.slice(1).map((one) => one.der));
}

function isCurrent(certificate: Certificate, at: number): boolean {
  return certificate.notBefore.getTime() <= at && at <= certificate.notAfter.getTime();
}

function hasIssued(issuer: Certificate, certificate: Certificate): boolean {
  return (
    issuer.isCa &&
    certificate.node.checkIssued(issuer.node) &&
    certificate.node.verify(issuer.publicKey)
  );
}
