import { common, msp, peer } from '@hyperledger/fabric-protos';
import { collectionOf, type ChaincodeDefinitions } from '../commit/definitions';
import type { ChannelConfig } from '../config/channel-config';
import type { MspIdentity } from '../identity/msp';
import { identitiesOf, satisfiesSignaturePolicy } from '../policy/signature-policy';
import type { SignedDatum } from '../policy/signature-policy';
import type { CollectionDirectory } from '../state/collections';
import type { CollectionAddress } from '../state/private-rwset';
import type { StateReader } from '../state/versioned-value';

/** Start of the names of the collections that every organization has without asking. */
const IMPLICIT = '_implicit_org_';

/** How many peers get the data of an own implicit collection at endorsement (core.yaml). */
const OWN_IMPLICIT_MAX_PEERS = 1;

/** The organization of an implicit collection; undefined for any other collection. */
export function implicitOrganization(collection: string): string | undefined {
  return collection.startsWith(IMPLICIT) ? collection.slice(IMPLICIT.length) : undefined;
}

function anyMemberOf(mspId: string): common.SignaturePolicyEnvelope {
  const role = new msp.MSPRole();
  role.setMspIdentifier(mspId);
  role.setRole(msp.MSPRole.MSPRoleType.MEMBER);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(role.serializeBinary());
  const signedBy = new common.SignaturePolicy();
  signedBy.setSignedBy(0);
  const gate = new common.SignaturePolicy.NOutOf();
  gate.setN(1);
  gate.addRules(signedBy);
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(gate);
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(rule);
  envelope.addIdentities(principal);
  return envelope;
}

/** The policy of a collection's members. */
function memberPolicy(
  config: peer.StaticCollectionConfig,
): common.SignaturePolicyEnvelope | undefined {
  return config.getMemberOrgsPolicy()?.getSignaturePolicy();
}

/** The organization that a principal is of; undefined for other kinds of principals. */
export function mspIdOfPrincipal(principal: msp.MSPPrincipal): string | undefined {
  const bytes = principal.getPrincipal_asU8();
  const { ROLE, ORGANIZATION_UNIT, IDENTITY } = msp.MSPPrincipal.Classification;
  switch (principal.getPrincipalClassification()) {
    case ROLE:
      return msp.MSPRole.deserializeBinary(bytes).getMspIdentifier();
    case ORGANIZATION_UNIT:
      return msp.OrganizationUnit.deserializeBinary(bytes).getMspIdentifier();
    case IDENTITY:
      return msp.SerializedIdentity.deserializeBinary(bytes).getMspid();
    default:
      return undefined;
  }
}

/** The organizations that a collection's policy names (Fabric: `privdata/util.go`). */
export function memberOrganizations(config: peer.StaticCollectionConfig): ReadonlySet<string> {
  const principals = memberPolicy(config)?.getIdentitiesList() ?? [];
  return new Set(principals.flatMap((one) => mspIdOfPrincipal(one) ?? []));
}

/** Whether one identity satisfies the policy of a collection's members. */
export function isMemberIdentity(
  config: peer.StaticCollectionConfig,
  identity: MspIdentity,
): boolean {
  const policy = memberPolicy(config);
  return policy !== undefined && satisfiesSignaturePolicy(policy, [identity]);
}

/**
 * Whether a peer keeps the plain data of a collection: its organization is named in the policy, or
 * its own identity satisfies it (Fabric: `gossip/privdata/pvtdataprovider.go:computeEligibility`).
 */
export function keepsData(
  config: peer.StaticCollectionConfig,
  own: { readonly mspId: string; readonly identity?: MspIdentity },
): boolean {
  if (memberOrganizations(config).has(own.mspId)) return true;
  return own.identity !== undefined && isMemberIdentity(config, own.identity);
}

/** The collections of a channel as one peer sees them. */
export class Collections implements CollectionDirectory {
  readonly #channel: () => ChannelConfig;
  readonly #definitions: ChaincodeDefinitions;
  readonly #mspId: string;
  readonly #implicit = new Map<string, peer.StaticCollectionConfig>();

  /** @param parts.mspId organization of the peer */
  constructor(parts: {
    channel: () => ChannelConfig;
    definitions: ChaincodeDefinitions;
    mspId: string;
  }) {
    this.#channel = parts.channel;
    this.#definitions = parts.definitions;
    this.#mspId = parts.mspId;
  }

  /** @inheritdoc */
  find(
    state: StateReader,
    { namespace, collection }: CollectionAddress,
  ): peer.StaticCollectionConfig | undefined {
    const definition = this.#definitions.find(state, namespace);
    if (!definition) return undefined;
    const mspId = implicitOrganization(collection);
    return mspId === undefined ? collectionOf(definition, collection) : this.#implicitOf(mspId);
  }

  /** @inheritdoc */
  isDefined(state: StateReader, address: CollectionAddress): boolean {
    const mspId = implicitOrganization(address.collection);
    if (mspId !== undefined && !this.#channel().organizations.includes(mspId)) return false;
    return this.find(state, address) !== undefined;
  }

  /** @inheritdoc */
  isMember(config: peer.StaticCollectionConfig, signed: SignedDatum): boolean {
    const policy = memberPolicy(config);
    if (!policy) return false;
    return satisfiesSignaturePolicy(policy, identitiesOf([signed], this.#channel().msps));
  }

  /** Names come from clients, so only those of organizations of the channel are kept. */
  #implicitOf(mspId: string): peer.StaticCollectionConfig {
    const known = this.#implicit.get(mspId);
    if (known) return known;
    const policy = new peer.CollectionPolicyConfig();
    policy.setSignaturePolicy(anyMemberOf(mspId));
    const config = new peer.StaticCollectionConfig();
    config.setName(`${IMPLICIT}${mspId}`);
    config.setMemberOrgsPolicy(policy);
    config.setMaximumPeerCount(mspId === this.#mspId ? OWN_IMPLICIT_MAX_PEERS : 0);
    if (this.#channel().organizations.includes(mspId)) this.#implicit.set(mspId, config);
    return config;
  }
}
