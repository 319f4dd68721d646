import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ProcurementApi, SignedApi, verifyReceipt } from '@procurement/client';
import { ORGANIZATIONS } from '@procurement/protocol';
import { pinnedRoots } from '@procurement/tools/demonstration/roots';
import { TestClock } from './support/clock';
import { endorserSkews } from './support/endorser-skews';
import { send } from './support/http';
import { startSystem, type System } from './support/procedure';

const SHIFTED = 'MinistryMSP';
const vendor = { vendorId: 'vendor-1', name: 'Vendor One', licence: 'L-1' };
/** What the measuring may leave out, since it tells what is certain only. */
const SLACK_S = 10;

/** A person's connection, which gives receipts. */
function signed(api: ProcurementApi | undefined): SignedApi {
  if (api instanceof SignedApi) return api;
  throw new TypeError('a service account signs nothing itself');
}

describe.each([
  ['ahead', 90_000],
  ['behind', -90_000],
])('an organisation whose clock is 90 s %s', (_, shiftMs) => {
  let clock: TestClock;
  let system: System;

  beforeAll(async () => {
    clock = await TestClock.start({ [SHIFTED]: shiftMs });
    system = await startSystem({ clock });
  }, 120_000);

  afterAll(async () => {
    await system.stop();
    await clock.stop();
  });

  test('refuses what its people ask of it', async () => {
    const asked = system.people.officer.registerSelf({ requestId: 'register', name: 'A person' });
    await expect(asked).rejects.toMatchObject({ code: 'CLOCK', args: { toleranceMs: 60_000 } });
  });

  test('is named by an alarm, and its skew by the metrics', async () => {
    const gateway = { url: system.stack.url, folder: system.folder };
    const { [SHIFTED]: skew, ...others } = await endorserSkews(gateway, ORGANIZATIONS.length);
    expect(Math.sign(skew!)).toBe(Math.sign(shiftMs));
    expect(Math.abs(skew!)).toBeGreaterThan(90 - SLACK_S);
    expect(Math.abs(skew!)).toBeLessThanOrEqual(90);
    expect(others).toEqual({ AuditorMSP: 0, VendorMSP: 0 });

    const health = await send(system.stack.url, { path: '/health' });
    expect(health.status).toBe(503);
    expect(JSON.parse(health.text)).toMatchObject({
      ...{ code: 'NOT_READY', args: { down: [`clock of ${SHIFTED}`] } },
    });
    const ready = await send(system.stack.url, { path: '/health/ready' });
    expect(ready.status).toBe(200);
  });

  test('is not needed: the auditor and the spare organisation endorse', async () => {
    const { people } = system;
    const roots = pinnedRoots(join(system.folder, 'network'));
    const vendors = signed(people.vendors.get('vendor-1'));
    const auditors = signed(people.auditor);
    const first = await vendors.registerVendor({ requestId: 'register', ...vendor });
    const second = await auditors.registerSelf({ requestId: 'register', name: 'A person' });
    for (const receipt of [
      await vendors.receipt(first.transactionId),
      await auditors.receipt(second.transactionId),
    ]) {
      const { endorsers } = await verifyReceipt(receipt, { roots });
      expect([...endorsers].sort()).toEqual(['AuditorMSP', 'VendorMSP']);
    }
  });
});
