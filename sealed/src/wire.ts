/** Strict readers for the members of messages. Every refusal here is FORMAT. */
import { decodeCanonical, encodeCanonical, fromBase64url, isId, utf8 } from '@procurement/protocol';
import { demand, SealError } from './codes';
import { sha256 } from './digest';

/** A message before its members are known. */
export type Members = Readonly<Record<string, unknown>>;

/** Length of points, scalars and hashes. */
const ELEMENT_LENGTH = 32;

/**
 * Reads a message given as canonical JSON text or as the object that such a text held.
 * @throws {SealError} FORMAT where the text is not canonical or the value no object
 */
export function readMessage(message: string | object, item: string): Members {
  if (typeof message !== 'string') {
    demand(!Array.isArray(message), 'FORMAT', item);
    return message as Members;
  }
  return refusing(item, () => decodeCanonical(message));
}

/**
 * Refuses unless a message has every member of `required` and none beyond it and `optional`.
 * @throws {SealError} FORMAT
 */
export function checkMembers(
  message: Members,
  names: { readonly required: readonly string[]; readonly optional?: readonly string[] },
): void {
  const allowed = [...names.required, ...(names.optional ?? [])];
  for (const name of Object.keys(message)) demand(allowed.includes(name), 'FORMAT', name);
  for (const name of names.required) demand(Object.hasOwn(message, name), 'FORMAT', name);
}

/** @throws {SealError} FORMAT where the value is no base64url of exactly `length` bytes */
export function readBytes(value: unknown, item: string, length = ELEMENT_LENGTH): Uint8Array {
  const bytes = readAnyBytes(value, item);
  demand(bytes.length === length, 'FORMAT', item);
  return bytes;
}

/** @throws {SealError} FORMAT where the value is no base64url */
export function readAnyBytes(value: unknown, item: string): Uint8Array {
  demand(typeof value === 'string', 'FORMAT', item);
  return refusing(item, () => fromBase64url(value));
}

/** @throws {SealError} FORMAT where the value is no array of elements of 32 bytes */
export function readElements(value: unknown, item: string): Uint8Array[] {
  demand(Array.isArray(value), 'FORMAT', item);
  return value.map((element: unknown, index) => readBytes(element, `${item}[${index}]`));
}

/** @throws {SealError} FORMAT where the value is no integer that canonical JSON can carry */
export function readInteger(value: unknown, item: string): number {
  demand(Number.isSafeInteger(value), 'FORMAT', item);
  return value as number;
}

/** @throws {SealError} FORMAT where the value is no id */
export function readId(value: unknown, item: string): string {
  demand(typeof value === 'string' && isId(value), 'FORMAT', item);
  return value;
}

/**
 * SHA-256 of the canonical JSON of a message.
 * @throws {SealError} FORMAT where the object has no canonical form
 */
export function messageHash(message: object, item: string): Uint8Array {
  return sha256(utf8(refusing(item, () => encodeCanonical(message))));
}

function refusing<Value>(item: string, read: () => Value): Value {
  try {
    return read();
  } catch {
    throw new SealError('FORMAT', item);
  }
}
