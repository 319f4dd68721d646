import type { common, peer } from '@hyperledger/fabric-protos';
import type { ChaincodeDefinition, ChaincodeDefinitions } from '../commit/definitions';
import { satisfiesApplicationPolicy } from '../commit/endorsement-check';
import type { ChannelConfig } from '../config/channel-config';
import { satisfiesSignaturePolicy } from '../policy/signature-policy';
import type { StateReader } from '../state/versioned-value';
import type { PolicyCheck } from './endorsement-plan';

/** The policy of each definition as a list, always the same list for the same definition. */
const ownPolicies = new WeakMap<ChaincodeDefinition, readonly PolicyCheck[]>();

/** A channel as far as its policies are concerned. */
export interface PolicyContext {
  readonly config: ChannelConfig;
  readonly definitions: ChaincodeDefinitions;
  readonly state: StateReader;
}

/**
 * The policies that endorsements for an interest must all satisfy. For the ordinary interest, one
 * chaincode and nothing else, it is the same array each time, so that plans can be kept with it.
 * @returns undefined when one of the chaincodes is not defined
 */
export function policiesOfInterest(
  interest: peer.ChaincodeInterest,
  context: PolicyContext,
): readonly PolicyCheck[] | undefined {
  const lists: (readonly PolicyCheck[])[] = [];
  for (const call of interest.getChaincodesList()) {
    const definition = context.definitions.find(context.state, call.getName());
    if (!definition || definition.name.startsWith('_')) return undefined;
    if (!call.getDisregardNamespacePolicy()) lists.push(ownPolicy(definition, context.config));
    const keyPolicies = call.getKeyPoliciesList();
    if (keyPolicies.length > 0) lists.push(keyPolicies.map(signaturePolicy));
  }
  return lists.length === 1 ? lists[0] : lists.flat();
}

function ownPolicy(definition: ChaincodeDefinition, config: ChannelConfig): readonly PolicyCheck[] {
  const known = ownPolicies.get(definition);
  if (known) return known;
  const check: PolicyCheck = (identities) =>
    satisfiesApplicationPolicy(definition.policy, identities, config);
  const list = [check];
  ownPolicies.set(definition, list);
  return list;
}

function signaturePolicy(policy: common.SignaturePolicyEnvelope): PolicyCheck {
  return (identities) => satisfiesSignaturePolicy(policy, identities);
}
