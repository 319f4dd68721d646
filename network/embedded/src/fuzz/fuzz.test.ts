import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { drafts } from './drafts.test-support';
import { FuzzNetwork } from './fuzz-network.test-support';
import { methods } from './cases.test-support';
import { FuzzRun } from './fuzz-run.test-support';

// A long run: npm run test:fuzz -- --seed N --cases N, from a later case on: --first INDEX. One
// case again: --seed N --only INDEX.

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31);
const caseCount = Number(process.env['FUZZ_CASES'] ?? 2000);
const firstCase = Number(process.env['FUZZ_FIRST'] ?? 0);
const only = process.env['FUZZ_ONLY'];
/** After each batch everything is looked at; the last cases of one wait for a silent chaincode. */
const batchSize = Math.max(500, Math.ceil(caseCount / 50));
/** A case takes some milliseconds; this is what a crowded machine may take. */
const timeoutMs = 120_000 + caseCount * 100;
/** Node's own heap limit is far above; growth beyond this is a leak. */
const memoryMaxMegabytes = 900;

process.stderr.write(`fuzz: TEST_SEED=${String(seed)} FUZZ_CASES=${String(caseCount)}\n`);

let network: FuzzNetwork;
let run: FuzzRun;

beforeAll(async () => {
  network = await FuzzNetwork.start();
  run = await FuzzRun.on(network, seed);
}, timeoutMs);

afterAll(async () => {
  run.close();
  await network.close();
});

describe('the network, sent whatever there is', () => {
  test('has a draft of a request for every method of its services', () => {
    expect(methods.map(({ path }) => path).filter((path) => !drafts.has(path))).toEqual([]);
    expect(methods.length).toBeGreaterThanOrEqual(12);
  });

  test(
    `answers as Fabric does and goes on working (seed ${String(seed)})`,
    async () => {
      if (only !== undefined) {
        expect(await run.batch(Number(only), Number(only) + 1)).toEqual([]);
        return;
      }
      for (let first = firstCase; first < caseCount; first += batchSize) {
        const faults = await run.batch(first, Math.min(first + batchSize, caseCount));
        expect(faults).toEqual([]);
        expect(await run.conditionFaults(memoryMaxMegabytes)).toEqual([]);
        process.stderr.write(`fuzz: before case ${String(first + batchSize)}\n`);
      }
      process.stderr.write(`fuzz: ${run.summary()}\n`);
    },
    timeoutMs,
  );
});
