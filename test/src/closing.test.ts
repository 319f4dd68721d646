import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BidSubmission } from '@procurement/client';
import { connectPeople } from '@procurement/tools/demonstration/people';
import type { People } from '@procurement/tools/demonstration/procedure';
import { BIDDING_MS } from './support/clock';
import {
  closedFact,
  type PublishedTender,
  publishTender,
  registerVendors,
  sealOneLine,
  startSystem,
  type System,
} from './support/procedure';

const graceMs = 500;
/** Within this time a close that is due has happened, whichever gateway is gone. */
const TAKEOVER_MAX_MS = 30_000;

let system: System;
/** Everyone at the gateway of the second organisation. */
let atSecond: People;

beforeAll(async () => {
  system = await startSystem({ environment: { PROCUREMENT_CLOSE_DELAY_MS: '0' } });
  const second = await system.stack.startSecond();
  const { folder: dataFolder } = system;
  const networkFolder = join(dataFolder, 'network');
  atSecond = await connectPeople({ dataFolder, networkFolder, baseUrl: second! });
  await registerVendors(system.people);
}, 120_000);

afterAll(() => system.stop());

async function published(tenderId: string): Promise<PublishedTender & { bid: BidSubmission }> {
  const { people } = system;
  const times = { biddingMs: BIDDING_MS, graceMs };
  const tender = await publishTender({ people, tenderId, lotCount: 1, ...times });
  const bid = { people, vendor: 'vendor-1', tenderId, lotNumber: 1, rate: '100' };
  return { ...tender, bid: await sealOneLine(bid) };
}

function dueMs({ draft }: PublishedTender): number {
  return Date.parse(draft.deadline) + graceMs;
}

describe('two gateways', () => {
  test('close a tender that is due, once, and nobody before it', async () => {
    const { people } = system;
    const tender = await published('both');
    for (const api of [people.officer, people.auditor, people.vendors.get('vendor-1')!]) {
      await expect(api.close('both', { requestId: 'too-early' })).rejects.toMatchObject({
        code: 'EARLY',
      });
    }
    await system.clock.pass(dueMs(tender));
    const { at, by } = await closedFact(people.auditor, 'both');
    expect(Date.parse(at)).toBeGreaterThanOrEqual(dueMs(tender));
    expect(Date.parse(at)).toBeLessThan(dueMs(tender) + TAKEOVER_MAX_MS);
    expect(['AuditorMSP', 'MinistryMSP']).toContain(by.mspId);
    const { entries } = await people.auditor.trail('both');
    const closes = entries.filter(({ command }) => command === 'tender:close');
    expect(closes.map(({ validationCode }) => validationCode)).toEqual(['VALID']);
  });

  test('take no bid that comes late', async () => {
    const vendor = system.people.vendors.get('vendor-1')!;
    const tender = await published('late');
    await system.clock.pass(Date.parse(tender.draft.deadline));
    const refusal = await vendor
      .submitBid('late', tender.bid)
      .catch((error: unknown) => (error as { code: string }).code);
    expect(['DEADLINE', 'PHASE']).toContain(refusal);
    await closedFact(system.people.auditor, 'late');
    await expect(vendor.submitBid('late', tender.bid)).rejects.toMatchObject({ code: 'PHASE' });
  });

  test('do without the one that was killed', async () => {
    const tender = await published('orphaned');
    process.kill(system.stack.processIds().get('gateway')!, 'SIGKILL');
    await system.clock.pass(dueMs(tender));
    const { at, by } = await closedFact(atSecond.auditor, 'orphaned');
    expect(by.mspId).toBe('MinistryMSP');
    expect(Date.parse(at)).toBeGreaterThanOrEqual(dueMs(tender));
    expect(Date.parse(at)).toBeLessThan(dueMs(tender) + TAKEOVER_MAX_MS);
  });
});
