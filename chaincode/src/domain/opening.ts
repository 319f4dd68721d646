/** The opening: which bids a combine takes, how they came out, and when the tender is opened. */
import {
  type BidListEntry,
  type BidListRecord,
  type BidOutcomeRecord,
  type BidState,
  COMBINE_BIDS_MAX,
  COMBINE_BUCKET_BYTES_MAX,
  COMBINE_REFS_MAX,
  type Fact,
  type OpeningProgressRecord,
  type QueryResult,
  Reject,
  type RejectCode,
  type TenderRecord,
  tenderState,
} from '@procurement/protocol';
import { isOpened } from './phase';

const TAG_LENGTH = 16;
/** The longest ciphertext that an envelope carries itself (TSEAL-V1 section 5). */
const INLINE_LENGTH_MAX = 16_400;

/** A listed bid and its position in the list, from 0. */
export interface Listed {
  readonly position: number;
  readonly entry: BidListEntry;
}

/** A bid that a combine was asked for and cannot take. */
export interface RefusedBid {
  readonly bidKey: string;
  readonly code: RejectCode;
}

/** What a combine was asked for, sorted into what can be looked at and what cannot. */
export interface CombineSelection {
  readonly selected: readonly Listed[];
  readonly refused: readonly RefusedBid[];
}

/**
 * Refuses names that no list could satisfy. It looks at the names alone, so it tells nothing of the
 * list.
 * @throws {Reject} LIMIT where more are named than one transaction takes, FORMAT where one is twice
 */
export function requireNames(bidKeys: readonly string[]): void {
  requireCount(bidKeys.length);
  requireDistinct(bidKeys);
}

/**
 * The bids that a combine names, after {@link requireNames}. One that is not listed or already has
 * its final state is refused by itself; the others go on.
 * @throws {Reject} LIMIT where they have more bytes than one transaction takes
 */
export function selectNamed(
  list: BidListRecord,
  progress: OpeningProgressRecord,
  bidKeys: readonly string[],
): CombineSelection {
  const positions = new Map(list.entries.map(({ bidKey }, position) => [bidKey, position]));
  const remaining = new Set(progress.remaining);
  const selected: Listed[] = [];
  const refused: RefusedBid[] = [];
  for (const bidKey of bidKeys) {
    const position = positions.get(bidKey);
    const entry = position === undefined ? undefined : list.entries[position];
    if (position === undefined || entry === undefined) refused.push({ bidKey, code: 'NOT_FOUND' });
    else if (!remaining.has(position)) refused.push({ bidKey, code: 'STATE' });
    else selected.push({ position, entry });
  }
  requireBytes(selected);
  return { selected: selected.sort((left, right) => left.position - right.position), refused };
}

/**
 * The next bids without a final state in list order, as many as one transaction takes. Those by ref
 * whose bytes nobody has supplied are passed over, and answered as refused.
 * @param isReady whether enough seats have posted shares for the bid at this position
 * @param supplied keys of the bids whose ciphertexts came with the command
 */
export function selectNext(
  list: BidListRecord,
  progress: OpeningProgressRecord,
  isReady: (position: number) => boolean,
  supplied: ReadonlySet<string> = new Set(),
): CombineSelection {
  const selected: Listed[] = [];
  const refused: RefusedBid[] = [];
  let bucketBytes = 0;
  for (const position of progress.remaining.filter(isReady)) {
    const entry = list.entries[position];
    if (entry === undefined || selected.length + refused.length === COMBINE_BIDS_MAX) break;
    if (isByRef(entry) && !supplied.has(entry.bidKey)) {
      refused.push({ bidKey: entry.bidKey, code: 'MISSING' });
      continue;
    }
    bucketBytes += entry.ctLen - TAG_LENGTH;
    if (bucketBytes > COMBINE_BUCKET_BYTES_MAX) break;
    selected.push({ position, entry });
  }
  return { selected, refused };
}

/** Whether a bid's ciphertext lies in stores: the length alone decides it (TSEAL-V1 section 6). */
export function isByRef({ ctLen }: Pick<BidListEntry, 'ctLen'>): boolean {
  return ctLen > INLINE_LENGTH_MAX;
}

/**
 * Refuses more ciphertexts out of stores than one transaction takes.
 * @throws {Reject} LIMIT
 */
export function requireFewCiphertexts(ciphertexts: object): void {
  if (Object.keys(ciphertexts).length > COMBINE_REFS_MAX) {
    throw new Reject('LIMIT', { what: 'ciphertexts of a combine', limit: COMBINE_REFS_MAX });
  }
}

/** The next bids without a final state, as many as one transaction records as missing. */
export function selectRemaining(
  list: BidListRecord,
  progress: OpeningProgressRecord,
): CombineSelection {
  const positions = progress.remaining.slice(0, COMBINE_BIDS_MAX);
  return { selected: positions.flatMap((position) => listedAt(list, position)), refused: [] };
}

/** A listed bid without a final state; undefined where the key names none. */
export function findRemaining(
  list: BidListRecord,
  progress: OpeningProgressRecord,
  bidKey: string,
): Listed | undefined {
  const position = list.entries.findIndex((entry) => entry.bidKey === bidKey);
  return progress.remaining.includes(position) ? listedAt(list, position)[0] : undefined;
}

/**
 * The list without a bid whose deal is false, and the progress in it. What was opened before keeps
 * its state; positions after the struck bid move up by one.
 * @param strike.listHash hash of the list without the bid
 */
export function strikeBid(
  list: BidListRecord,
  progress: OpeningProgressRecord,
  strike: { readonly listed: Listed; readonly listHash: string; readonly struck: Fact },
): { readonly list: BidListRecord; readonly progress: OpeningProgressRecord } {
  const { listed, listHash, struck } = strike;
  const entry = { ...listed.entry, listHash: list.listHash, struck };
  const entries = withoutBid(list, listed);
  const remaining = progress.remaining
    .filter((position) => position !== listed.position)
    .map((position) => (position > listed.position ? position - 1 : position));
  return {
    list: { ...list, listHash, entries, struck: [...(list.struck ?? []), entry] },
    progress: { ...progress, remaining },
  };
}

/** The lines of the list without one of them. */
export function withoutBid(list: BidListRecord, { position }: Listed): readonly BidListEntry[] {
  return list.entries.filter((_, index) => index !== position);
}

/** The tender with the hash of the list after a strike; the close stays a fact as it was. */
export function relist(tender: TenderRecord, listHash: string): TenderRecord {
  if (tender.listFixed === undefined) throw new RangeError('the list is not fixed');
  return { ...tender, listFixed: { ...tender.listFixed, listHash } };
}

function listedAt(list: BidListRecord, position: number): readonly Listed[] {
  const entry = list.entries[position];
  return entry === undefined ? [] : [{ position, entry }];
}

/** How a bid came out, as it is recorded. */
export function recordOutcome(outcome: {
  readonly tenderId: string;
  readonly entry: BidListEntry;
  readonly state: BidState;
  /** S; undefined where it stayed unknown. */
  readonly secret: string | undefined;
  readonly isSelfOpened?: boolean;
  readonly documentHash?: string | undefined;
  readonly combined: Fact;
}): BidOutcomeRecord {
  const { tenderId, entry, state, secret, documentHash, combined } = outcome;
  return {
    schema: 'bid-outcome/1',
    tenderId,
    bidKey: entry.bidKey,
    version: entry.version,
    state,
    ...(secret === undefined ? {} : { S: secret }),
    ...(outcome.isSelfOpened === true ? { selfOpened: true } : {}),
    ...(documentHash === undefined ? {} : { documentHash }),
    combined,
  };
}

/** Progress at the close: no listed bid has its final state. */
export function startProgress(list: BidListRecord): OpeningProgressRecord {
  const remaining = list.entries.map((_, position) => position);
  return { schema: 'opening-progress/1', tenderId: list.tenderId, remaining };
}

/** Progress after bids got their final states. */
export function advanceProgress(
  progress: OpeningProgressRecord,
  finished: readonly Listed[],
): OpeningProgressRecord {
  const done = new Set(finished.map(({ position }) => position));
  return { ...progress, remaining: progress.remaining.filter((position) => !done.has(position)) };
}

/** The tender opened: the last listed bid got its final state. */
export function openTender(tender: TenderRecord, opened: Fact): TenderRecord {
  return { ...tender, opened };
}

/**
 * Which seats have posted for the whole list, and how the bids came out. Numbers of bids are there
 * only once the tender is opened.
 * @param opening.posted chunk numbers posted by seat
 * @param opening.rehearsed seats that have shown since the publication that their key is there
 * @param opening.states final states of the listed bids, undefined before the opening
 */
export function openingStatus(opening: {
  readonly tender: TenderRecord;
  readonly chunks: number;
  readonly posted: ReadonlyMap<number, ReadonlySet<number>>;
  readonly rehearsed: ReadonlySet<number>;
  readonly states: readonly BidState[] | undefined;
}): QueryResult<'opening:status'> {
  const { tender, chunks, posted, states } = opening;
  const { t } = tender.committee;
  const seats = tender.committee.seats.map(({ seat, mspId }) => ({
    seat,
    mspId,
    posted: chunks > 0 && (posted.get(seat)?.size ?? 0) === chunks,
    rehearsed: opening.rehearsed.has(seat),
  }));
  const isReady = isOpened(tender) || seats.filter((seat) => seat.posted).length >= t;
  return {
    tenderId: tender.tenderId,
    state: tenderState(tender),
    t,
    seats,
    ready: isReady,
    ...(tender.listFixed === undefined ? {} : { listHash: tender.listFixed.listHash }),
    ...(states === undefined ? {} : { counts: countStates(states) }),
  };
}

function countStates(states: readonly BidState[]): {
  readonly listed: number;
  readonly opened: number;
  readonly invalid: number;
} {
  const opened = states.filter((state) => state === 'OPENED').length;
  return { listed: states.length, opened, invalid: states.length - opened };
}

function requireCount(count: number): void {
  if (count > COMBINE_BIDS_MAX) {
    throw new Reject('LIMIT', { what: 'bids of a combine', limit: COMBINE_BIDS_MAX });
  }
}

function requireDistinct(bidKeys: readonly string[]): void {
  bidKeys.forEach((bidKey, index) => {
    if (bidKeys.indexOf(bidKey) !== index) {
      throw new Reject('FORMAT', { path: `bidKeys[${index}]`, problem: 'repeated' });
    }
  });
}

function requireBytes(selected: readonly Listed[]): void {
  const bytes = selected.reduce((sum, { entry }) => sum + entry.ctLen - TAG_LENGTH, 0);
  if (bytes > COMBINE_BUCKET_BYTES_MAX) {
    throw new Reject('LIMIT', { what: 'bytes of a combine', limit: COMBINE_BUCKET_BYTES_MAX });
  }
}
