import type { CertifiedKey } from '../certificates/key-pair';
import type { NodeRole } from '../certificates/organization-msp';

/** Someone whom a CA is to know. */
export interface Registration {
  /** Enrolment id and common name of the certificates. */
  readonly name: string;
  /** Becomes the OU of the certificates. */
  readonly type: NodeRole;
  /** Attributes for the certificates, besides the `hf.*` that the CA adds by itself. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Absent: the CA makes one up. */
  readonly secret?: string;
  /** How often the secret may be used; absent: any number of times. */
  readonly maxEnrolments?: number;
}

/** What an enrolment needs. */
export interface Login {
  readonly name: string;
  readonly secret: string;
}

/** All certificates of a name, which is disabled with them, or one certificate. */
export type RevocationTarget = { readonly name: string } | { readonly certificatePem: string };

/** What a revocation did. */
export interface Revocation {
  /** Serial numbers of the certificates, lower-case hex without leading zeros. */
  readonly serials: readonly string[];
  /** The CA's revocation list, PEM, these certificates in it. */
  readonly revocationListPem: string;
}

/** Who issues: its name and its certificate (PEM), the root of an organization's MSP. */
export interface CaInfo {
  readonly name: string;
  readonly certificatePem: string;
}

/**
 * Where identities of an organization come from. Whoever holds one acts as its registrar.
 * All methods throw an {@link IdentitySourceError}.
 */
export interface IdentitySource {
  caInfo(): Promise<CaInfo>;
  /** @returns the secret for the enrolment */
  register(registration: Registration): Promise<string>;
  /** A certificate for a new key, which never leaves this process. */
  enrol(login: Login): Promise<CertifiedKey>;
  /** A new certificate for a new key; the current ones stay valid until they are revoked. */
  reenrol(current: CertifiedKey): Promise<CertifiedKey>;
  revoke(target: RevocationTarget): Promise<Revocation>;
  /** Every revoked certificate of this CA, PEM. */
  revocationList(): Promise<string>;
}

/** Why an identity source refused. */
export type IdentityRefusal =
  | 'unauthenticated'
  | 'unauthorized'
  | 'already-registered'
  | 'already-revoked'
  | 'not-found'
  | 'malformed'
  | 'unreachable'
  | 'failed';

/** A refusal of an identity source; `reason` is for programs, the message for people. */
export class IdentitySourceError extends Error {
  override readonly name = 'IdentitySourceError';
  readonly reason: IdentityRefusal;

  constructor(reason: IdentityRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
