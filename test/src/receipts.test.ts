import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ApiProblem,
  CheckFailed,
  type PinnedRoots,
  type SignedApi,
  verifyReceipt,
} from '@procurement/client';
import type { Receipt } from '@procurement/protocol';
import { pinnedRoots } from '@procurement/tools/demonstration/roots';
import { type Chance, newChance } from './support/chance';
import { publishTender, sealOneLine, startSystem, type System } from './support/procedure';

const tenderId = 'receipts';
const CHANGES = 300;

let system: System;
let roots: PinnedRoots;
/** Of a bid, at once. */
let ofBid: Receipt;
/** Of a registration, when many blocks had followed. */
let ofRegistration: Receipt;
let envelopeHash: string;

beforeAll(async () => {
  system = await startSystem();
  roots = pinnedRoots(join(system.folder, 'network'));
  const { people } = system;
  const vendor = vendorOf('vendor-1');
  const { transactionId } = await vendor.registerVendor({
    ...{ requestId: 'register-vendor-1', vendorId: 'vendor-1' },
    ...{ name: 'Vendor One', licence: 'L-1' },
  });
  await publishTender({ people, tenderId, lotCount: 1, biddingMs: 120_000, graceMs: 500 });
  const bid = { people, vendor: 'vendor-1', tenderId, lotNumber: 1, rate: '100' };
  const submitted = await vendor.submitBid(tenderId, await sealOneLine(bid));
  envelopeHash = submitted.result.envelopeHash;
  ofBid = await vendor.receipt(submitted.transactionId);
  ofRegistration = await vendor.receipt(transactionId);
}, 120_000);

afterAll(() => system.stop());

function vendorOf(name: string): SignedApi {
  return system.people.vendors.get(name) as SignedApi;
}

describe('a receipt of the embedded network', () => {
  test('shows that a bid is on the ledger, without any network', async () => {
    expect(await verifyReceipt(ofBid, { roots })).toMatchObject({
      transactionId: ofBid.transactionId,
      command: 'bid:submit',
      signer: { mspId: 'VendorMSP' },
      attestedBy: ['AuditorMSP', 'MinistryMSP'],
      envelopeHash,
      showsBlock: true,
    });
  });

  test('shows the blocks that followed, sixteen at most, and no envelope of what is no bid', async () => {
    const verified = await verifyReceipt(ofRegistration, { roots });
    expect(verified).toMatchObject({ command: 'vendor:register', showsBlock: true });
    expect(verified).not.toHaveProperty('envelopeHash');
    expect(ofRegistration.headers).toHaveLength(16);
  });

  test('survives being written to a file', async () => {
    const kept: unknown = JSON.parse(JSON.stringify(ofBid));
    expect(await verifyReceipt(kept, { roots })).toEqual(await verifyReceipt(ofBid, { roots }));
  });

  test('is for nobody but the signer', async () => {
    const refusal = await vendorOf('vendor-2')
      .receipt(ofBid.transactionId)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ApiProblem);
    expect(refusal).toMatchObject({ status: 403, code: 'RELAY_CREATOR' });
  });

  test('says nothing else, whatever is changed in it', async () => {
    const chance = newChance('changes of a receipt');
    const honest = await verifyReceipt(ofBid, { roots });
    let refused = 0;
    for (let round = 0; round < CHANGES; round += 1) {
      const changed = changedAtRandom(ofBid, chance);
      const said = await verifyReceipt(changed, { roots }).catch((error: unknown) => error);
      if (said instanceof CheckFailed) refused += 1;
      else expect({ round, said }).toEqual({ round, said: honest });
    }
    // What nobody signs, such as the peer's own marks in the metadata, may change.
    expect(refused).toBeGreaterThan(CHANGES / 2);
  });
});

/** The receipt with one byte of one of its texts, or a number, changed. */
function changedAtRandom(receipt: Receipt, chance: Chance): unknown {
  const changed: unknown = JSON.parse(JSON.stringify(receipt));
  const { holder, member } = chance.oneOf(leavesOf(changed));
  const value = holder[member];
  holder[member] =
    typeof value === 'number' ? value + chance.oneOf([-1, 1]) : changedText(String(value), chance);
  return changed;
}

interface Leaf {
  readonly holder: Record<string, unknown>;
  readonly member: string;
}

function leavesOf(value: unknown): Leaf[] {
  const holder = value as Record<string, unknown>;
  return Object.entries(holder).flatMap(([member, inner]) =>
    typeof inner === 'object' ? leavesOf(inner) : [{ holder, member }],
  );
}

function changedText(text: string, chance: Chance): string {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length === 0) return 'AA';
  const at = chance.between(0, bytes.length - 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.between(0, 7));
  return bytes.toString('base64url');
}
