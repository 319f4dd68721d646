import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { STORED_BYTES_MAX } from '@procurement/protocol';
import { GatewayUnderTest } from '../test-support/gateway-under-test';
import type { TestPerson } from '../test-support/test-person';
import { newTestPerson } from '../test-support/test-person';
import { openStore } from './open-store';

const drawing = Buffer.from('a drawing of the official estimate');
const ctHash = createHash('sha256').update(drawing).digest('base64url');
const published = { tenderId: 'T-1', state: 'published', buyer: { agency: 'MoIT' } };
const officer = newTestPerson({ name: 'karma', mspId: 'MinistryMSP', role: 'officer' });
const auditor = newTestPerson({ name: 'choden', mspId: 'AuditorMSP', role: 'auditor' });
const vendor = newTestPerson({ name: 'dorji', mspId: 'VendorMSP', role: 'vendor' });
const gateway = new GatewayUnderTest();

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'estimate-'));
  const quota = { bytes: STORED_BYTES_MAX, count: 10 };
  const store = await openStore({ folder, s3: undefined, quota }, 'AuditorMSP');
  gateway.ledger.chaincode = ({ transaction }) => (transaction === 'tender:get' ? published : {});
  await gateway.start({ store });
});

afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

/** Brings the drawing for the official estimate. */
async function bring(
  person: TestPerson,
  known: { readonly vendorId?: string; readonly agency?: string } = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const { token } = await gateway.signIn(person, known);
  const query = `bidKey=${encodeURIComponent('bid/T-1/L1/.estimate')}&version=1`;
  const answer = await fetch(`${await gateway.url()}/api/v1/store/${ctHash}?${query}`, {
    ...{ method: 'PUT', body: new Uint8Array(drawing) },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const kept = (): Promise<string[]> => readdir(path.join(folder, 'kept')).catch(() => []);

describe('what the official estimate encloses', () => {
  test.each<[string, () => ReturnType<typeof bring>, object]>([
    [
      "another agency's officer",
      () => bring(officer, { agency: 'MoH' }),
      { code: 'STORE_ESTIMATE', args: { tenderId: 'T-1' } },
    ],
    ['an officer of no agency', () => bring(officer), { code: 'STORE_ESTIMATE' }],
    ['an auditor', () => bring(auditor), { code: 'FOR_VENDORS' }],
    [
      'a vendor',
      () => bring(vendor, { vendorId: 'dorji' }),
      { code: 'STORE_BID', args: { bidKey: 'bid/T-1/L1/.estimate' } },
    ],
  ])('is not taken from %s', async (_name, brought, problem) => {
    const { status, body } = await brought();
    expect(status).toBe(403);
    expect(body).toMatchObject(problem);
    expect(await kept()).toEqual([]);
  });

  test("is kept for the buyer's officer, and counts as the estimate's own", async () => {
    const { status, body } = await bring(officer, { agency: 'MoIT' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ store: 'store-AuditorMSP', ctHash, ctLen: drawing.length });
    expect(await kept()).toEqual([ctHash]);
    expect(await readdir(path.join(folder, 'usage', 'T-1'))).toEqual(['.estimate']);
  });
});
