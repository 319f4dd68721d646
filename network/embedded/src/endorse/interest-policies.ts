import type { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeDefinitions } from '../commit/definitions';
import { satisfiesApplicationPolicy } from '../commit/endorsement-check';
import type { ChannelConfig } from '../config/channel-config';
import { satisfiesSignaturePolicy } from '../policy/signature-policy';
import type { StateReader } from '../state/versioned-value';
import type { PolicyCheck } from './endorsement-plan';

/**
 * The policies that endorsements for an interest must all satisfy.
 * @returns undefined when one of the chaincodes is not defined
 */
export function policiesOfInterest(
  interest: peer.ChaincodeInterest,
  channel: {
    readonly config: ChannelConfig;
    readonly definitions: ChaincodeDefinitions;
    readonly state: StateReader;
  },
): readonly PolicyCheck[] | undefined {
  const checks: PolicyCheck[] = [];
  for (const call of interest.getChaincodesList()) {
    const name = call.getName();
    const definition = channel.definitions.find(channel.state, name);
    if (!definition || definition.name.startsWith('_')) return undefined;
    for (const policy of call.getKeyPoliciesList()) {
      checks.push((identities) => satisfiesSignaturePolicy(policy, identities));
    }
    if (call.getDisregardNamespacePolicy()) continue;
    checks.push((identities) =>
      satisfiesApplicationPolicy(definition.policy, identities, channel.config),
    );
  }
  return checks;
}
