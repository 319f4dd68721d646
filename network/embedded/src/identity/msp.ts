import { msp } from '@hyperledger/fabric-protos';
import { LruMap } from '../../../crypto/lru-map';
import { verifyLowS } from '../../../crypto/signatures';
import { sha256 } from '../../../crypto/hashes';
import { parseCertificate } from '../../../certificates/certificate';
import { MspError } from '../../../certificates/msp-error';
import { OrganizationMsp } from '../../../certificates/organization-msp';
import type { Chain } from '../../../certificates/organization-msp';
import { fitsPrincipal } from './principals';
import type { Candidate } from './principals';

export { MspError } from '../../../certificates/msp-error';

/** A certificate whose chain ends at a root of its MSP. */
export interface MspIdentity {
  readonly mspId: string;
  /** DER with a low-S signature of the issuer. */
  readonly certificateDer: Buffer;
  /** Lower-case hex SHA-256 of the DER. */
  readonly certificateHash: string;
  readonly notAfter: Date;
  /** False for a wrong, malformed or high-S signature. */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
  /** False too when the identity is not valid under its MSP. */
  satisfies(principal: msp.MSPPrincipal): boolean;
}

/** Users and nodes of a channel that one process meets; a few hundred bytes each. */
const rememberedIdentities = 4096;

/** The MSPs of a channel, by id. */
export class MspRegistry {
  readonly #msps: ReadonlyMap<string, OrganizationMsp>;
  readonly #identities = new LruMap<string, KnownIdentity>(rememberedIdentities);
  /** The same by array object, since one message is looked at many times. */
  readonly #byArray = new WeakMap<Uint8Array, KnownIdentity>();

  /**
   * @param configs FabricMSPConfig messages wrapped as in the channel configuration
   * @throws MspError when one is of another type or does not hold together
   */
  constructor(configs: readonly msp.MSPConfig[]) {
    this.#msps = new Map(
      configs.map((config) => {
        if (config.getType() !== 0) throw new MspError('only X.509 MSPs are supported');
        const one = new OrganizationMsp(
          msp.FabricMSPConfig.deserializeBinary(config.getConfig_asU8()),
        );
        return [one.id, one];
      }),
    );
  }

  /** In the order of the configuration. */
  get mspIds(): readonly string[] {
    return [...this.#msps.keys()];
  }

  /**
   * @param serialized msp.SerializedIdentity bytes
   * @throws MspError when undecodable, of an unknown MSP, or without a chain to its roots at the
   *   certificate's NotBefore (so expiry never matters here)
   */
  deserialize(serialized: Uint8Array): MspIdentity {
    const known = this.#byArray.get(serialized);
    if (known) return known;
    const name = Buffer.from(serialized).toString('latin1');
    let identity = this.#identities.get(name);
    if (!identity) {
      identity = this.#deserializeAfresh(serialized);
      this.#identities.set(name, identity);
    }
    this.#byArray.set(serialized, identity);
    return identity;
  }

  /**
   * @throws MspError when the identity breaks a rule of its MSP (such as one role OU exactly), or
   *   is not from this registry
   */
  validate(identity: MspIdentity): void {
    if (!(identity instanceof KnownIdentity)) throw new MspError('identity type not recognized');
    if (identity.fault) throw identity.fault;
  }

  #deserializeAfresh(serialized: Uint8Array): KnownIdentity {
    const { mspId, pem } = decode(serialized);
    const organization = this.#msps.get(mspId);
    if (!organization) throw new MspError(`MSP ${mspId} is unknown`);
    const chain = organization.chainOf(parseCertificate(pem));
    return new KnownIdentity(this, organization, chain);
  }
}

class KnownIdentity implements MspIdentity, Candidate {
  readonly mspId: string;
  readonly certificateDer: Buffer;
  readonly certificateHash: string;
  readonly notAfter: Date;
  /** What makes the identity invalid, if anything. */
  readonly fault: MspError | undefined;
  readonly msp: OrganizationMsp;
  readonly chain: Chain;
  readonly #registry: MspRegistry;
  readonly #answers = new WeakMap<msp.MSPPrincipal, boolean>();

  constructor(registry: MspRegistry, organization: OrganizationMsp, chain: Chain) {
    const [certificate] = chain;
    this.#registry = registry;
    this.msp = organization;
    this.chain = chain;
    this.mspId = organization.id;
    this.certificateDer = certificate.der;
    this.certificateHash = sha256(certificate.der).toString('hex');
    this.notAfter = certificate.notAfter;
    this.fault = faultOf(organization, chain);
  }

  get isValid(): boolean {
    return this.fault === undefined;
  }

  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return verifyLowS(this.chain[0].publicKey, message, signature);
  }

  satisfies(principal: msp.MSPPrincipal): boolean {
    let answer = this.#answers.get(principal);
    if (answer === undefined) {
      answer = fitsPrincipal(this, principal);
      this.#answers.set(principal, answer);
    }
    return answer;
  }

  isSameAs(serialized: Uint8Array): boolean {
    const other = this.#registry.deserialize(serialized);
    return other.mspId === this.mspId && other.certificateHash === this.certificateHash;
  }
}

function faultOf(organization: OrganizationMsp, chain: Chain): MspError | undefined {
  try {
    organization.validate(chain);
    return undefined;
  } catch (error) {
    if (error instanceof MspError) return error;
    throw error;
  }
}

function decode(serialized: Uint8Array): { mspId: string; pem: Uint8Array } {
  try {
    const message = msp.SerializedIdentity.deserializeBinary(serialized);
    return { mspId: message.getMspid(), pem: message.getIdBytes_asU8() };
  } catch (error) {
    throw new MspError('the identity does not decode', { cause: error });
  }
}
