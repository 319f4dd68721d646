import { common, msp } from '@hyperledger/fabric-protos';

const { MSPRole } = msp;

/** Who may satisfy a part of a policy. */
export type PolicyRole = 'MEMBER' | 'ADMIN' | 'CLIENT' | 'PEER';

/** Serialized SignaturePolicyEnvelope: so many of these organizations' holders of a role, in hex. */
export function policyHex(
  count: number,
  mspIds: readonly string[],
  role: PolicyRole = 'PEER',
): string {
  const outOf = new common.SignaturePolicy.NOutOf();
  outOf.setN(count);
  outOf.setRulesList(
    mspIds.map((_, index) => {
      const rule = new common.SignaturePolicy();
      rule.setSignedBy(index);
      return rule;
    }),
  );
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(outOf);
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(rule);
  envelope.setIdentitiesList(mspIds.map((mspId) => principalOf(mspId, role)));
  return Buffer.from(envelope.serializeBinary()).toString('hex');
}

function principalOf(mspId: string, role: PolicyRole): msp.MSPPrincipal {
  const content = new MSPRole();
  content.setMspIdentifier(mspId);
  content.setRole(MSPRole.MSPRoleType[role]);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(content.serializeBinary());
  return principal;
}
