import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  makeOpening,
  makeOpeningKey,
  rehearseOpening,
  sealBid,
  type BidSubmission,
  type OpeningKey,
  type ProcurementApi,
} from '@procurement/client';
import { instantFromMs, type TenderDraft } from '@procurement/protocol';
import { type Clock, machineClock, TestClock } from './clock';
import { keepEveryoneInWallet } from './service-accounts';
import { connectPeople } from '@procurement/tools/demonstration/people';
import type { People } from '@procurement/tools/demonstration/procedure';
import { bidders } from '@procurement/tools/demonstration/scenario';
import { gatewayWalletOf } from '@procurement/tools/start/gateway-wallet';
import {
  GATEWAYS,
  startStack,
  type Stack,
  type StackOptions,
} from '@procurement/tools/start/stack';

/** Gateways that log faults only, leave every close to the test, and register no stores. */
const QUIET = {
  PROCUREMENT_LOG_LEVEL: 'error',
  PROCUREMENT_CLOSE_DELAY_MS: '3600000',
  PROCUREMENT_STORE: 'none',
};

const PROCUREMENT_SERVICE_ACCOUNTS = 'PROCUREMENT_SERVICE_ACCOUNTS';

/** A whole system in a folder of its own, with everyone connected. */
export interface System {
  readonly stack: Stack;
  readonly folder: string;
  /** Wallet of the first gateway, where the tokens of service accounts lie. */
  readonly wallet: string;
  readonly people: People;
  /** By which all of it runs. */
  readonly clock: Clock;
  /** Stops everything and removes the folder, unless it is to be kept. */
  stop(): Promise<void>;
}

/**
 * Starts network, chaincodes and gateway on free ports, or the gateway alone on a network that has
 * a profile.
 * @param options.folder of an earlier system that was stopped; a new temporary one by default
 * @param options.keepFolder leave the folder when the system stops
 * @param options.clock that it is to run by; a test's own by default, and the machine's on a
 *   network that has a profile, whose nodes know no other
 */
export async function startSystem(
  options: Partial<
    Pick<StackOptions, 'environment' | 'secondEnvironment' | 'folder' | 'profile'>
  > & {
    readonly keepFolder?: boolean;
    readonly clock?: Clock;
  } = {},
): Promise<System> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'procurement-')));
  const { clock, stopClock } = await clockOf(options);
  try {
    const environment = { ...QUIET, ...options.environment };
    const { profile, secondEnvironment = {} } = options;
    const given = { folder, httpPort: 0, networkPort: 0, environment, secondEnvironment };
    const place = { dataFolder: folder, networkFolder: join(folder, 'network') };
    const onNetwork = async (): Promise<void> => {
      if (PROCUREMENT_SERVICE_ACCOUNTS in environment) await keepEveryoneInWallet(place);
    };
    if (profile) await onNetwork();
    const stack = await startStack({ ...given, onNetwork, ...(profile && { profile }) });
    return {
      stack,
      folder,
      wallet: profile ? join(dirname(profile), 'wallet') : gatewayWalletOf(folder, GATEWAYS.first),
      people: await connectPeople({ ...place, baseUrl: stack.url }),
      clock,
      stop: async () => {
        await stack.stop();
        await stopClock();
        if (options.keepFolder) return;
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stopClock();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The clock that is wanted, which goes on after the system, or one that stops with it. */
async function clockOf(
  wanted: NonNullable<Parameters<typeof startSystem>[0]>,
): Promise<{ readonly clock: Clock; readonly stopClock: () => Promise<void> }> {
  const { clock = wanted.profile === undefined ? undefined : machineClock } = wanted;
  if (clock !== undefined) return { clock, stopClock: () => Promise.resolve() };
  const own = await TestClock.start();
  return { clock: own, stopClock: () => own.stop() };
}

/** A published tender with one item in each lot. */
export interface PublishedTender {
  readonly draft: TenderDraft;
  readonly openingKeys: readonly OpeningKey[];
}

/**
 * Registers vendors of the demonstration; again is the same.
 * @param vendorIds all five by default
 */
export async function registerVendors(
  people: People,
  vendorIds: readonly string[] = bidders.map(({ vendorId }) => vendorId),
): Promise<void> {
  for (const { person, vendorId, name, licence } of bidders) {
    if (!vendorIds.includes(vendorId)) continue;
    const requestId = `register-${vendorId}`;
    await people.vendors.get(person)?.registerVendor({ requestId, vendorId, name, licence });
  }
}

/** Officer, auditor and seats put their keys into the register; again is the same. */
export async function registerPeople({ officer, auditor, seats }: People): Promise<void> {
  for (const api of [officer, auditor, ...seats]) {
    await api.registerSelf({ requestId: 'register-key', name: 'A person' });
  }
}

/** Every seat shows before the publication that its key is at hand. */
export async function rehearseAll(people: People, keys: readonly OpeningKey[]): Promise<void> {
  for (const openingKey of keys) {
    const api = people.seats[openingKey.seat - 1];
    if (api === undefined) throw new RangeError(`no seat ${openingKey.seat}`);
    await api.rehearse(await rehearseOpening({ api, openingKey, moment: 'publication' }));
  }
}

const LOOK_AGAIN_MS = 100;

/** A draft of a tender with so many lots, whose committee is the people's five seats. */
export async function draftOf(options: {
  readonly people: People;
  readonly tenderId: string;
  readonly lotCount: number;
  readonly biddingMs: number;
  readonly graceMs: number;
}): Promise<TenderDraft> {
  const { tenderId, lotCount } = options;
  const holders = await Promise.all(options.people.seats.map((seat) => seat.me()));
  const numbers = Array.from({ length: lotCount }, (_, index) => index + 1);
  return {
    tenderId,
    title: `Supplies for ${tenderId}`,
    description: '',
    buyer: { agency: 'MoIT', name: 'Ministry of Infrastructure and Transport' },
    currency: 'BTN',
    items: numbers.map((number) => ({
      itemId: `I${number}`,
      description: `Item ${number}`,
      unit: 'piece',
      quantity: '10',
    })),
    lots: numbers.map((number) => ({
      lotId: `L${number}`,
      title: `Lot ${number}`,
      itemIds: [`I${number}`],
    })),
    documents: [],
    deadline: instantFromMs(Date.now() + options.biddingMs),
    graceMs: options.graceMs,
    committee: {
      t: 3,
      seats: holders.map(({ mspId, spki }, index) => ({ seat: index + 1, mspId, spki })),
    },
    awardCriterion: 'lowest-evaluated-amount',
  };
}

/** Drafts a tender, registers all opening keys and publishes it. */
export async function publishTender(
  options: Parameters<typeof draftOf>[0],
): Promise<PublishedTender> {
  return publishDraft(options.people, await draftOf(options));
}

/** Hands a draft in, registers all opening keys and publishes it. */
export async function publishDraft(people: People, draft: TenderDraft): Promise<PublishedTender> {
  const { tenderId } = draft;
  await registerPeople(people);
  await people.officer.createTender({ requestId: `create-${tenderId}`, tender: draft });
  const openingKeys: OpeningKey[] = [];
  for (const api of people.seats) {
    const { registration, openingKey } = await makeOpeningKey({ api, tenderId });
    await api.registerKey(tenderId, registration);
    openingKeys.push(openingKey);
  }
  await rehearseAll(people, openingKeys);
  await people.officer.publish(tenderId, { requestId: `publish-${tenderId}` });
  return { draft, openingKeys };
}

/** A sealed bid of one vendor for one lot, one line at this rate in chhertum. */
export async function sealOneLine(bid: {
  readonly people: People;
  readonly vendor: string;
  readonly tenderId: string;
  readonly lotNumber: number;
  readonly rate: string;
}): Promise<BidSubmission> {
  const api = bid.people.vendors.get(bid.vendor);
  if (api === undefined) throw new RangeError(`no vendor ${bid.vendor}`);
  const amount = (10n * BigInt(bid.rate)).toString();
  const line = { itemId: `I${bid.lotNumber}`, quantity: '10', rate: bid.rate, amount };
  const written = { lotId: `L${bid.lotNumber}`, lines: [line], total: amount };
  const { submission } = await sealBid({ api, tenderId: bid.tenderId, written });
  return submission;
}

/** Three seats of three organisations post their shares, then everything is combined. */
export async function openTender(
  people: People,
  tenderId: string,
  keys: readonly OpeningKey[],
): Promise<void> {
  for (const seat of [1, 3, 5]) {
    const api = people.seats[seat - 1];
    const openingKey = keys[seat - 1];
    if (api === undefined || openingKey === undefined) throw new RangeError(`no seat ${seat}`);
    const { postings } = await makeOpening({ api, openingKey });
    for (const posting of postings) await api.postShares(tenderId, posting);
  }
  for (let round = 1, remaining = 1; remaining > 0; round += 1) {
    const { result } = await people.auditor.combine(tenderId, {
      requestId: `combine-${tenderId}-${round}`,
    });
    remaining = result.remaining;
  }
}

/** When a tender was closed and by whom, once somebody has. */
export async function closedFact(
  auditor: ProcurementApi,
  tenderId: string,
): Promise<{ readonly at: string; readonly by: { readonly mspId: string } }> {
  for (;;) {
    const { closed } = await auditor.tender(tenderId);
    if (closed !== undefined) return closed;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
