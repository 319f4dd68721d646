/** Bytes that are no message of the expected type; the text is the one Fabric's Go code gives. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';

  constructor(typeName: string) {
    super(`error unmarshalling ${typeName}: proto: cannot parse invalid wire-format data`);
  }
}

/** The static side of a generated message class. */
export interface MessageType<T> {
  deserializeBinary(bytes: Uint8Array): T;
}

/**
 * Decodes a message.
 * @param typeName Fabric's name of the type, for the error text
 * @throws MalformedMessageError (protoutil/unmarshalers.go)
 */
export function decode<T>(type: MessageType<T>, typeName: string, bytes: Uint8Array): T {
  try {
    return type.deserializeBinary(bytes);
  } catch {
    throw new MalformedMessageError(typeName);
  }
}

/** Whether two byte strings are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
