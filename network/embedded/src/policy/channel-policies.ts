import type { common } from '@hyperledger/fabric-protos';
import type { MspIdentity, MspRegistry } from '../identity/msp';
import type { SignedDatum } from './signature-policy';

/** A policy that was not satisfied; the message is Fabric's, without the caller's wrapping. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** The policies of a channel by absolute path, such as `/Channel/Application/Writers`. */
export declare class ChannelPolicies {
  /** @param root the `Channel` group of the configuration */
  constructor(root: common.ConfigGroup, msps: MspRegistry);
  /** Whether the channel configuration has a policy at this path. */
  has(path: string): boolean;
  /** @throws PolicyError with Fabric's text when the signatures do not satisfy the policy */
  check(path: string, signed: readonly SignedDatum[]): void;
  /** As `check` for signatures that were verified already; an unknown path gives false. */
  satisfied(path: string, identities: readonly MspIdentity[]): boolean;
}
