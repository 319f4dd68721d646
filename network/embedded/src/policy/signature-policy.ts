import type { common } from '@hyperledger/fabric-protos';
import type { MspIdentity, MspRegistry } from '../identity/msp';

/** Bytes, who is said to have signed them, and the signature (protoutil.SignedData). */
export interface SignedDatum {
  readonly data: Uint8Array;
  /** msp.SerializedIdentity bytes. */
  readonly identity: Uint8Array;
  readonly signature: Uint8Array;
}

/** The identities of the good signatures, in order and each once. */
export declare function identitiesOf(
  signed: readonly SignedDatum[],
  msps: MspRegistry,
): MspIdentity[];

/** Greedy and dependent on order, as Fabric. */
export declare function satisfiesSignaturePolicy(
  envelope: common.SignaturePolicyEnvelope,
  identities: readonly MspIdentity[],
): boolean;
