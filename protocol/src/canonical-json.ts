/**
 * The one serialisation of everything that is hashed, signed or stored: RFC 8785 (JSON
 * Canonicalization Scheme) under the limits of TSEAL-V1 section 1. The top value is an object;
 * numbers are integers within ±(2^53−1); at most 16 levels; no lone surrogate, no byte order mark,
 * no member twice.
 */

/** A value that canonical JSON can carry below the top. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [member: string]: CanonicalValue };

/** The top value of a canonical text. */
export type CanonicalObject = Readonly<Record<string, CanonicalValue>>;

/** A value that canonical JSON cannot carry, or a text that is not canonical. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError';
}

/** Levels of arrays and objects, the outer object being the first. */
export const CANONICAL_DEPTH_MAX = 16;

/**
 * Writes an object as canonical JSON. Members whose value is `undefined` are left out, as
 * JSON.stringify does.
 * @throws {CanonicalJsonError} on anything outside the limits
 */
export function encodeCanonical(value: object): string {
  if (Array.isArray(value)) throw new CanonicalJsonError('the top value must be an object');
  return write(value, 1);
}

/**
 * Reads a canonical text. Objects come back without a prototype, so that a member named
 * `__proto__` is a member like any other.
 * @throws {CanonicalJsonError} where the text is not JSON, or encoding it again gives another text
 */
export function decodeCanonical(text: string): CanonicalObject {
  const value = parse(text);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new CanonicalJsonError('the top value must be an object');
  }
  if (encodeCanonical(value) !== text) throw new CanonicalJsonError('not canonical JSON');
  return value as CanonicalObject;
}

function parse(text: string): unknown {
  // To build a hundred thousand arrays only to refuse them takes long.
  if (isTooDeep(text)) throw new CanonicalJsonError('more than 16 levels');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CanonicalJsonError('not JSON');
  }
  removePrototypes(value);
  return value;
}

/** Whether brackets outside strings stand more than 16 deep; of a text that may be no JSON. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') at = endOfString(text, at);
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    if (depth > CANONICAL_DEPTH_MAX) return true;
  }
  return false;
}

/** Where the quotation mark is that ends a string; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}

/** JSON.parse makes of `__proto__` a member like any other; only the prototype has to go. */
function removePrototypes(value: unknown): void {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  for (const inner of Object.values(value)) removePrototypes(inner);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'number':
      return writeInteger(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : writeContainer(value, depth);
    default:
      throw new CanonicalJsonError(`a ${typeof value} has no canonical form`);
  }
}

function writeContainer(value: object, depth: number): string {
  if (depth > CANONICAL_DEPTH_MAX) throw new CanonicalJsonError('more than 16 levels');
  if (Array.isArray(value)) {
    return `[${value.map((element: unknown) => write(element, depth + 1)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw new CanonicalJsonError('only plain objects have a canonical form');
  }
  const record = value as Readonly<Record<string, unknown>>;
  // Array.prototype.sort without a comparator orders by UTF-16 code units: RFC 8785 section 3.2.3.
  const members = Object.keys(record)
    .filter((member) => record[member] !== undefined)
    .sort()
    .map((member) => `${writeString(member)}:${write(record[member], depth + 1)}`);
  return `{${members.join(',')}}`;
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new CanonicalJsonError('a lone surrogate');
  return JSON.stringify(text);
}

function writeInteger(value: number): string {
  if (!Number.isSafeInteger(value))
    throw new CanonicalJsonError('a number that is no safe integer');
  // Minus zero would be written as 0, so a text with -0 fails the comparison in decodeCanonical.
  return String(value);
}
