import { msp } from '@hyperledger/fabric-protos';
import type { MspIdentity } from '../identity/msp';

/** An identity with the given roles, such as `A.member A.admin`, for tests of policies alone. */
export function identityWith(roles: string): MspIdentity {
  const held = roles.split(' ');
  const [mspId = ''] = held[0]?.split('.') ?? [];
  const names = ['member', 'admin', 'client', 'peer', 'orderer'];
  return {
    mspId,
    certificateDer: Buffer.from(roles),
    certificateHash: roles,
    notAfter: new Date(0),
    verify: () => true,
    satisfies: (principal) => {
      const role = msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8());
      return held.includes(`${role.getMspIdentifier()}.${names[role.getRole()] ?? ''}`);
    },
  };
}
