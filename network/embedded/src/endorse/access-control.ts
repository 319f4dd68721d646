import { msp } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import type { LocalMsp } from '../identity/local-msp';
import { MspError } from '../identity/msp';
import type { MspIdentity } from '../identity/msp';
import { policyOfResource } from '../policy/acl';
import { PolicyError } from '../policy/channel-policies';
import type { SignedDatum } from '../policy/signature-policy';

/** A caller who may not use a resource; the text is what the client sees. */
export class AccessDeniedError extends Error {
  override readonly name = 'AccessDeniedError';
}

/**
 * Checks that the signer may use a resource of a channel.
 * @param resource such as `peer/Propose`
 * @param channel the channel's configuration, undefined when this peer has no such channel
 * @throws AccessDeniedError with Fabric's text (core/aclmgmt, core/policy/policy.go)
 */
export function checkAccess(parts: {
  readonly resource: string;
  readonly channelId: string;
  readonly channel: ChannelConfig | undefined;
  readonly signed: SignedDatum;
}): void {
  const policy = policyOfResource(parts.resource);
  if (policy === undefined) {
    throw new AccessDeniedError(`Unmapped policy for ${parts.resource}`);
  }
  if (!parts.channel) {
    throw new AccessDeniedError(`Failed to get policy manager for channel [${parts.channelId}]`);
  }
  try {
    parts.channel.policies.check(policy, [parts.signed]);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new AccessDeniedError(
      `Failed evaluating policy on signed data during check policy on channel ` +
        `[${parts.channelId}] with policy [${policy}]: [${error.message}]`,
    );
  }
}

/**
 * Checks that the creator has a role in the peer's own organization.
 * @throws AccessDeniedError with Fabric's text (core/policy/policy.go:CheckPolicyNoChannel)
 */
export function checkLocalAccess(parts: {
  readonly role: 'Admins' | 'Members';
  readonly localMsp: LocalMsp;
  readonly creator: Uint8Array;
}): void {
  const { role } = parts;
  const { mspId } = parts.localMsp;
  const identity = localIdentity(parts);
  if (identity.satisfies(rolePrincipal(mspId, role))) return;
  throw new AccessDeniedError(
    `Failed verifying that proposal's creator satisfies local MSP principal during channelless ` +
      `check policy with policy [${role}]: [The identity is not an admin under this MSP ` +
      `[${mspId}]: The identity does not contain OU [ADMIN], MSP: [${mspId}]]`,
  );
}

function localIdentity({
  role,
  localMsp,
  creator,
}: Parameters<typeof checkLocalAccess>[0]): MspIdentity {
  try {
    return localMsp.deserialize(creator);
  } catch (error) {
    if (!(error instanceof MspError)) throw error;
    throw new AccessDeniedError(
      `Failed deserializing proposal creator during channelless check policy with policy ` +
        `[${role}]: [${error.message}]`,
    );
  }
}

function rolePrincipal(mspId: string, role: 'Admins' | 'Members'): msp.MSPPrincipal {
  const { ADMIN, MEMBER } = msp.MSPRole.MSPRoleType;
  const named = new msp.MSPRole();
  named.setMspIdentifier(mspId);
  named.setRole(role === 'Admins' ? ADMIN : MEMBER);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(named.serializeBinary());
  return principal;
}
