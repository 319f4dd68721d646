/** Steps of the opening that read many records: envelopes, shares, and the opening of bids. */
import {
  type BidListRecord,
  type BidRecord,
  type BidState,
  fromBase64url,
  REJECT_CODES,
  Reject,
  type SharesRecord,
  type TenderRecord,
} from '@procurement/protocol';
import {
  chunkCount,
  chunkOf,
  chunkPlace,
  combine,
  type Committee,
  type Outcome,
  SealError,
  type SeatShare,
} from '@procurement/sealed';
import {
  type CombineSelection,
  type Listed,
  recordOutcome,
  type RefusedBid,
} from '../domain/opening';
import { hashOf } from '../ledger/digest';
import type { ProcurementContext } from '../ledger/procurement-context';
import { refusalOf } from './refusal';

/** Accepted shares of every chunk of a list, by chunk number. */
export type SharesByChunk = ReadonlyMap<number, readonly SharesRecord[]>;

/** Ciphertexts that came with a command, base64url by bid key. */
export type Ciphertexts = Readonly<Record<string, string>>;

/** A final state without a decryption; `secret` is S where enough shares gave it. */
export interface Unopened {
  readonly state: 'INVALID_DEAL' | 'INVALID_MISSING' | 'UNOPENED';
  readonly secret: string | undefined;
}

/** What became of the bids of one combine. */
export interface Combined {
  readonly finished: readonly (Listed & { readonly state: BidState })[];
  readonly refused: readonly RefusedBid[];
}

/** The bids of one chunk in list order; none where there is no such chunk. */
export async function bidsOfChunk(
  { records }: ProcurementContext,
  list: BidListRecord,
  chunk: number,
): Promise<BidRecord[]> {
  const bids: BidRecord[] = [];
  const entries = chunk < 0 ? [] : chunkOf(list.entries, chunk);
  for (const { lotId, vendorId, version } of entries) {
    bids.push(await records.bids.get(list.tenderId, lotId, vendorId, version));
  }
  return bids;
}

/** The shares that were accepted for a list. */
export async function sharesOf(
  { records }: ProcurementContext,
  list: BidListRecord,
): Promise<SharesByChunk> {
  const byChunk = new Map<number, SharesRecord[]>();
  for (let chunk = 0; chunk < chunkCount(list.entries.length); chunk += 1) {
    const posted = await records.shares.list(list.tenderId, chunk);
    // Shares for a list from which a bid was struck since have lapsed.
    byChunk.set(
      chunk,
      posted.filter(({ shares }) => shares.listHash === list.listHash),
    );
  }
  return byChunk;
}

/** Whether enough seats have posted for the bid at a position of the list. */
export function isReady(tender: TenderRecord, shares: SharesByChunk, position: number): boolean {
  const posted = shares.get(chunkPlace(position).chunk)?.length ?? 0;
  return posted >= tender.committee.t;
}

/**
 * Refuses every combine until the seats have begun to open: otherwise the refusal would tell
 * whoever names a bid whether there is one.
 * @throws {Reject} FEW
 */
export function requireSomeReady(tender: TenderRecord, shares: SharesByChunk): void {
  const isOne = [...shares.values()].some((posted) => posted.length >= tender.committee.t);
  if (!isOne) throw new Reject('FEW', { item: 'shares' });
}

/**
 * Opens bids and records how they came out.
 * @throws {Reject} where no bid could be taken: the refusal of highest precedence
 */
export async function combineBids(
  context: ProcurementContext,
  opening: {
    readonly committee: Committee;
    readonly selection: CombineSelection;
    readonly shares: SharesByChunk;
    readonly ciphertexts: Ciphertexts;
  },
): Promise<Combined> {
  const finished: (Listed & { readonly state: BidState })[] = [];
  const refused: RefusedBid[] = [...opening.selection.refused];
  for (const listed of opening.selection.selected) {
    const outcome = await openBid(context, { ...opening, listed });
    if ('code' in outcome) refused.push(outcome);
    else {
      await saveOutcome(context, { tenderId: opening.committee.tenderId, listed, outcome });
      finished.push({ ...listed, state: outcome.state });
    }
  }
  if (finished.length === 0) throw leadingRefusal(refused);
  return { finished, refused };
}

async function openBid(
  { records }: ProcurementContext,
  opening: {
    readonly committee: Committee;
    readonly shares: SharesByChunk;
    readonly ciphertexts: Ciphertexts;
    readonly listed: Listed;
  },
): Promise<Outcome | RefusedBid> {
  const { committee, listed } = opening;
  const { bidKey, lotId, vendorId, version } = listed.entry;
  const bid = await records.bids.get(committee.tenderId, lotId, vendorId, version);
  const shares = sharesFor(opening.shares, listed);
  const name = { lotId, vendorId, vendorSpki: bid.owner.spki, version };
  const ciphertext = bytesFor(opening.ciphertexts, bidKey);
  try {
    return await combine({ committee, bid: name, envelope: bid.envelope, ciphertext, shares });
  } catch (error) {
    const refusal = error instanceof SealError ? refusalOf(error) : undefined;
    if (!(refusal instanceof Reject)) throw error;
    return { bidKey, code: refusal.code };
  }
}

/** One bid's shares, seat by seat. */
export function sharesFor(shares: SharesByChunk, listed: Listed): readonly SeatShare[] {
  const { chunk, index } = chunkPlace(listed.position);
  return (shares.get(chunk) ?? []).map((record) => ({
    seat: record.shares.seat,
    S: record.shares.S[index] ?? '',
  }));
}

/**
 * The bytes that came with a command for one bid; undefined where there are none.
 * @throws {Reject} FORMAT where they are no base64url
 */
export function bytesFor(ciphertexts: Ciphertexts, bidKey: string): Uint8Array | undefined {
  const text = Object.hasOwn(ciphertexts, bidKey) ? ciphertexts[bidKey] : undefined;
  if (text === undefined) return undefined;
  try {
    return fromBase64url(text);
  } catch {
    throw new Reject('FORMAT', { path: 'ciphertext', problem: 'invalid' });
  }
}

/** Records a bid's final state and, where it opened, its text. */
export async function saveOutcome(
  { records, fact }: ProcurementContext,
  opened: {
    readonly tenderId: string;
    readonly listed: Listed;
    readonly outcome: Outcome | Unopened;
    readonly isSelfOpened?: boolean;
  },
): Promise<void> {
  const { tenderId, listed, outcome, isSelfOpened = false } = opened;
  const { lotId, vendorId } = listed.entry;
  const plain = outcome.state === 'OPENED' ? outcome.plain : undefined;
  const { state, secret } = outcome;
  const record = recordOutcome({
    ...{ tenderId, entry: listed.entry, state, secret, isSelfOpened, combined: fact },
    documentHash: plain === undefined ? undefined : hashOf(plain),
  });
  await records.bidOutcomes.requireFree(tenderId, lotId, vendorId);
  await records.bidOutcomes.put(record, tenderId, lotId, vendorId);
  if (plain !== undefined) await records.bidDocuments.put(plain, tenderId, lotId, vendorId);
}

/** @returns the refusal of highest precedence among those of single bids */
export function leadingRefusal(refused: readonly RefusedBid[]): Reject {
  const ranked = [...refused].sort(
    (left, right) => REJECT_CODES.indexOf(left.code) - REJECT_CODES.indexOf(right.code),
  );
  const [first] = ranked;
  if (first === undefined) return new Reject('FEW', { item: 'shares' });
  if (first.code === 'NOT_FOUND') return new Reject('NOT_FOUND', { kind: 'bid', id: first.bidKey });
  return new Reject(first.code, { item: first.bidKey });
}
