import { instantFromMs, type TenderDraft } from '@procurement/protocol';
import {
  ApiProblem,
  makeOpening,
  makeOpeningKey,
  sealBid,
  type PreparedBid,
  type ProcurementApi,
  rehearseOpening,
} from '@procurement/client';
import { composeBid } from './bid';
import type { Narrator } from './narrator';
import type { OpeningKeys } from './key-folders';
import { agency, bidders, bill, currency, lots, type Bidder } from './scenario';
import { tellAward, tellTrail } from './telling';

/** Everyone who acts in the demonstration, each with a connection of their own. */
export interface People {
  readonly officer: ProcurementApi;
  readonly auditor: ProcurementApi;
  /** Holders of seats 1 to 5. */
  readonly seats: readonly ProcurementApi[];
  /** By name. */
  readonly vendors: ReadonlyMap<string, ProcurementApi>;
}

/** What a run of the demonstration is told. */
export interface Demonstration {
  readonly tenderId: string;
  readonly people: People;
  /** Connects the auditor to another organisation's gateway. */
  readonly witness: () => Promise<ProcurementApi>;
  readonly narrator: Narrator;
  readonly openingKeys: OpeningKeys;
  /** From publication to the deadline, in milliseconds. */
  readonly biddingMs: number;
  /** From the deadline to the close, in milliseconds. */
  readonly graceMs: number;
}

const SEATS_NEEDED = 3;
const BIDS_AT_A_TIME = 5;
const LOOK_AGAIN_MS = 200;
/** One seat of each organisation. */
const OPENING_SEATS = [1, 3, 5];

/** The deadline came before the bids were in: the machine is slower than the window allows for. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow';
}

/**
 * Takes one tender from notice to award, over HTTP only, as its people would.
 * @throws {ApiProblem} where the ledger refuses what it should accept
 * @throws {TooSlow} where bidding took longer than the time given; the tender is cancelled then
 */
export async function demonstrate(run: Demonstration): Promise<void> {
  await registerPeople(run);
  await registerVendors(run);
  // Whatever has to be started for it is running before the time for bids begins.
  await run.witness();
  const tender = await draftTender(run);
  const late = await biddingOf(run, tender);
  await showSecrecy(run);
  await close(run, tender, late);
  await open(run);
  await award(run);
  run.narrator.step('What the auditor reads in the trail');
  tellTrail(run.narrator, await run.people.auditor.trail(run.tenderId));
}

async function registerPeople({ people, narrator }: Demonstration): Promise<void> {
  narrator.step('Officers, auditor and committee put their keys into the register');
  const everyone = [people.officer, people.auditor, ...people.seats];
  await Promise.all(
    everyone.map((api) => api.registerSelf({ requestId: 'register-key', name: 'A person' })),
  );
  narrator.tell(`${everyone.length} keys, each proved by the signature that registers it`);
}

async function registerVendors({ people, narrator }: Demonstration): Promise<void> {
  narrator.step('Vendors register, each in a transaction of its own');
  await Promise.all(
    bidders.map(async ({ person, vendorId, name, licence }) => {
      const requestId = `register-${vendorId}`;
      await vendorOf(people, person).registerVendor({ requestId, vendorId, name, licence });
      narrator.tell(`${vendorId}: ${name}`);
    }),
  );
}

/** Whatever is refused after the deadline is refused because of it; so is a period that shrank. */
function isForWantOfTime({ code }: ApiProblem, { deadline }: TenderDraft): boolean {
  return code === 'PERIOD' || Date.now() >= Date.parse(deadline);
}

/**
 * Everything that must be over by the deadline.
 * @returns a bid that is kept back until it is late
 */
async function biddingOf(run: Demonstration, tender: TenderDraft): Promise<() => Promise<void>> {
  try {
    await registerKeys(run);
    await publish(run);
    return await submitBids(run);
  } catch (error) {
    if (!(error instanceof ApiProblem) || !isForWantOfTime(error, tender)) throw error;
    const requestId = `cancel-${run.tenderId}`;
    const reason = 'The time for bids was too short for this machine.';
    for (const person of [run.people.officer, run.people.auditor]) {
      await person.cancel(run.tenderId, { requestId, reason }).catch(ignoreRefusal);
    }
    throw new TooSlow(
      `This machine is slow: ${run.biddingMs / 1000} s were too short for bids (${error.code}).`,
      { cause: error },
    );
  }
}

async function draftTender(run: Demonstration): Promise<TenderDraft> {
  const { people, narrator, tenderId } = run;
  narrator.step(`${agency.name} drafts a tender`);
  const holders = await Promise.all(people.seats.map((seat) => seat.me()));
  const tender: TenderDraft = {
    tenderId,
    title: 'Bridge and approach road, fictional site',
    description: 'A works tender in two lots, made for the demonstration.',
    buyer: { agency: agency.id, name: agency.name },
    currency,
    items: bill.map(({ itemId, description, unit, quantity }) => {
      return { itemId, description, unit, quantity };
    }),
    lots: lots.map((lot) => {
      const itemIds = bill.filter(({ lotId }) => lotId === lot.lotId).map(({ itemId }) => itemId);
      return { ...lot, itemIds };
    }),
    documents: [],
    deadline: instantFromMs(Date.now() + run.biddingMs),
    graceMs: run.graceMs,
    committee: {
      t: SEATS_NEEDED,
      seats: holders.map(({ mspId, spki }, index) => ({ seat: index + 1, mspId, spki })),
    },
    awardCriterion: 'lowest-evaluated-amount',
  };
  await people.officer.createTender({ requestId: `create-${tenderId}`, tender });
  narrator.tell(`${tenderId}: ${bill.length} items in ${lots.length} lots`);
  narrator.tell(`bids until ${tender.deadline}; ${SEATS_NEEDED} of ${holders.length} seats open`);
  return tender;
}

async function registerKeys(run: Demonstration): Promise<void> {
  const { people, narrator, tenderId } = run;
  narrator.step('The opening committee registers its keys, each made on its own machine');
  await Promise.all(
    people.seats.map(async (api) => {
      const { registration, openingKey } = await makeOpeningKey({ api, tenderId });
      await run.openingKeys.keep(openingKey);
      await api.registerKey(tenderId, registration);
      const moment = 'publication' as const;
      await api.rehearse(await rehearseOpening({ api, openingKey, moment }));
      narrator.tell(`seat ${openingKey.seat}: ${openingKey.mspId}`);
    }),
  );
}

async function publish({ people, narrator, tenderId }: Demonstration): Promise<void> {
  narrator.step('The notice is published and the committee frozen');
  const requestId = `publish-${tenderId}`;
  const { result } = await people.officer.publish(tenderId, { requestId });
  narrator.tell(`notice hash ${result.noticeHash}`);
  narrator.tell(`committee hash ${result.committeeHash}`);
}

/** @returns a bid that is sealed in time and kept back until it is late */
async function submitBids(run: Demonstration): Promise<() => Promise<void>> {
  const { people, narrator, tenderId } = run;
  narrator.step('Vendors seal their bids and submit the envelopes');
  const witness = await run.witness();
  const bids = bidders.flatMap((bidder) =>
    Object.keys(bidder.level).map((lotId) => ({ bidder, lotId })),
  );
  let inCount = 0;
  const submitOne = async (bid: (typeof bids)[number]): Promise<void> => {
    const { submission } = await sealFor(run, { ...bid, witness });
    await vendorOf(people, bid.bidder.person).submitBid(tenderId, submission);
    inCount += 1;
    narrator.tell(`${bid.bidder.vendorId} for lot ${bid.lotId}: sealed and on the ledger`);
    narrator.progress(`${inCount} of ${bids.length} bids are in`);
  };
  await inGroups(bids, { size: BIDS_AT_A_TIME, each: submitOne });
  const late = bids.at(-1);
  if (late === undefined) throw new RangeError('the scenario has no bids');
  const { submission } = await sealFor(run, { ...late, witness });
  return async () => {
    await vendorOf(people, late.bidder.person).submitBid(tenderId, submission);
  };
}

/** A tender that cannot be cancelled any more stays as it is. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof ApiProblem)) throw error;
}

/** Handles a group of items at a time, and all of a group side by side. */
async function inGroups<Item>(
  items: readonly Item[],
  { size, each }: { readonly size: number; readonly each: (item: Item) => Promise<void> },
): Promise<void> {
  for (let from = 0; from < items.length; from += size) {
    await Promise.all(items.slice(from, from + size).map(each));
  }
}

function sealFor(
  { people, tenderId }: Demonstration,
  bid: { readonly bidder: Bidder; readonly lotId: string; readonly witness: ProcurementApi },
): Promise<PreparedBid> {
  const { witness } = bid;
  const api = vendorOf(people, bid.bidder.person);
  return sealBid({ api, witness, tenderId, written: composeBid(bid) });
}

async function showSecrecy({ people, narrator, tenderId }: Demonstration): Promise<void> {
  narrator.step('What each of them sees of the bids before the opening');
  for (const [who, api] of [
    ['the ministry', people.officer],
    ['the auditor', people.auditor],
    ['vendor-1', vendorOf(people, 'vendor-1')],
  ] as const) {
    const { bids } = await api.bids(tenderId);
    narrator.tell(`${who}: ${bids.length === 0 ? 'no bid' : `its own ${bids.length} bids`}`);
  }
}

async function close(
  run: Demonstration,
  tender: TenderDraft,
  submitLate: () => Promise<void>,
): Promise<void> {
  const { narrator } = run;
  narrator.step('After deadline and grace the tender is closed and the list of bids fixed');
  const deadlineMs = Date.parse(tender.deadline);
  await until(deadlineMs + 1, narrator, 'deadline');
  await submitLate().catch((error: unknown) => {
    if (!(error instanceof ApiProblem)) throw error;
    narrator.tell(`a bid sealed in time and sent after the deadline is refused: ${error.code}`);
  });
  await until(deadlineMs + tender.graceMs + 1, narrator, 'end of grace');
  const closed = await closedTender(run);
  narrator.tell(`closed by a gateway of ${closed.by}, without being asked`);
  narrator.tell(`list hash ${closed.listHash}`);
}

/** Waits until a gateway has closed the tender by itself. */
async function closedTender({
  people,
  narrator,
  tenderId,
}: Demonstration): Promise<{ readonly by: string; readonly listHash: string }> {
  for (;;) {
    const { closed, listFixed } = await people.auditor.tender(tenderId);
    if (closed !== undefined && listFixed !== undefined) {
      return { by: closed.by.mspId, listHash: listFixed.listHash };
    }
    narrator.progress('a gateway closes it');
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function open(run: Demonstration): Promise<void> {
  const { people, narrator, tenderId } = run;
  narrator.step(`${SEATS_NEEDED} seats of three organisations check every bid and post shares`);
  for (const seat of OPENING_SEATS) {
    const api = seatOf(people, seat);
    const openingKey = await run.openingKeys.recall({ tenderId, seat });
    const { postings, bidCount } = await makeOpening({ api, openingKey });
    for (const posting of postings) await api.postShares(tenderId, posting);
    narrator.tell(`seat ${seat}: ${bidCount} deals verified, shares posted with their proof`);
  }
  for (let round = 1, remaining = 1; remaining > 0; round += 1) {
    const requestId = `combine-${tenderId}-${round}`;
    const { result } = await people.auditor.combine(tenderId, { requestId });
    remaining = result.remaining;
    narrator.tell(`${result.bids.length} bids combined and decrypted in the chaincode`);
  }
}

async function award({ people, narrator, tenderId }: Demonstration): Promise<void> {
  narrator.step('The chaincode evaluates; the award follows, lot by lot, to the lowest');
  await people.officer.evaluate(tenderId, { requestId: `evaluate-${tenderId}` });
  await people.officer.decide(tenderId, { requestId: `award-${tenderId}` });
  tellAward(narrator, await people.auditor.award(tenderId));
}

function seatOf(people: People, seat: number): ProcurementApi {
  const holder = people.seats[seat - 1];
  if (holder === undefined) throw new RangeError(`no one holds seat ${seat}`);
  return holder;
}

function vendorOf(people: People, person: string): ProcurementApi {
  const vendor = people.vendors.get(person);
  if (vendor === undefined) throw new RangeError(`no identity named ${person}`);
  return vendor;
}

/** Waits for an instant of the real clock, since no clock is moved here. */
async function until(epochMs: number, narrator: Narrator, what: string): Promise<void> {
  for (let leftMs = epochMs - Date.now(); leftMs > 0; leftMs = epochMs - Date.now()) {
    narrator.progress(`${what} in ${Math.ceil(leftMs / 1000)} s`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(leftMs, 1000)));
  }
}
