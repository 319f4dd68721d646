import { peer } from '@hyperledger/fabric-protos';
import { DEFINITION_FIELDS, LIFECYCLE, fieldKey } from '../state/lifecycle-keys';
import type { StateReader, VersionedValue } from '../state/versioned-value';

/** A chaincode as the channel has defined it, read from the state. */
export interface ChaincodeDefinition {
  readonly name: string;
  /** 1 for the first definition, one more for each later one. */
  readonly sequence: number;
  readonly version: string;
  readonly initRequired: boolean;
  readonly endorsementPlugin: string;
  readonly validationPlugin: string;
  /** Serialized `peer.ApplicationPolicy`. */
  readonly policyBytes: Uint8Array;
  /** `policyBytes` decoded; no policy in it when the bytes are empty or unreadable. */
  readonly policy: peer.ApplicationPolicy;
  readonly collections: peer.CollectionConfigPackage;
}

interface Remembered {
  readonly fields: readonly (VersionedValue | undefined)[];
  readonly definition: ChaincodeDefinition;
}

function stateData(field: VersionedValue | undefined): peer.lifecycle.StateData {
  return peer.lifecycle.StateData.deserializeBinary(field?.value ?? Buffer.of());
}

function decodePolicy(bytes: Uint8Array): peer.ApplicationPolicy {
  try {
    return peer.ApplicationPolicy.deserializeBinary(bytes);
  } catch {
    return new peer.ApplicationPolicy();
  }
}

function decode(name: string, fields: Remembered['fields']): ChaincodeDefinition {
  const [sequence, endorsement, validation, collections] = fields.map(stateData);
  const endorsementInfo = peer.lifecycle.ChaincodeEndorsementInfo.deserializeBinary(
    endorsement?.getBytes_asU8() ?? Buffer.of(),
  );
  const validationInfo = peer.lifecycle.ChaincodeValidationInfo.deserializeBinary(
    validation?.getBytes_asU8() ?? Buffer.of(),
  );
  const policyBytes = validationInfo.getValidationParameter_asU8();
  return {
    name,
    sequence: sequence?.getInt64() ?? 0,
    version: endorsementInfo.getVersion(),
    initRequired: endorsementInfo.getInitRequired(),
    endorsementPlugin: endorsementInfo.getEndorsementPlugin(),
    validationPlugin: validationInfo.getValidationPlugin(),
    policyBytes,
    policy: decodePolicy(policyBytes),
    collections: peer.CollectionConfigPackage.deserializeBinary(
      collections?.getBytes_asU8() ?? Buffer.of(),
    ),
  };
}

function sameBytes(left: VersionedValue | undefined, right: VersionedValue | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return Buffer.compare(left.value, right.value) === 0;
}

const ENDORSEMENT = '/Channel/Application/LifecycleEndorsement';

/** The definition `_lifecycle` itself has: no state, a policy of the channel. */
const LIFECYCLE_DEFINITION: ChaincodeDefinition = (() => {
  const policy = new peer.ApplicationPolicy();
  policy.setChannelConfigPolicyReference(ENDORSEMENT);
  return {
    name: LIFECYCLE,
    sequence: 1,
    version: 'syscc',
    initRequired: false,
    endorsementPlugin: 'escc',
    validationPlugin: 'vscc',
    policyBytes: policy.serializeBinary(),
    policy,
    collections: new peer.CollectionConfigPackage(),
  };
})();

/**
 * Reads chaincode definitions from the `_lifecycle` state (Fabric: `core/chaincode/lifecycle`).
 * Decoding is remembered for as long as the bytes in the state stay the same.
 */
export class ChaincodeDefinitions {
  readonly #remembered = new Map<string, Remembered>();

  /** The definition of a chaincode in this state, undefined when the channel has none. */
  find(state: StateReader, name: string): ChaincodeDefinition | undefined {
    if (name === LIFECYCLE) return LIFECYCLE_DEFINITION;
    const fields = DEFINITION_FIELDS.map((field) => state.get(LIFECYCLE, fieldKey(name, field)));
    if (fields[0] === undefined) return undefined;
    const known = this.#remembered.get(name);
    if (known?.fields.every((field, at) => sameBytes(field, fields[at]))) return known.definition;
    const definition = decode(name, fields);
    this.#remembered.set(name, { fields, definition });
    return definition;
  }

  /** Names of all defined chaincodes, in key order. */
  async names(state: StateReader): Promise<string[]> {
    const prefix = 'namespaces/fields/';
    const rows = state.range({
      namespace: LIFECYCLE,
      startKey: prefix,
      endKey: `${prefix}\u{10ffff}`,
    });
    const names: string[] = [];
    try {
      for (let row = await rows.next(); row; row = await rows.next()) {
        const match = /^namespaces\/fields\/([^/]+)\/Sequence$/.exec(row.key);
        if (match?.[1] !== undefined) names.push(match[1]);
      }
    } finally {
      await rows.close();
    }
    return names;
  }
}

/** The static configuration of a collection that a definition names. */
export function collectionOf(
  definition: ChaincodeDefinition,
  collection: string,
): peer.StaticCollectionConfig | undefined {
  return definition.collections
    .getConfigList()
    .map((config) => config.getStaticCollectionConfig())
    .find((config) => config?.getName() === collection);
}
