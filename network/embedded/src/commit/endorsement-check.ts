import { common, peer } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import type { MspIdentity, MspRegistry } from '../identity/msp';
import { identitiesOf, satisfiesSignaturePolicy } from '../policy/signature-policy';
import { decodeMetadata, type NamespaceRwset } from '../state/rwset';
import { VALIDATION_PARAMETER } from '../state/written-policies';
import { hashedNamespace, type StateReader } from '../state/versioned-value';
import { collectionOf, type ChaincodeDefinition, type ChaincodeDefinitions } from './definitions';
import type { EndorsedAction, ValidationCode } from './parsed-transaction';

const CODES = peer.TxValidationCode;
const IMPLICIT_COLLECTION = '_implicit_org_';

/** The channel and its state before the block. */
export interface EndorsementView {
  readonly config: ChannelConfig;
  readonly definitions: ChaincodeDefinitions;
  readonly state: StateReader;
  /** Keys whose metadata an earlier transaction of the block changes (`keyName`). */
  readonly changedPolicies: ReadonlySet<string>;
}

/** One string for a key in a namespace of the state. */
export function keyName(namespace: string, key: string): string {
  return `${namespace}\0${key}`;
}

/** Whether identities satisfy a chaincode's policy; an empty one is never satisfied. */
export function satisfiesApplicationPolicy(
  policy: peer.ApplicationPolicy,
  identities: readonly MspIdentity[],
  { policies }: Pick<ChannelConfig, 'policies'>,
): boolean {
  const signaturePolicy = policy.getSignaturePolicy();
  if (signaturePolicy) return satisfiesSignaturePolicy(signaturePolicy, identities);
  const path = policy.getChannelConfigPolicyReference();
  return path !== '' && policies.satisfied(path, identities);
}

/** Identities by MSPs and action: all peers of a process verify the same endorsements. */
const endorserLists = new WeakMap<MspRegistry, WeakMap<EndorsedAction, readonly MspIdentity[]>>();

function endorsersOf(action: EndorsedAction, msps: MspRegistry): readonly MspIdentity[] {
  let known = endorserLists.get(msps);
  if (!known) endorserLists.set(msps, (known = new WeakMap()));
  const identities = known.get(action) ?? identitiesOf(action.endorsements, msps);
  known.set(action, identities);
  return identities;
}

/** One written key and the namespace of the state that holds its metadata. */
interface WrittenKey {
  readonly stateNamespace: string;
  readonly collection: string;
  readonly key: string;
}

type WriteKind = 'writes' | 'metadataWrites';

function publicKeys(set: NamespaceRwset, kind: WriteKind): WrittenKey[] {
  return set[kind].map(({ key }) => ({ stateNamespace: set.namespace, collection: '', key }));
}

function hashedKeys({ namespace, collections }: NamespaceRwset, kind: WriteKind): WrittenKey[] {
  return collections.flatMap((set) =>
    set[kind].map(({ key }) => ({
      stateNamespace: hashedNamespace(namespace, set.collection),
      collection: set.collection,
      key,
    })),
  );
}

/** Written keys in Fabric's order: public, their metadata, hashed, their metadata. */
function writtenKeys(set: NamespaceRwset): WrittenKey[] {
  return [
    ...publicKeys(set, 'writes'),
    ...publicKeys(set, 'metadataWrites'),
    ...hashedKeys(set, 'writes'),
    ...hashedKeys(set, 'metadataWrites'),
  ];
}

/** Keys of which the metadata is written. */
export function writtenMetadata(set: NamespaceRwset): WrittenKey[] {
  return [...publicKeys(set, 'metadataWrites'), ...hashedKeys(set, 'metadataWrites')];
}

function keyPolicy(
  { stateNamespace, key }: WrittenKey,
  state: StateReader,
): common.SignaturePolicyEnvelope | undefined {
  const metadata = state.get(stateNamespace, key)?.metadata;
  if (!metadata || metadata.length === 0) return undefined;
  const value = decodeMetadata(metadata).find(({ name }) => name === VALIDATION_PARAMETER)?.value;
  if (!value || value.length === 0) return undefined;
  return common.SignaturePolicyEnvelope.deserializeBinary(value);
}

/** The policies of one namespace, each evaluated at most once (Fabric: `statebased/v20.go`). */
class NamespacePolicies {
  readonly #definition: ChaincodeDefinition;
  readonly #identities: readonly MspIdentity[];
  readonly #config: ChannelConfig;
  readonly #satisfied = new Map<string, boolean>();
  #hasEvaluated = false;

  constructor(
    definition: ChaincodeDefinition,
    identities: readonly MspIdentity[],
    config: ChannelConfig,
  ) {
    this.#definition = definition;
    this.#identities = identities;
    this.#config = config;
  }

  get hasEvaluated(): boolean {
    return this.#hasEvaluated;
  }

  acceptsKeyPolicy(policy: common.SignaturePolicyEnvelope): boolean {
    this.#hasEvaluated = true;
    return satisfiesSignaturePolicy(policy, this.#identities);
  }

  /** @param collection '' for public data */
  accepts(collection: string): boolean {
    this.#hasEvaluated = true;
    let satisfied = this.#satisfied.get(collection);
    if (satisfied === undefined) {
      const policy = this.#policyOf(collection);
      satisfied =
        policy !== undefined && satisfiesApplicationPolicy(policy, this.#identities, this.#config);
      this.#satisfied.set(collection, satisfied);
    }
    return satisfied;
  }

  /** Undefined when the chaincode has no such collection. */
  #policyOf(collection: string): peer.ApplicationPolicy | undefined {
    if (collection === '') return this.#definition.policy;
    if (collection.startsWith(IMPLICIT_COLLECTION)) {
      const policy = new peer.ApplicationPolicy();
      const mspId = collection.slice(IMPLICIT_COLLECTION.length);
      policy.setChannelConfigPolicyReference(`/Channel/Application/${mspId}/Endorsement`);
      return policy;
    }
    const config = collectionOf(this.#definition, collection);
    return config && (config.getEndorsementPolicy() ?? this.#definition.policy);
  }
}

function checkNamespace(
  set: NamespaceRwset | undefined,
  policies: NamespacePolicies,
  view: EndorsementView,
): boolean {
  for (const written of set ? writtenKeys(set) : []) {
    // A policy that this block already changed leaves no safe answer; Fabric refuses too.
    if (view.changedPolicies.has(keyName(written.stateNamespace, written.key))) return false;
    const own = keyPolicy(written, view.state);
    const accepted = own ? policies.acceptsKeyPolicy(own) : policies.accepts(written.collection);
    if (!accepted) return false;
  }
  return policies.hasEvaluated || policies.accepts('');
}

function hasWrites(set: NamespaceRwset): boolean {
  const isWritten = (one: Pick<NamespaceRwset, WriteKind>): boolean =>
    one.writes.length > 0 || one.metadataWrites.length > 0;
  return isWritten(set) || set.collections.some(isWritten);
}

/**
 * Whether the endorsements of a transaction satisfy the policy of every namespace it writes and of
 * the chaincode it invokes. A key with a policy of its own answers to that one only; a collection
 * with a policy to that (Fabric: `plugindispatcher/dispatcher.go`, `statebased/*.go`).
 * @returns 0, 10 ENDORSEMENT_POLICY_FAILURE or 25 INVALID_CHAINCODE
 */
export function checkEndorsements(action: EndorsedAction, view: EndorsementView): ValidationCode {
  const written = action.rwset.filter(hasWrites).map(({ namespace }) => namespace);
  const identities = endorsersOf(action, view.config.msps);
  for (const namespace of new Set([action.chaincode, ...written])) {
    const definition = view.definitions.find(view.state, namespace);
    if (!definition || definition.policyBytes.length === 0) return CODES.INVALID_CHAINCODE;
    const policies = new NamespacePolicies(definition, identities, view.config);
    const set = action.rwset.find((candidate) => candidate.namespace === namespace);
    if (!checkNamespace(set, policies, view)) return CODES.ENDORSEMENT_POLICY_FAILURE;
  }
  return CODES.VALID;
}
