import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ApiProblem, readCommittee } from '@procurement/client';
import { instantToMs } from '@procurement/protocol';
import { chanceOf, newChance } from './support/chance';
import { type CalledTransaction, callsOf } from './support/called-transactions';
import { machineClock } from './support/clock';
import { DirectLedger } from './support/direct-ledger';
import {
  draftOf,
  publishDraft,
  registerPeople,
  startSystem,
  type System,
} from './support/procedure';
import { eachOf, enrolVendors, sealFor, type Vendor, type VendorBid } from './support/vendors';

const LOTS = 10;
const GRACE_MS = 500;
const IN_FLIGHT = 32;
const VALID = 0;
const bidCount = Number(process.env['DEADLINE_BIDS'] ?? 100);
const seedCount = Number(process.env['DEADLINE_SEEDS'] ?? 1);
const MINUTE_MS = 60_000;
// A busy machine enrols, seals and submits slowly.
jest.setTimeout(5 * MINUTE_MS + seedCount * (2 * MINUTE_MS + bidCount * 500));

/** What a vendor was told. */
interface Told {
  readonly bid: VendorBid;
  readonly transactionId?: string;
  readonly code?: string;
}

const { seed: firstSeed } = newChance('deadline');
let system: System;
let direct: DirectLedger;
let vendors: Vendor[];
/** What one bid takes here, one of many. */
let bidMs: number;

beforeAll(async () => {
  // Bids race with the close in real time.
  system = await startSystem({ clock: machineClock });
  direct = await DirectLedger.connect(system.folder);
  await registerPeople(system.people);
  const startedAt = performance.now();
  vendors = await enrolVendors(system, { name: 'firm', count: Math.ceil(bidCount / LOTS) });
  bidMs = (performance.now() - startedAt) / vendors.length;
});

afterAll(async () => {
  await direct.close();
  await system.stop();
});

interface Run {
  readonly tenderId: string;
  readonly deadlineMs: number;
  readonly told: readonly Told[];
  /** Calls on the tender in the ledgers of two organisations, in their order. */
  readonly ledgers: readonly (readonly CalledTransaction[])[];
  readonly listed: number;
}

/** Bids from before the deadline until after the close, at random moments. */
async function run(seed: number): Promise<Run> {
  const { people } = system;
  const chance = chanceOf(seed);
  const tenderId = `deadline-${seed}`;
  const first = (await direct.height()) - 1n;
  const windowMs = Math.max(2000, (bidCount * bidMs) / 4);
  const biddingMs = Math.round(30 * bidMs + bidCount * 40 + windowMs / 2 + 2000);
  const draft = await draftOf({ people, tenderId, lotCount: LOTS, biddingMs, graceMs: GRACE_MS });
  await publishDraft(people, draft);
  const checked = await readCommittee({ api: people.auditor, tenderId });
  const wanted = vendors
    .flatMap((vendor) => Array.from({ length: LOTS }, (_, lot) => ({ vendor, lotNumber: lot + 1 })))
    .slice(0, bidCount)
    .map((bid) => ({ ...bid, rate: String(chance.between(1000, 9999)) }));
  const bids: VendorBid[] = [];
  for (const bid of wanted) bids.push(await sealFor(checked, bid));
  const deadlineMs = instantToMs(draft.deadline);
  const beginMs = deadlineMs - windowMs / 2;
  const moments = bids
    .map((bid) => ({ bid, atMs: beginMs + chance.between(0, Math.floor(windowMs)) }))
    .sort((left, right) => left.atMs - right.atMs);
  const closing = close(tenderId, deadlineMs + GRACE_MS);
  const told = await eachOf(moments, ({ bid, atMs }) => submitAt(tenderId, bid, atMs), IN_FLIGHT);
  await closing;
  const ledgers = await Promise.all(
    ['auditor', 'tashi'].map(async (person) =>
      callsOf(await direct.blocks(person, first), tenderId),
    ),
  );
  const { list } = await people.seats[0]!.opening(tenderId);
  return { tenderId, deadlineMs, told, ledgers, listed: list?.count ?? 0 };
}

async function submitAt(tenderId: string, bid: VendorBid, atMs: number): Promise<Told> {
  await machineClock.pass(atMs);
  try {
    const { transactionId } = await bid.vendor.api.submitBid(tenderId, bid.submission);
    return { bid, transactionId };
  } catch (error) {
    if (error instanceof ApiProblem) return { bid, code: error.code };
    throw error;
  }
}

/** Until it is closed: a bid that arrives meanwhile makes a close fail. */
async function close(tenderId: string, atMs: number): Promise<void> {
  await machineClock.pass(atMs);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await system.people.auditor.close(tenderId, { requestId: `close-${tenderId}-${attempt}` });
      return;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'COMMIT_CONFLICT') throw error;
    }
  }
}

/** A line a seed, once everything was found as it should be: long runs are watched. */
function sayHeld(
  seed: number,
  came: { readonly taken: number; readonly codes: readonly string[]; readonly startedAt: number },
): void {
  const seconds = Math.round((performance.now() - came.startedAt) / 1000);
  const counts = ['DEADLINE', 'PHASE'].map(
    (code) => `${came.codes.filter((one) => one === code).length} ${code}`,
  );
  process.stderr.write(
    `deadline: seed ${seed} holds after ${seconds} s: ${came.taken} taken, ${counts.join(', ')}\n`,
  );
}

describe(`${bidCount} bids around a deadline`, () => {
  const seeds = Array.from({ length: seedCount }, (_, index) => firstSeed + index);

  test.each(seeds)('are in time or refused, none late, with seed %i', async (seed) => {
    const startedAt = performance.now();
    const { deadlineMs, told, ledgers, listed } = await run(seed);
    const taken = told.filter(({ transactionId }) => transactionId !== undefined);
    const codes = told.flatMap(({ code }) => code ?? []);
    // The deadline lies among them, and everyone was told something.
    expect(taken.length).toBeGreaterThan(0);
    expect(codes.length).toBeGreaterThan(0);
    expect(taken.length + codes.length).toBe(bidCount);
    // Too late by its own time, or endorsed in time and ordered after the close.
    expect(codes.filter((code) => !['DEADLINE', 'PHASE'].includes(code))).toEqual([]);

    for (const calls of ledgers) {
      const close = calls.findIndex(
        ({ name, validationCode }) => name === 'tender:close' && validationCode === VALID,
      );
      const valid = calls.filter(
        ({ name, validationCode }) => name === 'bid:submit' && validationCode === VALID,
      );
      // I4: in the order of the ledger every valid bid is before the close.
      expect(close).toBeGreaterThan(0);
      expect(calls.slice(close).filter((call) => valid.includes(call))).toEqual([]);
      expect(valid.filter(({ atMs }) => atMs > deadlineMs)).toEqual([]);
      // I1: whoever was told that a bid is taken finds it there; nobody else's is.
      const ids = new Set(valid.map(({ transactionId }) => transactionId));
      expect(taken.filter(({ transactionId = '' }) => !ids.has(transactionId))).toEqual([]);
      expect(ids.size).toBe(taken.length);
    }
    expect(ledgers[1]).toEqual(ledgers[0]);
    expect(listed).toBe(taken.length);
    sayHeld(seed, { taken: taken.length, codes, startedAt });
  });
});
