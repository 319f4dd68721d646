/** The namespace with the chaincode definitions. */
export const LIFECYCLE = '_lifecycle';

/** Fields of a definition (Fabric: `lifecycle.ChaincodeDefinition`), in the order of its struct. */
export const DEFINITION_FIELDS = [
  'Sequence',
  'EndorsementInfo',
  'ValidationInfo',
  'Collections',
] as const;

/** Key of one field of a chaincode's definition. */
export function fieldKey(chaincode: string, field: (typeof DEFINITION_FIELDS)[number]): string {
  return `namespaces/fields/${chaincode}/${field}`;
}

/** Key of the sequence of a chaincode's definition. */
export function sequenceKey(chaincode: string): string {
  return fieldKey(chaincode, 'Sequence');
}

/** Key of the metadata that says which fields a definition has. */
export function metadataKey(chaincode: string): string {
  return `namespaces/metadata/${chaincode}`;
}
