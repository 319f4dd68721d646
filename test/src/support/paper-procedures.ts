/** Procedures on paper, each to its end, for whoever checks or changes their blocks. */
import {
  derOfRaw,
  encodeCanonical,
  instantFromMs,
  possessionMessage,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { CHAINCODE, CHANNEL } from '@procurement/chaincode/test-support/ledger';
import { LOTS, type People, Procurement } from '@procurement/chaincode/test-support/procurement';
import {
  type KeptBid,
  registerStores,
  sealedWithStores,
  TestStore,
} from '@procurement/chaincode/test-support/stores';
import { sealedEstimate } from '@procurement/chaincode/test-support/sealed-bids';
import { Pair, withoutAmounts } from '@procurement/chaincode/test-support/two-envelopes';
import { makeSelfOpen } from '@procurement/sealed';
import { decodeCanonical } from '@procurement/protocol';
import type { PaperEntry, PaperWorld } from './paper-ledger';
import { PaperLedger } from './paper-ledger';

const road = { lotId: LOTS.road, rate: '500' };
const lower = { lotId: LOTS.road, rate: '400' };
const PERIOD_MS = 7 * 24 * 3600 * 1000;
const ledger = { channel: CHANNEL, chaincode: CHAINCODE };

/** The key of a vendor's bid for the road. */
export function bidKeyOfVendor(vendor: number): string {
  return `bid/MoIT-2027-014/${LOTS.road}/vendor-${vendor}`;
}

/** A published tender with registered people, vendors and stores. */
export async function publishedOnPaper(world: PaperWorld): Promise<Procurement> {
  const people = await world.people();
  const gateways = {
    AuditorMSP: await world.person('AuditorMSP', { role: 'gateway' }),
    MinistryMSP: await world.person('MinistryMSP', { role: 'gateway' }),
    VendorMSP: await world.person('VendorMSP', { role: 'gateway' }),
  };
  const procurement = await Procurement.start(people, undefined, new PaperLedger(world));
  await procurement.untilPublished();
  stores.set(
    people,
    await registerStores(procurement, (mspId) => gateways[mspId as keyof typeof gateways]),
  );
  return procurement;
}

const stores = new WeakMap<People, Awaited<ReturnType<typeof registerStores>>>();

/** What was committed. */
export function entriesOf({ ledger: paper }: Procurement): readonly PaperEntry[] {
  if (!(paper instanceof PaperLedger)) throw new TypeError('this ledger is not on paper');
  return paper.entries;
}

/**
 * Three bids; an amendment, for which the first is confirmed, the second replaced by a lower one,
 * and the third neither; opened by three seats, evaluated and awarded.
 */
export async function amendedAndAwarded(published: Procurement): Promise<Procurement> {
  const world = published.fork();
  const { people, tenderId } = world;
  for (const vendor of [1, 2, 3]) await world.bid(vendor, road);
  const text = 'The site may be visited.';
  await world.submit(people.officer, 'tender:amend', { tenderId, text });
  const { amendments } = await world.ledger.query(people.auditor, 'tender:get', { tenderId });
  const [{ noticeHash }] = amendments as [{ noticeHash: string }];
  const lotId = LOTS.road;
  await world.submit(people.vendors[0]!, 'bid:confirm', { tenderId, lotId, noticeHash });
  const change = (document: object): object => ({ ...document, noticeHash });
  const input = await world.sealedBid(2, { ...lower, change }, 2);
  await world.submit(people.vendors[1]!, 'bid:submit', { ...input, noticeHash });
  await world.open();
  await world.evaluate();
  await world.decide();
  return world;
}

/** A bid, and the word of the buyer and the auditor that end the tender. */
export async function cancelledByTwo(published: Procurement): Promise<Procurement> {
  const world = published.fork();
  await world.bid(1, road);
  await world.cancel();
  return world;
}

/**
 * Bids 1 and 2 lie in stores, 3 and 4 on the ledger. The fourth is withdrawn, sealed again and
 * withdrawn again; the third turns out to be false and is struck; the second is opened by its
 * vendor; nobody has the bytes of the first.
 */
export async function endedInEveryWay(published: Procurement): Promise<{
  readonly procurement: Procurement;
  /** Puts the false bid where it was handed in: with all who endorsed it. */
  readonly spoil: (entries: readonly PaperEntry[]) => readonly PaperEntry[];
}> {
  const world = published.fork();
  const { people, tenderId } = world;
  const kept = await keepBids(world, { byRef: [1, 2] });
  const [, , , fourth] = people.vendors;
  const mine = { tenderId, lotId: LOTS.road };
  await world.bid(4, road);
  await world.submit(fourth!, 'bid:withdraw', mine);
  await world.bid(4, road, 2);
  await world.submit(fourth!, 'bid:withdraw', mine);
  const spoil = spoilBid(world, 3);
  await world.close();
  await world.submit(people.auditor, 'opening:strike', { tenderId, bidKey: bidKeyOfVendor(3) });
  await world.postShares(1, 3, 5);
  const ciphertext = toBase64url(kept[1]!.sealed.ciphertext);
  await world.submit(people.vendors[1]!, 'opening:selfOpen', {
    ...{ tenderId, ciphertext, selfOpen: await selfOpenOf(world, 2, kept[1]!.sealed.seed) },
  });
  world.ledger.nowMs += PERIOD_MS;
  await world.submit(people.auditor, 'opening:recordMissing', { tenderId });
  await world.evaluate();
  await world.decide();
  return { procurement: world, spoil };
}

/** Two equal bids that their vendors open, a third that nobody does, so that there is no draw. */
export async function decidedByPublicLot(published: Procurement): Promise<Procurement> {
  const world = published.fork();
  const { people, tenderId } = world;
  const kept = await keepBids(world);
  await world.close();
  for (const vendor of [1, 2]) {
    const selfOpen = await selfOpenOf(world, vendor, kept[vendor - 1]!.sealed.seed);
    await world.submit(people.vendors[vendor - 1]!, 'opening:selfOpen', { tenderId, selfOpen });
  }
  world.ledger.nowMs += PERIOD_MS;
  await world.submit(people.auditor, 'opening:recordMissing', { tenderId });
  await world.evaluate();
  const publicLots = [bidKeyOfVendor(2)];
  await world.submit(people.officer, 'award:decide', { tenderId, publicLots });
  return world;
}

/** A procurement of two envelopes, beside the tender that was published. */
export const TWO_ENVELOPES_ID = 'MoIT-2027-015';

/** Why the third vendor does not pass. */
export const failure = 'No asphalt plant within reach.';

/**
 * Four vendors and the buyer, who gives the estimate, hand in two envelopes each. The third does
 * not pass, the fourth has put a price into the first one; the second envelopes of the others are
 * opened and awarded.
 */
export async function awardedInTwoEnvelopes(published: Procurement): Promise<Procurement> {
  const pair = Pair.of(published.fork(), TWO_ENVELOPES_ID);
  const { first, second } = pair;
  const { officer } = first.people;
  await pair.create();
  await pair.publish();
  for (const vendor of [1, 2, 3, 4]) {
    await first.bid(vendor, vendor === 4 ? road : withoutAmounts(road));
    await second.bid(vendor, { ...road, rate: `${400 + vendor}` });
  }
  for (const [envelope, offer] of [
    [first, withoutAmounts(road)],
    [second, lower],
  ] as const) {
    await envelope.submit(officer, 'bid:submit', (await sealedEstimate(envelope, offer)).input);
  }
  await first.close();
  const bidKey = `bid/${first.tenderId}/${LOTS.road}/vendor-3`;
  // Longer than the second envelopes would have, if their time ran from the close.
  first.ledger.nowMs += PERIOD_MS;
  await pair.judge([{ bidKey, reason: failure }]);
  await second.postShares(1, 3, 5);
  await second.combine();
  await second.evaluate();
  await second.decide();
  return second;
}

/** Two envelopes that get more time, and that the buyer and the auditor cancel. */
export async function cancelledInTwoEnvelopes(published: Procurement): Promise<Procurement> {
  const pair = Pair.of(published.fork(), TWO_ENVELOPES_ID);
  await pair.create();
  await pair.publish();
  const {
    first,
    second,
    first: { people, ledger: paper },
  } = pair;
  const deadline = instantFromMs(paper.nowMs + PERIOD_MS);
  for (const { tenderId } of [second, first]) {
    await first.submit(people.officer, 'tender:amend', { tenderId, deadline, text: 'More time.' });
  }
  await first.cancel();
  return first;
}

/**
 * The first vendor bids and renews its key, the second gets another by two organisations, an
 * officer's key is ended by two, and a member of the committee ends its own.
 */
export async function withChangedKeys(published: Procurement): Promise<Procurement> {
  const world = published.fork();
  const { officer, otherOfficer, auditor, seats, vendors } = world.people;
  await world.bid(1, road);
  await world.submit(vendors[0]!, 'vendor:renewKey', newKeyOf('vendor-1'));
  const lost = { vendorId: 'vendor-2', ...newKeyOf('vendor-2') };
  const { spki } = otherOfficer;
  for (const person of [officer, auditor]) {
    await world.submit(person, 'vendor:recoverKey', lost);
    await world.submit(person, 'key:revoke', { spki, reason: 'left the ministry' });
  }
  await world.submit(seats[1]!, 'key:revoke', { spki: seats[1]!.spki, reason: 'lost' });
  return world;
}

/**
 * A bid with receipts of two stores; the second of them loses its key and gets another by two
 * organisations; then a bid with receipts of both.
 */
export async function withReplacedStoreKey(published: Procurement): Promise<Procurement> {
  const world = published.fork();
  const { officer, auditor, vendors } = world.people;
  const [first, lost] = storesOf(world.people) as [TestStore, TestStore];
  const again = new TestStore(lost.storeId, 'MinistryMSP', lost.gateway);
  const handIn = async (vendor: number, kept: readonly TestStore[]): Promise<void> => {
    const { input } = await sealedWithStores(world, kept, { vendor, offer: road });
    await world.submit(vendors[vendor - 1]!, 'bid:submit', input);
  };
  await handIn(1, [first, lost]);
  for (const person of [officer, auditor])
    await world.submit(person, 'store:replaceKey', again.replacement);
  await handIn(2, [first, again]);
  return world;
}

function storesOf(people: People): Awaited<ReturnType<typeof registerStores>> {
  const found = stores.get(people);
  if (found === undefined) throw new RangeError('these people have no stores');
  return found;
}

/** Bids of the first three vendors, those of some in stores. */
async function keepBids(
  world: Procurement,
  { byRef = [] }: { readonly byRef?: readonly number[] } = {},
): Promise<readonly KeptBid[]> {
  const kept: KeptBid[] = [];
  for (const vendor of [1, 2, 3]) {
    const about = { vendor, offer: road, isByRef: byRef.includes(vendor) };
    const bid = await sealedWithStores(world, storesOf(world.people), about);
    await world.submit(world.people.vendors[vendor - 1]!, 'bid:submit', bid.input);
    kept.push(bid);
  }
  return kept;
}

async function selfOpenOf(world: Procurement, vendor: number, seed: Uint8Array): Promise<object> {
  const bid = {
    ...{ lotId: LOTS.road, vendorId: `vendor-${vendor}`, version: 1 },
    vendorSpki: world.people.vendors[vendor - 1]!.spki,
  };
  return makeSelfOpen({ committee: await world.committee(), bid, seed });
}

/** A deal that no honest endorser takes, on the ledger; and the change that puts it into blocks. */
function spoilBid(
  { ledger: paper }: Procurement,
  vendor: number,
): (entries: readonly PaperEntry[]) => readonly PaperEntry[] {
  const prefix = '\u0000bid\u0000';
  const isOurs = (key: string): boolean =>
    key.startsWith(prefix) && key.includes(`\u0000vendor-${vendor}\u0000`);
  const [key, value] = paper.state.entries().find(([name]) => isOurs(name))!;
  const bid = decodeCanonical(value.toString());
  const envelope = spoiled(bid['envelope'] as object);
  const record = utf8(encodeCanonical({ ...bid, envelope }));
  paper.state.overwrite(key, record);
  return (entries) =>
    entries.map((entry) => {
      if (!entry.writes.has(key)) return entry;
      const input = encodeCanonical({ ...decodeCanonical(entry.input), envelope });
      return { ...entry, input, writes: new Map([...entry.writes, [key, record]]) };
    });
}

/** The responses of its proof in another order: nobody can open it, and everyone can see that. */
export function spoiled(envelope: object): object {
  const { z } = envelope as { readonly z: readonly string[] };
  return { ...envelope, z: z.toReversed() };
}

function newKeyOf(vendorId: string): { readonly publicKey: string; readonly possession: string } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = toBase64url(pair.publicKey.export({ format: 'der', type: 'spki' }));
  const message = possessionMessage({ ...ledger, vendorId, publicKey });
  return { publicKey, possession: signedBy(pair.privateKey, message) };
}

function signedBy(key: KeyObject, message: Uint8Array): string {
  return toBase64url(derOfRaw(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })));
}
