import type { common, peer } from '@hyperledger/fabric-protos';
import type { ChaincodeDefinition, ChaincodeDefinitions } from '../commit/definitions';
import { satisfiesApplicationPolicy } from '../commit/endorsement-check';
import type { ChannelConfig } from '../config/channel-config';
import type { MspIdentity } from '../identity/msp';
import { satisfiesSignaturePolicy } from '../policy/signature-policy';
import { implicitOrganization } from '../private/collections';
import type { CollectionDirectory } from '../state/collections';
import type { StateReader } from '../state/versioned-value';
import type { PolicyCheck } from './endorsement-plan';

/** What an interest asks of the peers that endorse. */
export interface EndorsementNeeds {
  /** Endorsements must satisfy all of these. */
  readonly policies: readonly PolicyCheck[];
  /** Which peers may be asked, because private data are read; absent = any. */
  readonly mayEndorse?: (identity: MspIdentity) => boolean;
}

/** The needs of each definition by itself, the same object for as long as the configuration is. */
const ownNeeds = new WeakMap<ChannelConfig, WeakMap<ChaincodeDefinition, EndorsementNeeds>>();

/** A channel as far as its policies are concerned. */
export interface PolicyContext {
  readonly config: ChannelConfig;
  readonly definitions: ChaincodeDefinitions;
  readonly collections: CollectionDirectory;
  readonly state: StateReader;
}

/** An interest that nobody can plan for; the text is Fabric's. */
export class InterestError extends Error {
  override readonly name = 'InterestError';
}

interface CallNeeds extends EndorsementNeeds {
  readonly members: readonly peer.StaticCollectionConfig[];
}

/**
 * What endorsements for an interest need. For the ordinary interest, one chaincode and nothing
 * else, it is the same object each time, so that plans can be kept with it.
 * Source: discovery/endorsement/endorsement.go:computePrincipalSets, loadMetadataAndFilters
 * @returns undefined when one of the chaincodes is not defined
 * @throws InterestError when it reads a collection that is not defined
 */
export function needsOfInterest(
  interest: peer.ChaincodeInterest,
  context: PolicyContext,
): EndorsementNeeds | undefined {
  const calls: { call: peer.ChaincodeCall; definition: ChaincodeDefinition }[] = [];
  for (const call of interest.getChaincodesList()) {
    const definition = context.definitions.find(context.state, call.getName());
    if (!definition || definition.name.startsWith('_')) return undefined;
    calls.push({ call, definition });
  }
  const [first] = calls;
  if (first && calls.length === 1 && isPlain(first.call)) return own(first.definition, context);
  const needs = calls.map(({ call, definition }) => needsOfCall(call, definition, context));
  const members = needs.flatMap((one) => one.members);
  return {
    policies: needs.flatMap((one) => one.policies),
    ...(members.length > 0 && {
      mayEndorse: (identity) => members.every((config) => isNamed(config, identity)),
    }),
  };
}

function isPlain(call: peer.ChaincodeCall): boolean {
  const { length } = [...call.getCollectionNamesList(), ...call.getKeyPoliciesList()];
  return length === 0 && !call.getDisregardNamespacePolicy();
}

function needsOfCall(
  call: peer.ChaincodeCall,
  definition: ChaincodeDefinition,
  context: PolicyContext,
): CallNeeds {
  const names = call.getCollectionNamesList();
  const chaincodePolicies = own(definition, context).policies;
  const perCollection = names.map((name) => collectionPolicy(name, definition, context));
  const policies = names.length === 0 ? chaincodePolicies : perCollection;
  // The first of them is the one that the client asks to leave out.
  const counted = call.getDisregardNamespacePolicy() ? policies.slice(1) : policies;
  return {
    policies: [...counted, ...call.getKeyPoliciesList().map(signaturePolicy)],
    members: call.getNoPrivateReads()
      ? []
      : names.map((name) => configOf(name, definition, context)),
  };
}

function configOf(
  collection: string,
  { name }: ChaincodeDefinition,
  { collections, state }: PolicyContext,
): peer.StaticCollectionConfig {
  const config = collections.find(state, { namespace: name, collection });
  if (config) return config;
  throw new InterestError(
    `collection ${collection} doesn't exist in collection config for chaincode ${name}`,
  );
}

/** The policy of a collection; a member's endorsement for an implicit one, else the chaincode's. */
function collectionPolicy(
  collection: string,
  definition: ChaincodeDefinition,
  { collections, state, config }: PolicyContext,
): PolicyCheck {
  const found = collections.find(state, { namespace: definition.name, collection });
  const members = found?.getMemberOrgsPolicy()?.getSignaturePolicy();
  if (implicitOrganization(collection) !== undefined && members) return signaturePolicy(members);
  const policy = found?.getEndorsementPolicy() ?? definition.policy;
  return (identities) => satisfiesApplicationPolicy(policy, identities, config);
}

/** Whether a peer fits one of the principals that the policy of a collection names. */
function isNamed(config: peer.StaticCollectionConfig, identity: MspIdentity): boolean {
  const principals = config.getMemberOrgsPolicy()?.getSignaturePolicy()?.getIdentitiesList() ?? [];
  return principals.some((principal) => identity.satisfies(principal));
}

function own(definition: ChaincodeDefinition, { config }: PolicyContext): EndorsementNeeds {
  let known = ownNeeds.get(config);
  if (!known) ownNeeds.set(config, (known = new WeakMap()));
  const kept = known.get(definition);
  if (kept) return kept;
  const check: PolicyCheck = (identities) =>
    satisfiesApplicationPolicy(definition.policy, identities, config);
  const needs = { policies: [check] };
  known.set(definition, needs);
  return needs;
}

function signaturePolicy(policy: common.SignaturePolicyEnvelope): PolicyCheck {
  return (identities) => satisfiesSignaturePolicy(policy, identities);
}
