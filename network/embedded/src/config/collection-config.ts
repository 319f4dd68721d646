import { common, peer } from '@hyperledger/fabric-protos';
import type { Collection } from '../../../topology';
import { parsePolicy } from '../policy/policy-dsl';

/**
 * The collections of a definition as Fabric keeps them.
 * Source: internal/peer/chaincode/common.go:getCollectionConfigFromBytes
 * @throws PolicySyntaxError
 */
export function collectionPackage(
  collections: readonly Collection[],
): peer.CollectionConfigPackage {
  const packaged = new peer.CollectionConfigPackage();
  packaged.setConfigList(collections.map(collectionConfig));
  return packaged;
}

/** A chaincode or collection policy: a channel policy's path, or a signature policy in the DSL. */
export function applicationPolicyOf(text: string): peer.ApplicationPolicy {
  const policy = new peer.ApplicationPolicy();
  if (text.startsWith('/')) policy.setChannelConfigPolicyReference(text);
  else policy.setSignaturePolicy(parsePolicy(text));
  return policy;
}

function collectionConfig(collection: Collection): peer.CollectionConfig {
  const fields = new peer.StaticCollectionConfig();
  fields.setName(collection.name);
  fields.setMemberOrgsPolicy(memberPolicy(parsePolicy(collection.policy)));
  fields.setRequiredPeerCount(collection.requiredPeerCount);
  fields.setMaximumPeerCount(collection.maxPeerCount);
  fields.setBlockToLive(collection.blockToLive);
  fields.setMemberOnlyRead(collection.memberOnlyRead);
  fields.setMemberOnlyWrite(collection.memberOnlyWrite);
  if (collection.endorsementPolicy !== undefined) {
    fields.setEndorsementPolicy(applicationPolicyOf(collection.endorsementPolicy));
  }
  const config = new peer.CollectionConfig();
  config.setStaticCollectionConfig(fields);
  return config;
}

function memberPolicy(policy: common.SignaturePolicyEnvelope): peer.CollectionPolicyConfig {
  const config = new peer.CollectionPolicyConfig();
  config.setSignaturePolicy(policy);
  return config;
}
