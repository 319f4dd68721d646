/** Reading what came from outside: canonical JSON of exactly one shape, or a FORMAT refusal. */
import type { z } from 'zod';
import { CanonicalJsonError, decodeCanonical } from './canonical-json';
import { Reject } from './rejects';

const PATH_LENGTH_MAX = 200;

/** A schema of values of this type. */
export type Schema<Value = unknown> = z.ZodType<Value>;

/** What a schema gives for a value that it takes. */
export type SchemaOutput<Shape extends Schema> = z.output<Shape>;

/**
 * Reads a canonical text of a schema's shape.
 * @throws {Reject} FORMAT with the path of the first member that does not fit; no value is repeated
 */
export function readFormat<Shape extends Schema>(schema: Shape, text: string): SchemaOutput<Shape> {
  return checkFormat(schema, decode(text));
}

/**
 * The value itself, where it has a schema's shape.
 * @throws {Reject} FORMAT with the path of the first member that does not fit; no value is repeated
 */
export function checkFormat<Shape extends Schema>(
  schema: Shape,
  value: unknown,
): SchemaOutput<Shape> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw new Reject('FORMAT', { path: '', problem: 'invalid' });
  throw formatReject(issue, value);
}

function decode(text: string): unknown {
  try {
    return decodeCanonical(text);
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error;
    throw new Reject('FORMAT', { path: '', problem: error.message });
  }
}

function formatReject(issue: z.core.$ZodIssue, value: unknown): Reject {
  if (issue.code === 'unrecognized_keys') {
    const [member = ''] = [...issue.keys].sort();
    return new Reject('FORMAT', { path: pathText([...issue.path, member]), problem: 'unknown' });
  }
  const path = pathText(issue.path);
  if (valueAt(value, issue.path) === undefined) {
    return new Reject('FORMAT', { path, problem: 'missing' });
  }
  return new Reject('FORMAT', {
    path,
    problem: issue.code === 'invalid_type' ? 'mistyped' : 'invalid',
  });
}

/** `lots[2].itemIds[0]`, cut short where the sender's own member names make it long. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>((before, step) => {
    if (typeof step === 'number') return `${before}[${step}]`;
    return before === '' ? String(step) : `${before}.${String(step)}`;
  }, '');
  return text.slice(0, PATH_LENGTH_MAX).toWellFormed();
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Readonly<Record<PropertyKey, unknown>>)[step]
        : undefined,
    value,
  );
}
