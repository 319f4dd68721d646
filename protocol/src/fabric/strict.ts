/** Reading of protobuf messages that leaves nothing unread. */
import type { Message } from 'google-protobuf';
import { concatBytes, equalBytes } from '../bytes';

/** Bytes that are not the message they should be; `part` names the message or what is wrong. */
export class FabricMessageError extends Error {
  override readonly name = 'FabricMessageError';
  readonly part: string;

  constructor(part: string) {
    super(`not a message as the ledger's clients make it: ${part}`);
    this.part = part;
  }
}

/** A kind of message, as the generated classes have it. */
interface MessageType<T extends Message> {
  deserializeBinary(bytes: Uint8Array): T;
}

/**
 * Reads a message whose encoding says nothing besides it: encoded again it must give the same
 * bytes, so a field that these definitions do not know is refused.
 * @param part name of the message, for the error
 * @throws {FabricMessageError}
 */
export function readStrict<T extends Message>(
  type: MessageType<T>,
  bytes: Uint8Array,
  part: string,
): T {
  let message: T;
  try {
    message = type.deserializeBinary(bytes);
  } catch {
    throw new FabricMessageError(part);
  }
  if (!equalBytes(message.serializeBinary(), bytes)) throw new FabricMessageError(part);
  return message;
}

/** @throws {FabricMessageError} naming the part, unless the condition holds */
export function requirePart(condition: boolean, part: string): asserts condition {
  if (!condition) throw new FabricMessageError(part);
}

/** SHA-256 of byte strings one after the other. */
export async function sha256Of(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  // Copied, since subtle takes no view of memory that could be shared.
  const bytes = new Uint8Array(concatBytes(...parts));
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
}
