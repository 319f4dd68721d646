import type { MspIdentity } from '../identity/msp';

/** A peer that could endorse. */
export interface PlanMember {
  readonly mspId: string;
  readonly identity: MspIdentity;
}

/** Whether endorsements of these identities would satisfy one policy. */
export type PolicyCheck = (identities: readonly MspIdentity[]) => boolean;

/**
 * The sets of peers that satisfy all policies and of which none could be left out. Sets with the
 * preferred peer come first, then smaller sets before larger ones. With one peer for each
 * organization, trying every set gives what Fabric's principal-set algebra gives.
 * Source: discovery/endorsement/endorsement.go, internal/pkg/gateway/registry.go:endorsementPlan
 * (which shuffles sets that are equally good).
 */
export function endorsementLayouts<Member extends PlanMember>(parts: {
  readonly members: readonly Member[];
  readonly policies: readonly PolicyCheck[];
  readonly preferred?: Member | undefined;
}): readonly (readonly Member[])[] {
  const minimal: Member[][] = [];
  for (const candidate of subsetsBySize(parts.members)) {
    const surplus = minimal.some((set) => set.every((member) => candidate.includes(member)));
    if (surplus) continue;
    const identities = candidate.map((member) => member.identity);
    if (parts.policies.every((isSatisfiedBy) => isSatisfiedBy(identities))) {
      minimal.push(candidate);
    }
  }
  const { preferred } = parts;
  if (!preferred) return minimal;
  const withPreferred = minimal.filter((set) => set.includes(preferred));
  return [...withPreferred, ...minimal.filter((set) => !set.includes(preferred))];
}

function subsetsBySize<Member>(members: readonly Member[]): Member[][] {
  const subsets = members.reduce<Member[][]>(
    (known, member) => [...known, ...known.map((set) => [...set, member])],
    [[]],
  );
  return subsets.filter((set) => set.length > 0).sort((a, b) => a.length - b.length);
}
