import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeDefinition } from '../../commit/definitions';
import { sha256 } from '../../../../crypto/hashes';

/** What is agreed about a chaincode, without name and sequence. */
export type DefinitionParameters = Pick<
  ChaincodeDefinition,
  | 'version'
  | 'endorsementPlugin'
  | 'initRequired'
  | 'validationPlugin'
  | 'policyBytes'
  | 'collections'
>;

/** Where structures are kept: definitions and approvals, or which package an approval names. */
export type Area = 'namespaces' | 'chaincode-sources';

/** A Go struct as the lifecycle keeps it: each field under a key of its own, named by metadata. */
export interface Structure {
  readonly datatype: 'ChaincodeDefinition' | 'ChaincodeParameters' | 'ChaincodeLocalPackage';
  /** Serialized lifecycle.StateData by field name, in the order of the struct. */
  readonly fields: ReadonlyMap<string, Uint8Array>;
}

/** State or collection with plain values. */
export interface ReadableFields {
  get(key: string): Uint8Array | undefined;
}

/** State or collection that is written. */
export interface WritableFields extends ReadableFields {
  put(key: string, value: Uint8Array): void;
}

/** The collection of any organization: hashes are all that others see. */
export interface OpaqueFields {
  /** SHA-256 of the value. */
  hash(key: string): Uint8Array | undefined;
}

/** Where a structure is. */
export interface StructurePlace {
  readonly area: Area;
  /** Such as `basic` or `basic#1`. */
  readonly name: string;
}

/** A definition as the channel keeps it. */
export function definitionStructure(parameters: DefinitionParameters, sequence: number): Structure {
  const data = new peer.lifecycle.StateData();
  data.setInt64(sequence);
  const fields = parametersStructure(parameters).fields;
  return {
    datatype: 'ChaincodeDefinition',
    fields: new Map([['Sequence', data.serializeBinary()], ...fields]),
  };
}

/** A definition as an organization approves it. */
export function parametersStructure(parameters: DefinitionParameters): Structure {
  const endorsement = new peer.lifecycle.ChaincodeEndorsementInfo();
  endorsement.setVersion(parameters.version);
  endorsement.setInitRequired(parameters.initRequired);
  endorsement.setEndorsementPlugin(parameters.endorsementPlugin);
  const validation = new peer.lifecycle.ChaincodeValidationInfo();
  validation.setValidationPlugin(parameters.validationPlugin);
  validation.setValidationParameter(parameters.policyBytes);
  return {
    datatype: 'ChaincodeParameters',
    fields: new Map([
      ['EndorsementInfo', bytesData(endorsement)],
      ['ValidationInfo', bytesData(validation)],
      ['Collections', bytesData(parameters.collections)],
    ]),
  };
}

/** The package that an organization runs; an empty id = it does not run the chaincode. */
export function packageStructure(packageId: string): Structure {
  const data = new peer.lifecycle.StateData();
  data.setString(packageId);
  return {
    datatype: 'ChaincodeLocalPackage',
    fields: new Map([['PackageID', data.serializeBinary()]]),
  };
}

/** Key of a structure's metadata. */
export function structureKey({ area, name }: StructurePlace): string {
  return `${area}/metadata/${name}`;
}

/** Key of one field of a structure. */
export function structureFieldKey({ area, name }: StructurePlace, field: string): string {
  return `${area}/fields/${name}/${field}`;
}

/** Whether a structure is there. */
export function hasStructure(state: ReadableFields, place: StructurePlace): boolean {
  return state.get(structureKey(place)) !== undefined;
}

/** Writes a structure; keys whose value stays the same are not written (serializer.go:Serialize). */
export function writeStructure(
  state: WritableFields,
  place: StructurePlace,
  structure: Structure,
): void {
  const metadata = state.get(structureKey(place));
  const known = metadata ? decodeMetadata(metadata).getFieldsList() : [];
  const stored = new Map(known.map((field) => [field, state.get(structureFieldKey(place, field))]));
  for (const [field, value] of structure.fields) {
    const before = stored.get(field);
    if (before && Buffer.compare(before, value) === 0) continue;
    state.put(structureFieldKey(place, field), value);
  }
  const wanted = metadataOf(structure);
  if (metadata && Buffer.compare(metadata, wanted) === 0) return;
  state.put(structureKey(place), wanted);
}

/**
 * In what a structure differs from the hashes of another's collection; in nothing if it is there.
 * Every key is read, so that the read set does not tell how far the comparison went.
 * Source: core/chaincode/lifecycle/serializer.go:IsSerialized
 */
export function mismatchesOf(
  state: OpaqueFields,
  place: StructurePlace,
  structure: Structure,
): readonly string[] {
  const metadata = state.hash(structureKey(place));
  const stored = [...structure.fields.keys()].map((field) =>
    state.hash(structureFieldKey(place, field)),
  );
  const fields = [...structure.fields].flatMap(([field, value], at) =>
    isHashOf(stored[at], value) ? [] : [field],
  );
  return isHashOf(metadata, metadataOf(structure)) ? fields : [structure.datatype, ...fields];
}

/** Reads the parameters of an approved or committed definition. */
export function readParameters(state: ReadableFields, place: StructurePlace): DefinitionParameters {
  const read = (field: string): Uint8Array =>
    stateData(state.get(structureFieldKey(place, field))).getBytes_asU8();
  const endorsement = peer.lifecycle.ChaincodeEndorsementInfo.deserializeBinary(
    read('EndorsementInfo'),
  );
  const validation = peer.lifecycle.ChaincodeValidationInfo.deserializeBinary(
    read('ValidationInfo'),
  );
  return {
    version: endorsement.getVersion(),
    endorsementPlugin: endorsement.getEndorsementPlugin(),
    initRequired: endorsement.getInitRequired(),
    validationPlugin: validation.getValidationPlugin(),
    policyBytes: validation.getValidationParameter_asU8(),
    collections: peer.CollectionConfigPackage.deserializeBinary(read('Collections')),
  };
}

/** The package that an approval names; undefined when it names none at all. */
export function readPackageId(state: ReadableFields, name: string): string | undefined {
  const place = { area: 'chaincode-sources', name } as const;
  if (!hasStructure(state, place)) return undefined;
  return stateData(state.get(structureFieldKey(place, 'PackageID'))).getString();
}

/** The sequence of a definition; 0 when there is none. */
export function readSequence(state: ReadableFields, name: string): number {
  const key = structureFieldKey({ area: 'namespaces', name }, 'Sequence');
  return stateData(state.get(key)).getInt64();
}

function stateData(bytes: Uint8Array | undefined): peer.lifecycle.StateData {
  return peer.lifecycle.StateData.deserializeBinary(bytes ?? new Uint8Array());
}

function decodeMetadata(bytes: Uint8Array): peer.lifecycle.StateMetadata {
  return peer.lifecycle.StateMetadata.deserializeBinary(bytes);
}

function metadataOf({ datatype, fields }: Structure): Uint8Array {
  const metadata = new peer.lifecycle.StateMetadata();
  metadata.setDatatype(datatype);
  metadata.setFieldsList([...fields.keys()]);
  return metadata.serializeBinary();
}

function bytesData(message: { serializeBinary(): Uint8Array }): Uint8Array {
  const data = new peer.lifecycle.StateData();
  data.setBytes(message.serializeBinary());
  return data.serializeBinary();
}

function isHashOf(hash: Uint8Array | undefined, value: Uint8Array): boolean {
  return hash !== undefined && Buffer.compare(hash, sha256(value)) === 0;
}
