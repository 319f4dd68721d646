import type { CaseChance } from './case-chance.test-support';
import { readFields, varint, writeFields } from './wire-fields.test-support';
import type { WireField } from './wire-fields.test-support';

/** How likely a mutation goes on into a field that is a message itself. */
const descent = 0.75;
const nestingMax = 3000;
const lengthMax = 64 * 1024;

const varints: readonly Buffer[] = [
  varint(0),
  varint(1),
  varint(127),
  varint(2 ** 31),
  varint(2 ** 32 - 1),
  varint(Number.MAX_SAFE_INTEGER),
  // -1, 2^64 - 1 and one digit too many.
  Buffer.from([...Array<number>(9).fill(0xff), 0x01]),
  Buffer.from([...Array<number>(9).fill(0xff), 0x7f]),
  Buffer.from(Array<number>(11).fill(0xff)),
];

const texts: readonly Buffer[] = [
  Buffer.of(0xc3, 0x28),
  Buffer.of(0xed, 0xa0, 0x80),
  Buffer.from('\u0000'),
  Buffer.from('../../etc'),
  Buffer.from('__proto__'),
  Buffer.from('constructor'),
  Buffer.from('a\u0000b'),
  Buffer.from('𝒳\ufeff\u202e'),
  Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
];

type FieldChange = (field: WireField, chance: CaseChance) => readonly WireField[];

/** What can happen to one field; the list that comes back takes its place. */
const fieldChanges: readonly FieldChange[] = [
  () => [],
  (field) => [field, field],
  (field, chance) => [{ ...field, number: chance.between(1, 40) }],
  (field) => [{ ...field, number: 2 ** 29 - 1 }],
  (field, chance) => [{ ...field, wireType: chance.between(0, 7) }],
  (field, chance) => [field, { number: field.number, wireType: chance.oneOf([3, 4]), value: none }],
  (field, chance) => [withValue(field, flipped(field.value, chance))],
  (field, chance) => [withValue(field, flipped(field.value, chance))],
  (field) => [withValue(field, none)],
  (field, chance) => [withValue(field, chance.oneOf(varints))],
  (field, chance) => [{ ...field, wireType: 0, value: chance.oneOf(varints) }],
  (field, chance) => [counted(field, chance.bytes(chance.between(0, 64)))],
  (field, chance) => [counted(field, chance.oneOf(texts))],
  (field, chance) => [
    counted(field, field.value.subarray(0, chance.between(0, field.value.length))),
  ],
  (field, chance) => [counted(field, Buffer.concat([field.value, chance.bytes(4)]))],
  (field, chance) => [
    counted(field, Buffer.alloc(chance.between(0, lengthMax), field.value[0] ?? 97)),
  ],
  (field, chance) => [counted(field, nested(field.number, chance.between(2, nestingMax)))],
];

const none = Buffer.alloc(0);

/** The same bytes with one thing wrong, at a nesting level of chance. */
export function mutate(bytes: Buffer, chance: CaseChance): Buffer {
  const fields = readFields(bytes);
  if (!fields) return spoil(bytes, chance);
  const at = chance.between(0, fields.length - 1);
  const field = fields[at];
  if (!field) return bytes;
  const isDeeper = field.wireType === 2 && readFields(field.value) !== undefined;
  if (isDeeper && chance.isLucky(descent)) {
    return writeFields(fields.with(at, { ...field, value: mutate(field.value, chance) }));
  }
  if (fields.length > 1 && chance.isLucky(0.05)) return writeFields(fields.toReversed());
  return writeFields(fields.toSpliced(at, 1, ...chance.oneOf(fieldChanges)(field, chance)));
}

/** Bytes changed without regard to what they mean. */
export function spoil(bytes: Buffer, chance: CaseChance): Buffer {
  const cut = chance.between(0, bytes.length);
  return chance.oneOf([
    () => bytes.subarray(0, cut),
    () =>
      Buffer.concat([
        bytes.subarray(0, cut),
        chance.bytes(chance.between(1, 16)),
        bytes.subarray(cut),
      ]),
    () => flipped(bytes, chance),
    () => Buffer.concat([bytes, bytes]),
    () => chance.bytes(chance.between(0, 256)),
    // A counted field that claims more than there is.
    () => Buffer.concat([Buffer.of(0x0a), chance.oneOf(varints), bytes.subarray(0, 16)]),
    () => nested(1, chance.between(2, nestingMax)),
  ])();
}

function withValue(field: WireField, value: Buffer): WireField {
  return { ...field, value };
}

function counted(field: WireField, value: Buffer): WireField {
  return { ...field, wireType: 2, value };
}

function flipped(bytes: Buffer, chance: CaseChance): Buffer {
  if (bytes.length === 0) return Buffer.of(chance.between(0, 255));
  const changed = Buffer.from(bytes);
  for (let count = chance.between(1, 3); count > 0; count -= 1) {
    const at = chance.between(0, changed.length - 1);
    changed[at] = (changed[at] ?? 0) ^ (1 << chance.between(0, 7));
  }
  return changed;
}

/** A message in a message in a message. */
function nested(number: number, depth: number): Buffer {
  // Built from the inside out, tags and lengths apart, since copying each level would be square.
  const heads: Buffer[] = [];
  let length = 0;
  for (let level = 0; level < depth; level += 1) {
    const head = Buffer.concat([varint(number * 8 + 2), varint(length)]);
    heads.push(head);
    length += head.length;
  }
  return Buffer.concat(heads.reverse());
}
