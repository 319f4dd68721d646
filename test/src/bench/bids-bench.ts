import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { type CheckedTender, type OpeningKey, readCommittee } from '@procurement/client';
import { instantToMs } from '@procurement/protocol';
import { checkSubmission } from '@procurement/sealed';
import { machineClock } from '../support/clock';
import { openTender, publishTender, startSystem, type System } from '../support/procedure';
import { enrolVendors, sealFor, type Vendor, type VendorBid } from '../support/vendors';
import { median, percentile, runLoad } from './load';
import { report, say } from './report';

const inFlight = 64;
const vendorCount = 20;
const graceMs = 500;
/** What a bid may take from draft to deadline, sealing and submission together. */
const biddingMsPerBid = 120;
const biddingMinMs = 20_000;
const samples = 100;
const rate = '12500';
const committeeOf5 = 'committee of 5 of whom 3 open, 1 KiB';
const conditions =
  `${committeeOf5}, ${vendorCount} vendors who sign on their own, over HTTP through the gateway, ` +
  'two endorsing organisations of three, a chaincode process each, client on the same 2 cores';

/** A tender, and bids that are ready to be handed in. */
interface Prepared {
  readonly deadlineMs: number;
  readonly openingKeys: readonly OpeningKey[];
  readonly bids: readonly VendorBid[];
}

/**
 * What sealing, checking, submitting and opening bids takes.
 * @param sizes numbers of bids, at most 1,000
 */
export async function benchBids(sizes: readonly number[]): Promise<void> {
  const system = await startSystem({ clock: machineClock });
  try {
    say(`enrolling ${vendorCount} vendors`);
    const vendors = await enrolVendors(system, { name: 'bench', count: vendorCount });
    for (const size of sizes) await benchTender(system, { vendors, size });
  } finally {
    await system.stop();
  }
}

async function benchTender(
  system: System,
  { vendors, size }: { readonly vendors: readonly Vendor[]; readonly size: number },
): Promise<void> {
  const { people } = system;
  const tenderId = `bench-${size}`;
  const { bids, deadlineMs, openingKeys } = await prepare(system, { vendors, size, tenderId });
  say(`${tenderId}: submitting`);
  const startedAt = performance.now();
  const { durationsMs } = await runLoad({
    ...{ inFlight, durationMs: Number.POSITIVE_INFINITY, countMax: bids.length },
    call: async (index) => {
      const bid = bids[index];
      await bid?.vendor.api.submitBid(tenderId, bid.submission);
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const more = `${size} distinct bids, ${inFlight} in flight, ${conditions}`;
  const name = `bids.submit.${size}`;
  report({ name: `${name}.s`, value: seconds, unit: 's', conditions: more });
  const p95 = percentile(durationsMs, 0.95);
  report({ name: `${name}.p95`, value: p95, unit: 'ms', conditions: more });
  await machineClock.pass(deadlineMs + graceMs);
  await people.auditor.close(tenderId, { requestId: `close-${tenderId}` });
  say(`${tenderId}: opening`);
  const openedAt = performance.now();
  await openTender(people, tenderId, openingKeys);
  const value = (performance.now() - openedAt) / 1000;
  const opening = 'three officers verify every deal, prove and post; combined and decrypted';
  report({
    name: `bids.open.${size}.s`,
    value,
    unit: 's',
    conditions: `${opening}, ${conditions}`,
  });
}

/** Publishes a tender and seals as many bids for it, each of its own vendor and lot. */
async function prepare(
  { people }: System,
  wanted: { readonly vendors: readonly Vendor[]; readonly size: number; readonly tenderId: string },
): Promise<Prepared> {
  const { vendors, size, tenderId } = wanted;
  const lotCount = Math.ceil(size / vendors.length);
  const biddingMs = biddingMinMs + size * biddingMsPerBid;
  say(`${tenderId}: sealing ${size} bids`);
  const published = await publishTender({ people, tenderId, lotCount, graceMs, biddingMs });
  const checked = await readCommittee({ api: people.auditor, tenderId });
  const bids: VendorBid[] = [];
  const sealingMs: number[] = [];
  for (let index = 0; index < size; index += 1) {
    const vendor = vendors[index % vendors.length];
    if (vendor === undefined) throw new RangeError('there are no vendors');
    const lotNumber = Math.floor(index / vendors.length) + 1;
    const startedAt = performance.now();
    bids.push(await sealFor(checked, { vendor, lotNumber, rate }));
    sealingMs.push(performance.now() - startedAt);
  }
  if (size >= samples) reportCrypto(checked, { bids: bids.slice(-samples), sealingMs });
  const deadlineMs = instantToMs(published.draft.deadline);
  return { deadlineMs, openingKeys: published.openingKeys, bids };
}

/**
 * What one seal takes, and the eight checks that the chaincode makes of a submission, which are
 * held against a signature of P-256 that is verified beside each: the machine's speed varies.
 */
function reportCrypto(
  { committee }: CheckedTender,
  made: { readonly bids: readonly VendorBid[]; readonly sealingMs: readonly number[] },
): void {
  const verifyOne = newVerification();
  const verifyingMs: number[] = [];
  const checkingMs = made.bids.map(({ vendor, lotId, submission }) => {
    const { vendorId, spki: vendorSpki } = vendor;
    const bid = { lotId, vendorId, vendorSpki, version: 1 };
    const envelope = submission.envelope as object;
    verifyingMs.push(millisecondsOf(verifyOne));
    return millisecondsOf(() => checkSubmission({ committee, bid, envelope, lastVersion: 0 }));
  });
  const unit = 'ms';
  const sealing = median(made.sealingMs.slice(-samples));
  report({ name: 'bids.seal.p50', value: sealing, unit, conditions: `${committeeOf5} bids` });
  const checking = median(checkingMs);
  report({ name: 'bids.check.p50', value: checking, unit, conditions: `${committeeOf5} bids` });
  report({
    name: 'bids.check.ratio',
    value: checking / median(verifyingMs),
    unit: 'ratio',
    conditions: `bids.check.p50 divided by the median of P-256 verifications, ${committeeOf5} bids`,
  });
}

/** Verifies the same signature at every call. */
function newVerification(): () => boolean {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const message = randomBytes(1024);
  const signature = sign('sha256', message, privateKey);
  return () => verify('sha256', message, publicKey, signature);
}

function millisecondsOf(act: () => unknown): number {
  const startedAt = performance.now();
  act();
  return performance.now() - startedAt;
}
