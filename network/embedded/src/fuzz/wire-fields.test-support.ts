/** A field as it stands in the bytes of a message, of whatever type that message is. */
export interface WireField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 counted bytes, 3 and 4 a group's ends, 5 four bytes. */
  readonly wireType: number;
  /** Content of a counted field, or the plain bytes of any other. */
  readonly value: Buffer;
}

const counted = 2;

/** Reads the fields of a message; undefined where the bytes are none, or no bytes. */
export function readFields(bytes: Buffer): WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (!tag || tag.value < 8 || tag.value > 0xffffffff) return undefined;
    const wireType = tag.value % 8;
    const found = readValue(bytes, tag.end, wireType);
    if (!found) return undefined;
    fields.push({ number: Math.floor(tag.value / 8), wireType, value: found.value });
    at = found.end;
  }
  return fields.length > 0 ? fields : undefined;
}

/** The bytes of a message with these fields. */
export function writeFields(fields: readonly WireField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ number, wireType, value }) => {
      const tag = varint(number * 8 + wireType);
      return wireType === counted ? [tag, varint(value.length), value] : [tag, value];
    }),
  );
}

/** A varint, in the fewest bytes. */
export function varint(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  while (rest > 127) {
    digits.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...digits, rest]);
}

function readValue(
  bytes: Buffer,
  at: number,
  wireType: number,
): { value: Buffer; end: number } | undefined {
  const fixed: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
  if (wireType === 0) {
    const end = readVarint(bytes, at)?.end;
    return end === undefined ? undefined : { value: bytes.subarray(at, end), end };
  }
  const length = wireType === counted ? readVarint(bytes, at) : { value: fixed[wireType], end: at };
  if (length?.value === undefined) return undefined;
  const end = length.end + length.value;
  if (end > bytes.length) return undefined;
  return { value: bytes.subarray(length.end, end), end };
}

function readVarint(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = 0; index < 10; index += 1) {
    const digit = bytes[at + index];
    if (digit === undefined) return undefined;
    value += (digit % 128) * 2 ** (7 * index);
    if (digit < 128) return { value, end: at + index + 1 };
  }
  return undefined;
}
