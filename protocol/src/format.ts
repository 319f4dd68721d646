/** Reading what came from outside: canonical JSON of exactly one shape, or a FORMAT refusal. */
import type { z } from 'zod';
import { CanonicalJsonError, decodeCanonical } from './canonical-json';
import { Reject } from './rejects';

/**
 * Reads a canonical text of a schema's shape.
 * @throws {Reject} FORMAT with the path of the first member that does not fit; no value is repeated
 */
export function readFormat<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): z.output<Schema> {
  return checkFormat(schema, decode(text));
}

/**
 * The value itself, where it has a schema's shape.
 * @throws {Reject} FORMAT with the path of the first member that does not fit; no value is repeated
 */
export function checkFormat<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
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

/** `lots[2].itemIds[0]`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
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
