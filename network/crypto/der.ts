/** One DER element: its tag, its content, and where it ends in the bytes it was read from. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  /** Offset of the first byte after the element. */
  readonly end: number;
}

/** Tags used here. */
export const derTag = { integer: 0x02, bitString: 0x03, sequence: 0x30 } as const;

/**
 * Reads the element at an offset; only definite lengths in their shortest form (X.690, 10.1).
 * @returns undefined when the bytes are no such element
 */
export function readDer(bytes: Uint8Array, offset = 0): DerElement | undefined {
  const tag = bytes[offset];
  const length = readLength(bytes, offset + 1);
  if (tag === undefined || !length) return undefined;
  const end = length.end + length.value;
  if (end > bytes.length) return undefined;
  return { tag, content: Buffer.from(bytes.subarray(length.end, end)), end };
}

/** The elements that stand one after the other in the bytes, up to the first that does not read. */
export function readDerList(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  let next = readDer(bytes);
  while (next) {
    elements.push(next);
    next = readDer(bytes, next.end);
  }
  return elements;
}

/** Encodes an element. */
export function writeDer(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

/** DER INTEGER of a non-negative big-endian number; leading zero bytes are dropped. */
export function writeUnsigned(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  const signByte = (digits[0] ?? 0) >= 0x80 || digits.length === 0 ? Buffer.from([0]) : Buffer.of();
  return writeDer(derTag.integer, Buffer.concat([signByte, digits]));
}

/**
 * The magnitude of a positive INTEGER element, without leading zeros.
 * @returns undefined for another tag, a negative number, zero, or a longer form than needed
 */
export function readPositive(element: DerElement | undefined): Buffer | undefined {
  if (element?.tag !== derTag.integer) return undefined;
  const { content } = element;
  const [first, second = 0] = content;
  if (first === undefined || first >= 0x80) return undefined;
  if (first !== 0) return content;
  // A leading zero is allowed only in front of a byte that would otherwise mean a negative number.
  return content.length > 1 && second >= 0x80 ? content.subarray(1) : undefined;
}

function readLength(bytes: Uint8Array, offset: number): { value: number; end: number } | undefined {
  const first = bytes[offset];
  if (first === undefined) return undefined;
  if (first < 0x80) return { value: first, end: offset + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 4) return undefined;
  let value = 0;
  for (let index = 1; index <= size; index++) {
    const next = bytes[offset + index];
    if (next === undefined || (index === 1 && next === 0)) return undefined;
    value = value * 256 + next;
  }
  return value < 0x80 ? undefined : { value, end: offset + 1 + size };
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([0x80 | digits.length, ...digits]);
}
