import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestClock } from './clock';

const HOUR_MS = 3_600_000;
const SKEW_MS = 90_000;
const MachineDate = Date;

/** What a program that is started now takes for the time. */
async function timeElsewhere(variables: Readonly<Record<string, string>> = {}): Promise<number> {
  const env = { ...process.env, ...variables };
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'Date.now()'], { env });
  return Number(stdout);
}

describe("the tests' clock", () => {
  let clock: TestClock;
  let startedMs: number;

  beforeEach(async () => {
    startedMs = Date.now();
    clock = await TestClock.start({ MinistryMSP: SKEW_MS });
  });

  afterEach(() => clock.stop());

  test('runs with the machine, and passes an instant at once, in each process', async () => {
    expect(Date.now()).toBeLessThan(startedMs + HOUR_MS);
    await clock.pass(startedMs + HOUR_MS);
    expect(Date.now()).toBeGreaterThan(startedMs + HOUR_MS);
    expect(new Date().getTime()).toBeGreaterThan(startedMs + HOUR_MS);
    expect(await timeElsewhere()).toBeGreaterThan(startedMs + HOUR_MS);
  });

  test('never goes back', async () => {
    await clock.pass(startedMs + HOUR_MS);
    await clock.pass(startedMs);
    expect(Date.now()).toBeGreaterThan(startedMs + HOUR_MS);
  });

  test('makes dates that are those of the machine', () => {
    expect(new Date()).toBeInstanceOf(MachineDate);
    expect(new MachineDate()).toBeInstanceOf(Date);
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
  });

  test("is ahead in one organisation's chaincode", async () => {
    const ministry = await timeElsewhere({ CORE_PEER_LOCALMSPID: 'MinistryMSP' });
    expect(ministry).toBeGreaterThanOrEqual(startedMs + SKEW_MS);
    const auditor = await timeElsewhere({ CORE_PEER_LOCALMSPID: 'AuditorMSP' });
    expect(auditor).toBeLessThan(ministry);
  });

  test('ends the wait for an instant, and no limit of a call', async () => {
    let limits = 0;
    const limit = setTimeout(() => (limits += 1), 60_000);
    const instant = new Promise<number>((tell) => {
      setTimeout(() => {
        tell(Date.now());
      }, HOUR_MS);
    });
    await clock.pass(Date.now() + HOUR_MS);
    expect(await instant).toBeGreaterThanOrEqual(startedMs + HOUR_MS);
    expect(limits).toBe(0);
    clearTimeout(limit);
  });

  test("leaves the machine's when it is stopped", async () => {
    await clock.pass(startedMs + HOUR_MS);
    await clock.stop();
    expect(Date).toBe(MachineDate);
    expect(Date.now()).toBeLessThan(startedMs + HOUR_MS);
    expect(await timeElsewhere()).toBeLessThan(startedMs + HOUR_MS);
  });
});
