import { common } from '@hyperledger/fabric-protos';
import type { MspIdentity, MspRegistry } from '../identity/msp';
import { identitiesOf, satisfiesSignaturePolicy } from './signature-policy';
import type { SignedDatum } from './signature-policy';

/** A policy that was not satisfied; the message is Fabric's, without the caller's wrapping. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** Answers why the identities do not satisfy a policy, or undefined when they do. */
type Evaluator = (identities: readonly MspIdentity[]) => string | undefined;

/** The policies of a channel by absolute path, such as `/Channel/Application/Writers`. */
export class ChannelPolicies {
  readonly #evaluators = new Map<string, Evaluator>();
  readonly #signaturePolicies = new Map<string, common.SignaturePolicyEnvelope>();
  readonly #metaPolicies = new Map<string, ImplicitMeta>();
  readonly #msps: MspRegistry;

  /** @param root the `Channel` group of the configuration */
  constructor(root: common.ConfigGroup, msps: MspRegistry) {
    this.#msps = msps;
    this.#addGroup('/Channel', root);
  }

  /** Whether the channel configuration has a policy at this path. */
  has(path: string): boolean {
    return this.#evaluators.has(path);
  }

  /** @throws PolicyError with Fabric's text when the signatures do not satisfy the policy */
  check(path: string, signed: readonly SignedDatum[]): void {
    const fault = this.#fault(path, identitiesOf(signed, this.#msps));
    if (fault !== undefined) throw new PolicyError(fault);
  }

  /** As `check` for signatures that were verified already; an unknown path gives false. */
  satisfied(path: string, identities: readonly MspIdentity[]): boolean {
    return this.#fault(path, identities) === undefined;
  }

  /** Where the sub-policies of an implicit meta policy are and how many must hold. */
  metaPolicy(path: string): ImplicitMeta | undefined {
    return this.#metaPolicies.get(path);
  }

  /** The signature policy at a path. */
  signaturePolicy(path: string): common.SignaturePolicyEnvelope | undefined {
    return this.#signaturePolicies.get(path);
  }

  #fault(path: string, identities: readonly MspIdentity[]): string | undefined {
    const evaluator = this.#evaluators.get(path);
    return evaluator ? evaluator(identities) : `no such policy: '${path}'`;
  }

  #addGroup(path: string, group: common.ConfigGroup): void {
    const children: string[] = [];
    group.getGroupsMap().forEach((child, name) => {
      children.push(`${path}/${name}`);
      this.#addGroup(`${path}/${name}`, child);
    });
    group.getPoliciesMap().forEach((entry, name) => {
      const policy = entry.getPolicy();
      if (policy) this.#addPolicy(`${path}/${name}`, policy, children);
    });
  }

  #addPolicy(path: string, policy: common.Policy, children: readonly string[]): void {
    const bytes = policy.getValue_asU8();
    if (policy.getType() === common.Policy.PolicyType.SIGNATURE) {
      const envelope = common.SignaturePolicyEnvelope.deserializeBinary(bytes);
      this.#signaturePolicies.set(path, envelope);
      this.#evaluators.set(path, (identities) =>
        satisfiesSignaturePolicy(envelope, identities)
          ? undefined
          : 'signature set did not satisfy policy',
      );
    }
    if (policy.getType() === common.Policy.PolicyType.IMPLICIT_META) {
      const meta = describe(common.ImplicitMetaPolicy.deserializeBinary(bytes), children);
      this.#metaPolicies.set(path, meta);
      this.#evaluators.set(path, (identities) => this.#metaFault(meta, identities));
    }
  }

  #metaFault(meta: ImplicitMeta, identities: readonly MspIdentity[]): string | undefined {
    const satisfied = meta.paths.filter((path) => this.satisfied(path, identities)).length;
    if (satisfied >= meta.threshold) return undefined;
    return (
      `implicit policy evaluation failed - ${String(satisfied)} sub-policies were satisfied, but ` +
      `this policy requires ${String(meta.threshold)} of the '${meta.name}' sub-policies to be ` +
      `satisfied`
    );
  }
}

/** An implicit meta policy: `threshold` of the policies at `paths` must hold. */
export interface ImplicitMeta {
  /** Name of the sub-policy, such as `Writers`. */
  readonly name: string;
  readonly paths: readonly string[];
  readonly threshold: number;
}

/** Source: common/policies/implicitmeta.go:NewImplicitMetaPolicy. */
function describe(policy: common.ImplicitMetaPolicy, children: readonly string[]): ImplicitMeta {
  const rules = common.ImplicitMetaPolicy.Rule;
  const count = children.length;
  const thresholds = new Map<number, number>([
    [rules.ANY, Math.min(1, count)],
    [rules.ALL, count],
    [rules.MAJORITY, count === 0 ? 0 : Math.floor(count / 2) + 1],
  ]);
  return {
    name: policy.getSubPolicy(),
    paths: children.map((child) => `${child}/${policy.getSubPolicy()}`),
    threshold: thresholds.get(policy.getRule()) ?? count,
  };
}
