import type { MessageType } from '../../wire/protobuf';

/**
 * Decodes the argument of a function of `_lifecycle`.
 * @throws Error with Fabric's text (core/dispatcher/dispatcher.go:Dispatch)
 */
export function decodeArgument<T>(type: MessageType<T>, name: string, bytes: Uint8Array): T {
  try {
    return type.deserializeBinary(bytes);
  } catch (error) {
    const reason = 'proto: cannot parse invalid wire-format data';
    const text = `could not decode input arg for *lifecycle.Invocation.${name}: ${reason}`;
    throw new Error(text, { cause: error });
  }
}
