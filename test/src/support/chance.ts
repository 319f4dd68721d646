/** A source of whole numbers that a seed repeats. */
export interface Chance {
  readonly seed: number;
  /** From `min` to `max`, both included. */
  between(min: number, max: number): number;
  /** One of several. */
  oneOf<Item>(items: readonly Item[]): Item;
}

const two32 = 2 ** 32;

/**
 * Numbers from the seed in the environment variable TEST_SEED, or from the time; says which on the
 * error stream, so that a failure can be repeated.
 */
export function newChance(purpose: string): Chance {
  const given = process.env['TEST_SEED'];
  const seed = given === undefined ? Date.now() % two32 : Number(given);
  process.stderr.write(`${purpose}: TEST_SEED=${seed}\n`);
  return chanceOf(seed);
}

/** Numbers from a seed. */
export function chanceOf(seed: number): Chance {
  let state = seed;
  const next = (): number => {
    // A linear congruential generator is random enough for a moment.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / two32;
  };
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    seed,
    between,
    oneOf: (items) => {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new RangeError('nothing to choose from');
      return item;
    },
  };
}

/** How many rounds a test of chance takes: TEST_ROUNDS, or a small number. */
export function roundCount(fallback: number): number {
  return Number(process.env['TEST_ROUNDS'] ?? fallback);
}
