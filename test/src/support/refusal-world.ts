/** One running system with a tender in every phase, to be refused things by. */
import { type BidSubmission, makeOpening, type SharesPosting } from '@procurement/client';
import type { TenderDraft } from '@procurement/protocol';
import { everyoneAsServiceAccount, tokenOf } from './service-accounts';
import { BIDDING_MS } from './clock';
import { DirectLedger } from './direct-ledger';
import {
  draftOf,
  type PublishedTender,
  publishTender,
  registerPeople,
  registerVendors,
  sealOneLine,
  startSystem,
  type System,
} from './procedure';

const LONG_MS = 3_600_000;
const GRACE_MS = 500;
/** Whoever is left out is in no vendor record. */
const REGISTERED = ['vendor-1', 'vendor-2', 'vendor-3', 'vendor-4'];

/** What the refusals are tried on. Each tender's id says what became of it. */
export interface RefusalWorld {
  readonly system: System;
  readonly ledger: DirectLedger;
  /** A draft whose committee has no keys. */
  readonly draft: TenderDraft;
  /** Published, its deadline far away; vendor-1 has handed in version 1. */
  readonly submitted: BidSubmission;
  /** Version 1 of vendor-2 for the same tender, not handed in. */
  readonly unsent: BidSubmission;
  /** Hash of the notice of the tender `other`, published like `open`, without a bid. */
  readonly otherNoticeHash: string;
  /** Sealed in time for the tender `late`, whose deadline has passed since. */
  readonly late: BidSubmission;
  /** Shares for the tender `closed`, by seat; those of seat 1 have been posted. */
  readonly shares: ReadonlyMap<number, SharesPosting>;
  token(person: string): string;
  readonly stop: () => Promise<void>;
}

/** Builds the world. */
export async function newRefusalWorld(): Promise<RefusalWorld> {
  const system = await startSystem({ environment: everyoneAsServiceAccount });
  try {
    return await fill(system);
  } catch (error) {
    await system.stop();
    throw error;
  }
}

async function fill(system: System): Promise<RefusalWorld> {
  const { people, folder } = system;
  await registerVendors(people, REGISTERED);
  const draft = await draftOnly(system);
  const bids = await bidOnOpen(system);
  await publish(system, 'other', LONG_MS);
  const [late, closed, opened, awarded] = [
    await sealLate(system),
    await bidOnClosed(system),
    await publish(system, 'opened', BIDDING_MS),
    await publish(system, 'awarded', BIDDING_MS),
  ];
  for (const tender of [closed, opened, awarded]) await close(system, tender.draft);
  await awardNobody(system);
  const shares = await shareAll(system, closed);
  const ledger = await DirectLedger.connect(folder);
  const otherNoticeHash = (await people.auditor.tender('other')).published?.noticeHash ?? '';
  return {
    ...{ system, ledger, draft, late, shares, otherNoticeHash, ...bids },
    token: (person) => tokenOf(system.wallet, person),
    stop: async () => {
      await ledger.close();
      await system.stop();
    },
  };
}

function publish(system: System, tenderId: string, biddingMs: number): Promise<PublishedTender> {
  const { people } = system;
  return publishTender({ people, tenderId, lotCount: 1, biddingMs, graceMs: GRACE_MS });
}

async function draftOnly({ people }: System): Promise<TenderDraft> {
  const times = { biddingMs: LONG_MS, graceMs: GRACE_MS };
  const tender = await draftOf({ people, tenderId: 'draft', lotCount: 2, ...times });
  await registerPeople(people);
  await people.officer.createTender({ requestId: 'create-draft', tender });
  return tender;
}

async function bidOnOpen(
  system: System,
): Promise<{ readonly submitted: BidSubmission; readonly unsent: BidSubmission }> {
  const { people } = system;
  await publish(system, 'open', LONG_MS);
  const submitted = await seal(system, 'vendor-1', 'open');
  await people.vendors.get('vendor-1')?.submitBid('open', submitted);
  return { submitted, unsent: await seal(system, 'vendor-2', 'open') };
}

function seal({ people }: System, vendor: string, tenderId: string): Promise<BidSubmission> {
  return sealOneLine({ people, vendor, tenderId, lotNumber: 1, rate: '125000' });
}

async function sealLate(system: System): Promise<BidSubmission> {
  await publish(system, 'late', BIDDING_MS);
  return seal(system, 'vendor-3', 'late');
}

async function bidOnClosed(system: System): Promise<PublishedTender> {
  const { people } = system;
  const tender = await publish(system, 'closed', BIDDING_MS);
  for (const vendor of ['vendor-1', 'vendor-2']) {
    await people.vendors.get(vendor)?.submitBid('closed', await seal(system, vendor, 'closed'));
  }
  return tender;
}

/** Everyone's shares, of which those of seat 1 are posted. */
async function shareAll(
  { people }: System,
  { openingKeys }: PublishedTender,
): Promise<ReadonlyMap<number, SharesPosting>> {
  const shares = new Map<number, SharesPosting>();
  for (const [index, api] of people.seats.entries()) {
    const openingKey = openingKeys[index];
    if (openingKey === undefined) throw new RangeError(`no key of seat ${index + 1}`);
    const [posting] = (await makeOpening({ api, openingKey })).postings;
    if (posting !== undefined) shares.set(index + 1, posting);
  }
  const [first] = shares.values();
  if (first !== undefined) await people.seats[0]?.postShares('closed', first);
  return shares;
}

/** Where nobody bid, the close was the opening as well. */
async function awardNobody({ people }: System): Promise<void> {
  await people.officer.evaluate('awarded', { requestId: 'evaluate-awarded' });
  await people.officer.decide('awarded', { requestId: 'decide-awarded' });
}

async function close({ clock, people }: System, draft: TenderDraft): Promise<void> {
  await clock.pass(Date.parse(draft.deadline) + draft.graceMs);
  await people.auditor.close(draft.tenderId, { requestId: `close-${draft.tenderId}` });
}
