import { msp } from '@hyperledger/fabric-protos';
import { certifiersOf } from '../../../certificates/organization-msp';
import type { Chain, NodeRole, OrganizationMsp } from '../../../certificates/organization-msp';

/** An identity as the principal rules see it. */
export interface Candidate {
  readonly msp: OrganizationMsp;
  readonly chain: Chain;
  /** Whether the identity passed `OrganizationMsp.validate`. */
  readonly isValid: boolean;
  /** Whether serialized bytes deserialize, under any MSP of the channel, to this certificate. */
  isSameAs(serialized: Uint8Array): boolean;
}

const roles = msp.MSPRole.MSPRoleType;
const classes = msp.MSPPrincipal.Classification;
const nodeRoles: ReadonlyMap<number, NodeRole> = new Map<number, NodeRole>([
  [roles.ADMIN, 'admin'],
  [roles.CLIENT, 'client'],
  [roles.PEER, 'peer'],
  [roles.ORDERER, 'orderer'],
]);

/**
 * Whether an identity fits a principal; an undecodable principal fits nobody.
 * Source: msp/mspimpl.go:SatisfiesPrincipal.
 */
export function fitsPrincipal(candidate: Candidate, principal: msp.MSPPrincipal): boolean {
  const bytes = principal.getPrincipal_asU8();
  try {
    switch (principal.getPrincipalClassification()) {
      case classes.ROLE:
        return fitsRole(candidate, msp.MSPRole.deserializeBinary(bytes));
      case classes.ORGANIZATION_UNIT:
        return fitsUnit(candidate, msp.OrganizationUnit.deserializeBinary(bytes));
      case classes.IDENTITY:
        return candidate.isValid && candidate.isSameAs(bytes);
      case classes.ANONYMITY:
        return isNominal(msp.MSPIdentityAnonymity.deserializeBinary(bytes));
      case classes.COMBINED:
        return fitsAll(candidate, msp.CombinedPrincipal.deserializeBinary(bytes));
      default:
        return false;
    }
  } catch {
    return false;
  }
}

function fitsRole(candidate: Candidate, role: msp.MSPRole): boolean {
  if (role.getMspIdentifier() !== candidate.msp.id) return false;
  const [certificate] = candidate.chain;
  const isAdmin = role.getRole() === roles.ADMIN;
  // A listed admin was checked when the configuration was made, so its OUs do not matter.
  if (isAdmin && candidate.msp.listsAdmin(certificate)) return true;
  if (!candidate.isValid) return false;
  if (role.getRole() === roles.MEMBER) return true;
  const nodeRole = nodeRoles.get(role.getRole());
  return nodeRole !== undefined && candidate.msp.hasRole(certificate, nodeRole);
}

function fitsUnit(candidate: Candidate, unit: msp.OrganizationUnit): boolean {
  return (
    unit.getMspIdentifier() === candidate.msp.id &&
    candidate.isValid &&
    candidate.chain[0].organizationalUnits.includes(unit.getOrganizationalUnitIdentifier()) &&
    certifiersOf(candidate.chain).equals(unit.getCertifiersIdentifier_asU8())
  );
}

function isNominal(anonymity: msp.MSPIdentityAnonymity): boolean {
  return anonymity.getAnonymityType() === msp.MSPIdentityAnonymity.MSPIdentityAnonymityType.NOMINAL;
}

function fitsAll(candidate: Candidate, combined: msp.CombinedPrincipal): boolean {
  const parts = combined.getPrincipalsList();
  return parts.length > 0 && parts.every((part) => fitsPrincipal(candidate, part));
}
