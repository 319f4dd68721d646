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

/** Messages by type and bytes. */
const decoded = new WeakMap<MessageType<unknown>, WeakMap<Uint8Array, unknown>>();

/**
 * Decodes a message once for each array object that holds its bytes, since the nodes of one
 * process look at the same arrays. The message is shared: do not change it.
 * @throws Error when the bytes are no such message
 */
export function decodeShared<T>(type: MessageType<T>, bytes: Uint8Array): T {
  const ofType = messagesOf(type);
  const known = ofType.get(bytes) as T | undefined;
  if (known !== undefined) return known;
  const message = type.deserializeBinary(bytes);
  ofType.set(bytes, message);
  return message;
}

/** Serializes a message and keeps it for `decodeShared` of these bytes; do not change it later. */
export function encodeShared<T extends { serializeBinary(): Uint8Array }>(
  type: MessageType<T>,
  message: T,
): Uint8Array {
  const bytes = message.serializeBinary();
  messagesOf(type).set(bytes, message);
  return bytes;
}

function messagesOf(type: MessageType<unknown>): WeakMap<Uint8Array, unknown> {
  let ofType = decoded.get(type);
  if (!ofType) decoded.set(type, (ofType = new WeakMap()));
  return ofType;
}

/**
 * Decodes a message, as `decodeShared` does.
 * @param typeName Fabric's name of the type, for the error text
 * @throws MalformedMessageError (protoutil/unmarshalers.go)
 */
export function decode<T>(type: MessageType<T>, typeName: string, bytes: Uint8Array): T {
  try {
    return decodeShared(type, bytes);
  } catch {
    throw new MalformedMessageError(typeName);
  }
}

/** Whether two byte strings are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
