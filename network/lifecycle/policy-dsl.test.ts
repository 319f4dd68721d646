import { describe, expect, test } from '@jest/globals';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { describeWithGolden, goldenJson } from '../embedded/src/test-support/golden';
import { mspIdsOf, parsePolicy, PolicySyntaxError } from './policy-dsl';

/** The policy with numbers of principals in place of names: `2/[1/[#0,#1],#2]`. */
function ruleText(rule: common.SignaturePolicy): string {
  const gate = rule.getNOutOf();
  if (!gate) return `#${String(rule.getSignedBy())}`;
  return `${String(gate.getN())}/[${gate.getRulesList().map(ruleText).join(',')}]`;
}

function principals(envelope: common.SignaturePolicyEnvelope): string[] {
  const names = ['member', 'admin', 'client', 'peer', 'orderer'];
  return envelope.getIdentitiesList().map((one) => {
    const role = msp.MSPRole.deserializeBinary(one.getPrincipal_asU8());
    return `${role.getMspIdentifier()}.${names[role.getRole()]!}`;
  });
}

describe('a policy text', () => {
  test.each([
    ["OR('A.member')", '1/[#0]', ['A.member']],
    ["AND('A.peer','B.peer')", '2/[#0,#1]', ['A.peer', 'B.peer']],
    [
      "OutOf(2, 'A.peer', 'B.client', 'C.orderer')",
      '2/[#0,#1,#2]',
      ['A.peer', 'B.client', 'C.orderer'],
    ],
    ["and('A.admin', or('B.peer', 'C.peer'))", '2/[#2,1/[#0,#1]]', ['B.peer', 'C.peer', 'A.admin']],
    [
      "And(Or('A.peer','B.peer'), OutOf(1,'C.peer'))",
      '2/[1/[#0,#1],1/[#2]]',
      ['A.peer', 'B.peer', 'C.peer'],
    ],
    ['OUTOF("1", "Org-1.x.peer")', '1/[#0]', ['Org-1.x.peer']],
    [" OR ( 'A.peer' ,\n'A.peer' ) ", '1/[#0,#1]', ['A.peer', 'A.peer']],
    ["OutOf(3,'A.peer','B.peer')", '3/[#0,#1]', ['A.peer', 'B.peer']],
  ])('%s numbers its principals as Fabric does', (text, rule, names) => {
    const envelope = parsePolicy(text);
    expect(ruleText(envelope.getRule()!)).toBe(rule);
    expect(principals(envelope)).toEqual(names);
    expect(envelope.getVersion()).toBe(0);
  });

  test.each([
    '',
    "'A.peer'",
    'OR()',
    "OR('A.peer'",
    "OR('A.peer') extra",
    "OR('A.peer',)",
    "XOR('A.peer')",
    "OR('A.boss')",
    "OR('peer')",
    "OR('A peer')",
    "OutOf('A.peer')",
    'OutOf(1)',
    "OutOf(-1,'A.peer')",
    "OutOf(4,'A.peer','B.peer')",
    'OR(A.peer)',
  ])('%j is refused', (text) => {
    expect(() => parsePolicy(text)).toThrow(PolicySyntaxError);
  });

  test('tells which MSPs it names', () => {
    expect(mspIdsOf("AND('A.peer', OR('B.peer', 'A.member'))")).toEqual(['B', 'A']);
  });
});

describeWithGolden('the policy of a recorded chaincode definition', () => {
  test('has the bytes that this parser makes of its text', () => {
    const { public: namespaces } = goldenJson('expected-state.json') as {
      public: Record<string, { keyText: string; value: string }[]>;
    };
    const entry = namespaces['_lifecycle']!.find(
      ({ keyText }) => keyText === 'namespaces/fields/probe/ValidationInfo',
    )!;
    const data = peer.lifecycle.StateData.deserializeBinary(Buffer.from(entry.value, 'hex'));
    const info = peer.lifecycle.ChaincodeValidationInfo.deserializeBinary(data.getBytes_asU8());
    const recorded = common.ApplicationPolicy.deserializeBinary(info.getValidationParameter_asU8());
    const parsed = parsePolicy("AND('AuditorMSP.peer',OR('MinistryMSP.peer','VendorMSP.peer'))");
    expect(Buffer.from(parsed.serializeBinary())).toEqual(
      Buffer.from(recorded.getSignaturePolicy()!.serializeBinary()),
    );
  });
});
