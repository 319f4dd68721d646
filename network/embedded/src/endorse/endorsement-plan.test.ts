import { describe, expect, test } from '@jest/globals';
import type { MspIdentity } from '../identity/msp';
import { endorsementLayouts } from './endorsement-plan';
import type { PlanMember, PolicyCheck } from './endorsement-plan';

function member(mspId: string): PlanMember {
  const identity: Partial<MspIdentity> = { mspId };
  return { mspId, identity: identity as MspIdentity };
}

const [a, b, c] = [member('A'), member('B'), member('C')];
const members = [a, b, c];

function has(mspId: string): PolicyCheck {
  return (identities) => identities.some((one) => one.mspId === mspId);
}

const cAndOneOther: PolicyCheck = (identities) =>
  has('C')(identities) && (has('A')(identities) || has('B')(identities));

function names(layouts: readonly (readonly PlanMember[])[]): string[] {
  return layouts.map((layout) => layout.map((one) => one.mspId).join('+'));
}

describe('an endorsement plan', () => {
  test('lists every set without a surplus peer', () => {
    const layouts = endorsementLayouts({ members, policies: [cAndOneOther] });
    expect(names(layouts)).toEqual(['A+C', 'B+C']);
  });

  test('puts the sets with the preferred peer first', () => {
    const layouts = endorsementLayouts({ members, policies: [cAndOneOther], preferred: b });
    expect(names(layouts)).toEqual(['B+C', 'A+C']);
  });

  test('prefers a larger set with the preferred peer to a smaller one without', () => {
    const aOrBoth: PolicyCheck = (ids) => has('A')(ids) || (has('B')(ids) && has('C')(ids));
    const layouts = endorsementLayouts({ members, policies: [aOrBoth], preferred: c });
    expect(names(layouts)).toEqual(['B+C', 'A']);
  });

  test('satisfies all policies at once', () => {
    const layouts = endorsementLayouts({ members, policies: [cAndOneOther, has('B')] });
    expect(names(layouts)).toEqual(['B+C']);
  });

  test('is empty when the peers cannot satisfy the policies', () => {
    expect(endorsementLayouts({ members: [a, b], policies: [has('C')] })).toEqual([]);
  });
});
