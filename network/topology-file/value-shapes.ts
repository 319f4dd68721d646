import { TopologyError } from '../topology';

/** Checks a value at a place such as `topology.orderers[0].port`. @throws TopologyError naming it */
export type ShapeCheck = (value: unknown, place: string) => void;

/** A text that matches the pattern. */
export function text(pattern: RegExp): ShapeCheck {
  return (value, place) => {
    if (typeof value !== 'string' || !pattern.test(value)) fail(place, 'a well-formed text', value);
  };
}

/** One of the given texts. */
export function oneOf(...allowed: readonly string[]): ShapeCheck {
  return (value, place) => {
    if (typeof value !== 'string' || !allowed.includes(value)) {
      fail(place, `one of ${allowed.join(', ')}`, value);
    }
  };
}

/** True or false. */
export function flag(): ShapeCheck {
  return (value, place) => {
    if (typeof value !== 'boolean') fail(place, 'true or false', value);
  };
}

/** A whole number from `min` to `max`. */
export function integer(limits: { min: number; max: number }): ShapeCheck {
  const { min, max } = limits;
  return (value, place) => {
    if (!Number.isInteger(value) || Number(value) < min || Number(value) > max) {
      fail(place, `a whole number from ${String(min)} to ${String(max)}`, value);
    }
  };
}

/** A list whose members all pass. */
export function array(member: ShapeCheck): ShapeCheck {
  return (value, place) => {
    if (!Array.isArray(value)) fail(place, 'a list', value);
    value.forEach((one: unknown, index) => {
      member(one, `${place}[${String(index)}]`);
    });
  };
}

/** An object with any names, whose values all pass. */
export function record(member: ShapeCheck): ShapeCheck {
  return (value, place) => {
    for (const [key, one] of Object.entries(objectAt(value, place))) member(one, `${place}.${key}`);
  };
}

/** An object of texts. */
export function texts(): ShapeCheck {
  return record(text(/^/));
}

/** An object that may have the given texts and nothing else. */
export function optionalTexts(...names: readonly string[]): ShapeCheck {
  return shape({}, Object.fromEntries(names.map((name) => [name, text(/./)])));
}

/** An object with these fields, perhaps the optional ones, and nothing else. */
export function shape(
  fields: Readonly<Record<string, ShapeCheck>>,
  optional: Readonly<Record<string, ShapeCheck>> = {},
): ShapeCheck {
  return (value, place) => {
    const object = objectAt(value, place);
    for (const [key, check] of Object.entries(fields)) check(object[key], `${place}.${key}`);
    for (const [key, check] of Object.entries(optional)) {
      if (object[key] !== undefined) check(object[key], `${place}.${key}`);
    }
    const unknown = Object.keys(object).find((key) => !(key in fields) && !(key in optional));
    if (unknown !== undefined) throw new TopologyError(`${place} has the unknown field ${unknown}`);
  };
}

function objectAt(value: unknown, place: string): Partial<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(place, 'an object', value);
  }
  return { ...value };
}

function fail(place: string, expected: string, value: unknown): never {
  const found = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
  throw new TopologyError(`${place} must be ${expected}, not ${found}`);
}
