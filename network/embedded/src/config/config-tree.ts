import { common } from '@hyperledger/fabric-protos';
import { parsePolicy } from '../../../lifecycle/policy-dsl';

/** A message that can be put into a configuration value. */
interface Serializable {
  serializeBinary(): Uint8Array;
}

type MetaRule = keyof common.ImplicitMetaPolicy.RuleMap;

/** Policy of a group: a signature policy in the DSL, or a rule over the sub-groups' policies. */
export type GroupPolicy = string | { readonly rule: MetaRule; readonly of: string };

/** What a configuration group holds. */
export interface GroupParts {
  readonly values: Readonly<Record<string, Serializable>>;
  readonly policies: Readonly<Record<string, GroupPolicy>>;
  readonly groups?: Readonly<Record<string, common.ConfigGroup>>;
  /** Values that another policy than `Admins` of the group may change. */
  readonly modPolicies?: Readonly<Record<string, string>>;
}

const admins = 'Admins';

/** Builds a group; everything in it may be changed by its `Admins`, as configtxgen sets it. */
export function configGroup(parts: GroupParts): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setModPolicy(admins);
  for (const [name, message] of Object.entries(parts.values)) {
    const value = new common.ConfigValue();
    value.setModPolicy(parts.modPolicies?.[name] ?? admins);
    value.setValue(message.serializeBinary());
    group.getValuesMap().set(name, value);
  }
  for (const [name, policy] of Object.entries(parts.policies)) {
    group.getPoliciesMap().set(name, configPolicy(policy));
  }
  for (const [name, child] of Object.entries(parts.groups ?? {})) {
    group.getGroupsMap().set(name, child);
  }
  return group;
}

function configPolicy(policy: GroupPolicy): common.ConfigPolicy {
  const entry = new common.ConfigPolicy();
  entry.setModPolicy(admins);
  entry.setPolicy(typeof policy === 'string' ? signaturePolicy(policy) : metaPolicy(policy));
  return entry;
}

function signaturePolicy(text: string): common.Policy {
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.SIGNATURE);
  policy.setValue(parsePolicy(text).serializeBinary());
  return policy;
}

function metaPolicy(parts: { readonly rule: MetaRule; readonly of: string }): common.Policy {
  const meta = new common.ImplicitMetaPolicy();
  meta.setSubPolicy(parts.of);
  meta.setRule(common.ImplicitMetaPolicy.Rule[parts.rule]);
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.IMPLICIT_META);
  policy.setValue(meta.serializeBinary());
  return policy;
}
