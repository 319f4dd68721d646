import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allCases } from './all-cases';
import type { CaseGroup, ConformanceCase } from './conformance-case';
import type { NetworkDriver, NetworkUnderTest } from './network-driver';
import { withPlaceholders } from './placeholders';
import { recordingsFolder, recordingsOf } from './recordings';
import type { Recording } from './recordings';
import { World } from './world';

const startTimeoutMs = 300_000;
const caseTimeoutMs = 120_000;

/**
 * Tests one network with every case: against what is known of each behaviour, and, where the
 * recordings are at hand, against the whole answer that real peers gave to the same request.
 */
export function describeConformance(under: NetworkUnderTest): void {
  const recordings = recordingsOf(under.compat);
  describe(under.name, () => {
    let driver: NetworkDriver | undefined;
    let world: World | undefined;
    const opened = (): World => {
      if (!world) throw new Error('the network has not started');
      return world;
    };
    beforeAll(async () => {
      driver = await under.start();
      world = await World.open(driver, under.compat);
    }, startTimeoutMs);
    afterAll(async () => {
      world?.close();
      await driver?.close();
    }, startTimeoutMs);

    if (!recordings) {
      test.skip(`answers are compared with recordings (none in ${recordingsFolder})`, () => {
        expect(recordings).toBeDefined();
      });
    }
    for (const group of allCases) describeGroup(group, { under, recordings, opened });
  });
}

interface SuiteParts {
  readonly under: NetworkUnderTest;
  readonly recordings: ReadonlyMap<string, Recording> | undefined;
  readonly opened: () => World;
}

function describeGroup(group: CaseGroup, parts: SuiteParts): void {
  const { prepare } = group;
  const missing = missingFor(group.needs, parts.under);
  describe(group.title, () => {
    if (prepare && missing === undefined) {
      beforeAll(() => prepare(parts.opened()), startTimeoutMs);
    }
    for (const one of group.cases) {
      testCase(one, missing ?? missingFor(one.needs, parts.under), parts);
    }
  });
}

function testCase(one: ConformanceCase, missing: string | undefined, parts: SuiteParts): void {
  const title = `${one.id}: ${one.title}`;
  const check = async (): Promise<void> => {
    const world = parts.opened();
    const observed = withPlaceholders(await one.observe(world), world.addresses());
    const expected = one.expectedByCompat?.[parts.under.compat] ?? one.expected;
    if (expected !== undefined) expectPart(observed, expected);
    const recording = parts.recordings?.get(one.id);
    if (!recording) return;
    const recorded = withPlaceholders(recording.observed, new Map());
    expect(withoutChance(observed, one)).toEqual(withoutChance(recorded, one));
  };
  if (missing === undefined) test(title, check, caseTimeoutMs);
  else test.skip(`${title} (skipped: ${missing})`, check, caseTimeoutMs);
}

function withoutChance(value: unknown, { chance = [] }: ConformanceCase): unknown {
  if (chance.length === 0) return value;
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.filter(([name]) => !chance.includes(name)));
}

function expectPart(observed: unknown, expected: unknown): void {
  if (typeof expected === 'object' && expected !== null) {
    expect(observed).toMatchObject(expected);
  } else expect(observed).toEqual(expected);
}

function missingFor(
  needs: ConformanceCase['needs'],
  { missing }: NetworkUnderTest,
): string | undefined {
  return needs?.map((one) => missing[one]).find((reason) => reason !== undefined);
}
