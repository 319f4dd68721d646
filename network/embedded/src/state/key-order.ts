/**
 * The order of keys on a Fabric ledger: by their UTF-8 bytes.
 *
 * JavaScript compares strings by UTF-16 units, which puts characters above U+FFFF (surrogate
 * pairs) before U+E000..U+FFFF; UTF-8 puts them after. Range ends of composite keys are U+10FFFF,
 * so the difference decides what a partial composite query returns.
 */

/** Moves surrogates above U+FFFF and closes the gap they leave. */
function utf8Rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}

/**
 * Compares two keys as LevelDB and Go compare them.
 * @returns negative, zero or positive, for `Array.prototype.sort`
 */
export function compareKeys(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const difference = utf8Rank(left.charCodeAt(at)) - utf8Rank(right.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The values of a map whose keys are ledger names, in ledger order. */
export function valuesInKeyOrder<T>(entries: ReadonlyMap<string, T>): T[] {
  if (entries.size < 2) return [...entries.values()];
  return [...entries].sort(([left], [right]) => compareKeys(left, right)).map(([, value]) => value);
}
