/** Steps of the opening that read many records: envelopes, shares, and the opening of bids. */
import {
  type BidListRecord,
  type BidRecord,
  type BidState,
  type Fact,
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
    byChunk.set(chunk, await records.shares.list(list.tenderId, chunk));
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
  },
): Promise<Combined> {
  const finished: (Listed & { readonly state: BidState })[] = [];
  const refused: RefusedBid[] = [...opening.selection.refused];
  for (const listed of opening.selection.selected) {
    const outcome = await openBid(context, { ...opening, listed });
    if ('code' in outcome) refused.push(outcome);
    else {
      await saveOutcome(context, { ...opening, listed, outcome });
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
    readonly listed: Listed;
  },
): Promise<Outcome | RefusedBid> {
  const { committee, listed } = opening;
  const { bidKey, lotId, vendorId, version } = listed.entry;
  const bid = await records.bids.get(committee.tenderId, lotId, vendorId, version);
  const { chunk, index } = chunkPlace(listed.position);
  const shares = (opening.shares.get(chunk) ?? []).map((record) => ({
    seat: record.shares.seat,
    S: record.shares.S[index] ?? '',
  }));
  const name = { lotId, vendorId, vendorSpki: bid.owner.spki, version };
  try {
    return await combine({ committee, bid: name, envelope: bid.envelope, shares });
  } catch (error) {
    const refusal = error instanceof SealError ? refusalOf(error) : undefined;
    if (!(refusal instanceof Reject)) throw error;
    return { bidKey, code: refusal.code };
  }
}

async function saveOutcome(
  { records, fact }: ProcurementContext,
  opened: {
    readonly committee: Committee;
    readonly listed: Listed;
    readonly outcome: Outcome;
  },
): Promise<void> {
  const { listed, outcome } = opened;
  const { tenderId } = opened.committee;
  const { lotId, vendorId } = listed.entry;
  const plain = outcome.state === 'OPENED' ? outcome.plain : undefined;
  const combined: Fact = fact;
  const record = recordOutcome({
    ...{ tenderId, entry: listed.entry, state: outcome.state, secret: outcome.secret, combined },
    documentHash: plain === undefined ? undefined : hashOf(plain),
  });
  await records.bidOutcomes.requireFree(tenderId, lotId, vendorId);
  await records.bidOutcomes.put(record, tenderId, lotId, vendorId);
  if (plain !== undefined) await records.bidDocuments.put(plain, tenderId, lotId, vendorId);
}

function leadingRefusal(refused: readonly RefusedBid[]): Reject {
  const ranked = [...refused].sort(
    (left, right) => REJECT_CODES.indexOf(left.code) - REJECT_CODES.indexOf(right.code),
  );
  const [first] = ranked;
  if (first === undefined) return new Reject('FEW', { item: 'shares' });
  if (first.code === 'NOT_FOUND') return new Reject('NOT_FOUND', { kind: 'bid', id: first.bidKey });
  return new Reject(first.code, { item: first.bidKey });
}
