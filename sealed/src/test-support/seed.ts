/** The seed of this run's random tests: TEST_SEED, or a new one, which the test names show. */
export const propertySeed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31);
