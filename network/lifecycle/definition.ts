import { common, peer } from '@hyperledger/fabric-protos';
import type { Collection } from '../topology';
import { parsePolicy } from './policy-dsl';

/** What a channel agrees on about a chaincode, besides the sequence number. */
export interface Definition {
  readonly name: string;
  readonly version: string;
  /** Signature policy in the DSL or the path of a channel policy; absent = the channel's default. */
  readonly endorsementPolicy?: string;
  readonly collections?: readonly Collection[];
  readonly initRequired?: boolean;
}

/** The policy that a definition without one gets (core/chaincode/lifecycle/lifecycle.go). */
export const DEFAULT_ENDORSEMENT_POLICY = '/Channel/Application/Endorsement';

/** The setters that all messages about a definition share. */
export interface DefinitionMessage {
  setVersion(value: string): void;
  setSequence(value: number): void;
  setEndorsementPlugin(value: string): void;
  setValidationPlugin(value: string): void;
  setValidationParameter(value: Uint8Array): void;
  setCollections(value: peer.CollectionConfigPackage): void;
  setInitRequired(value: boolean): void;
}

/** The getters that all answers about a definition share. */
export interface DefinitionAnswer {
  getVersion(): string;
  getSequence(): number;
  getValidationParameter_asU8(): Uint8Array;
  getCollections(): peer.CollectionConfigPackage | undefined;
  getInitRequired(): boolean;
}

/** Writes a definition into a message. @throws PolicySyntaxError */
export function fillDefinition(
  message: DefinitionMessage,
  definition: Definition,
  sequence: number,
): void {
  message.setVersion(definition.version);
  message.setSequence(sequence);
  message.setEndorsementPlugin('escc');
  message.setValidationPlugin('vscc');
  message.setValidationParameter(policyOf(definition).serializeBinary());
  message.setCollections(collectionPackage(definition.collections ?? []));
  message.setInitRequired(definition.initRequired ?? false);
}

/** Whether a peer's answer tells of this definition, whatever its sequence. */
export function isDefinition(answer: DefinitionAnswer, definition: Definition): boolean {
  const collections = answer.getCollections() ?? new peer.CollectionConfigPackage();
  const policy = peer.ApplicationPolicy.deserializeBinary(answer.getValidationParameter_asU8());
  return (
    answer.getVersion() === definition.version &&
    answer.getInitRequired() === (definition.initRequired ?? false) &&
    isSame(policy, policyOf(definition)) &&
    isSame(collections, collectionPackage(definition.collections ?? []))
  );
}

function policyOf(definition: Definition): peer.ApplicationPolicy {
  return applicationPolicyOf(definition.endorsementPolicy ?? DEFAULT_ENDORSEMENT_POLICY);
}

function isSame(one: Serializable, other: Serializable): boolean {
  return Buffer.compare(one.serializeBinary(), other.serializeBinary()) === 0;
}

interface Serializable {
  serializeBinary(): Uint8Array;
}

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

/** The package that an organization runs a definition from; none without a package id. */
export function chaincodeSource(packageId: string | undefined): peer.lifecycle.ChaincodeSource {
  const { ChaincodeSource } = peer.lifecycle;
  const source = new ChaincodeSource();
  if (packageId === undefined) {
    source.setUnavailable(new ChaincodeSource.Unavailable());
    return source;
  }
  const local = new ChaincodeSource.Local();
  local.setPackageId(packageId);
  source.setLocalPackage(local);
  return source;
}
