/** Changes to an honest argument that an attacker, or a broken client, might make. */
import { encodeCanonical } from '@procurement/protocol';
import type { Chance } from './chance';

type Path = readonly (string | number)[];

/** Longer than any chaincode takes. */
const TOO_LONG = 300_000;
/** As long as one takes. */
const LONG = 200_000;
const ORDER_LE = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');

/** Values that somewhere were too much for somebody. */
const values: readonly unknown[] = [
  ...['', ' ', '0x10', '1e400', 'Infinity', 'NaN', '-0', '٣', '1,5', '00', '1'.repeat(400)],
  ...[null, true, [], {}, -1, 0, 9_007_199_254_740_991, [[[[]]]]],
  ...['\u0000', '\u{10ffff}', '\u202e', 'a/b', '../..', '%00', '\ufeff', 'é', 'e\u0301'],
  ...['__proto__', 'constructor', "' or 1=1 --", '${7*7}', '<script>', '{"$gt":""}'],
  // For patterns that begin anew at every letter.
  ...[`${'a'.repeat(LONG)}!`, `${'1'.repeat(LONG)}x`, '0.'.repeat(LONG / 2), '-'.repeat(LONG)],
  ...[`${'A'.repeat(50_000)}=`, `2027-03-01T03:00:00.${'0'.repeat(50_000)}Z`],
  ...['A'.repeat(43), 'A'.repeat(86), `${'_'.repeat(42)}8`, base64url(ORDER_LE)],
  ...[base64url('ff'.repeat(32)), base64url('01'.repeat(64)), base64url(`ec${'ff'.repeat(30)}7f`)],
  Array.from({ length: 20_000 }, () => 'A'),
  Array.from({ length: 1000 }, () => 'A'.repeat(43)),
];

const names = ['isAdmin', '__proto__', 'constructor', 'prototype', 'toString', 'role', 'state', ''];

/** An argument in bytes. */
export type Hostile = (text: string, chance: Chance) => Uint8Array;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

/** Kinds of changes, by name. */
export const hostileKinds: Readonly<Record<string, Hostile>> = {
  'a byte changed': (text, chance) => {
    const bytes = Buffer.from(text);
    const at = chance.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.between(0, 7));
    return bytes;
  },
  'cut off': (text, chance) => bytesOf(text.slice(0, chance.between(0, text.length - 1))),
  'bytes inserted': (text, chance) => {
    const bytes = Buffer.from(text);
    const at = chance.between(0, bytes.length);
    const more = chance.oneOf(['ff', 'c080', 'eda080', '00', '22', '5c75', '7b', '5d', '09', '2c']);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(more, 'hex'), bytes.subarray(at)]);
  },
  'another value': (text, chance) =>
    changedAt(text, chance, (parent, key) => {
      parent[key] = chance.oneOf(values);
    }),
  'another letter': (text, chance) =>
    changedAt(text, chance, (parent, key) => {
      const value = parent[key];
      if (typeof value !== 'string') return;
      const at = chance.between(0, value.length);
      parent[key] =
        `${value.slice(0, at)}${chance.oneOf(['A', '_', '0', '.'])}${value.slice(at + 1)}`;
    }),
  'a member left out': (text, chance) =>
    changedAt(text, chance, (parent, key) => {
      Reflect.deleteProperty(parent, key);
    }),
  'a member too many': (text, chance) =>
    bytesOf(text.replace('{', `{${JSON.stringify(chance.oneOf(names))}:${anything(chance)},`)),
  'a member too many, further in': (text, chance) =>
    changedAt(text, chance, (parent) => {
      if (!Array.isArray(parent)) define(parent, chance.oneOf(names), chance.oneOf(values));
      else parent.push(chance.oneOf(values));
    }),
  'a member twice': (text) => bytesOf(text.replace(/^\{("[^"]*":[^,}]*)/, '{$1,$1')),
  'blanks between': (text) => bytesOf(text.replaceAll(',', ', ')),
  'escapes that nobody needs': (text) => bytesOf(text.replaceAll('a', '\\u0061')),
  'too long': (text) => bytesOf(text.replace('{', `{"a":"${'a'.repeat(TOO_LONG)}",`)),
  'as long as may be': (text) => bytesOf(text.replace('{', `{"a":"${'a'.repeat(LONG)}",`)),
  'too deep': (text) => bytesOf(text.replace('{', `{"a":${'['.repeat(100_000)}`)),
  'deep objects': (text) => bytesOf(text.replace('{', `{"a":${'{"a":'.repeat(30_000)}`)),
  'many members': (text) => {
    const many = Array.from({ length: 20_000 }, (_, index) => `"m${index}":${index}`);
    return bytesOf(text.replace('{', `{${many.join(',')},`));
  },
  'no JSON': (_text, chance) =>
    bytesOf(chance.oneOf(['', 'null', '[]', '"', '{', 'true', '{}', '0'])),
};

function anything(chance: Chance): string {
  return JSON.stringify(chance.oneOf(values));
}

type Parent = Record<string | number, unknown>;

/** The argument with something done at a random place of it, as canonical as it can be. */
function changedAt(
  text: string,
  chance: Chance,
  change: (parent: Parent, key: string | number) => void,
): Uint8Array {
  const value = JSON.parse(text) as object;
  const places = pathsOf(value);
  if (places.length === 0) return bytesOf(`{"a":${anything(chance)}}`);
  const path = chance.oneOf(places);
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Parent)[key], value);
  change(parent as Parent, path.at(-1) ?? '');
  try {
    return bytesOf(encodeCanonical(value));
  } catch {
    return bytesOf(JSON.stringify(value));
  }
}

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inner = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...at, key]));
  return at.length === 0 ? inner : [at, ...inner];
}

/** Also a member named `__proto__`. */
function define(parent: Parent, name: string, value: unknown): void {
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true });
}
