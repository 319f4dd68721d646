/** Resource name (such as `peer/Propose`) to the path of the policy that guards it. */
export const aclPolicies: Readonly<Record<string, string>> = {};

/** Path of the policy that guards a resource; undefined for an unknown resource. */
export function policyOfResource(resource: string): string | undefined {
  return aclPolicies[resource];
}
