/** The award worked out once more from what anyone may read once the bids are opened. */
import type { ProcurementApi } from '@procurement/client';
import type { BidDocument, BidView, QueryResult, TenderView } from '@procurement/protocol';
import { type Committee, freezeCommittee, listHash, openWith, ticket } from '@procurement/sealed';

type Listed = NonNullable<QueryResult<'opening:list'>>['bids'][number];

/** One bid as a reader finds it. */
export interface ReadBid {
  readonly bidKey: string;
  readonly lotId: string;
  readonly vendorId: string;
  /** What the envelope holds, opened here. */
  readonly document: BidDocument;
  /** Sum of quantity times rate, each line rounded half up, in minor units. */
  readonly amount: bigint;
  readonly responsive: boolean;
  /** The draw that orders equal amounts, 32 bytes. */
  readonly ticket: Buffer;
}

/** What a reader finds. */
export interface Reading {
  readonly listHash: string;
  readonly bids: readonly ReadBid[];
  /** Responsive bids of each lot, the winner first, by lot. */
  readonly ranking: ReadonlyMap<string, readonly ReadBid[]>;
}

/** Opens every listed envelope with the published secret, and evaluates and ranks anew. */
export async function readAnew(api: ProcurementApi, tenderId: string): Promise<Reading> {
  const [record, { list }, view] = await Promise.all([
    api.record(tenderId),
    api.opening(tenderId),
    api.committee(tenderId),
  ]);
  const committee = freezeCommittee({ ...view, keys: view.records });
  const listed = list?.bids ?? [];
  const secrets = listed.map(({ bidKey }) => secretOf(record.bids, bidKey));
  const hash = listHash(committee, listed);
  const draw = { tender: committee, listHash: hash, secrets };
  const bids: ReadBid[] = [];
  for (const [index, bid] of listed.entries()) {
    const document = await open(committee, bid, secrets[index] ?? '');
    const drawn = Buffer.from(ticket({ ...draw, bidKey: bid.bidKey }), 'base64url');
    bids.push(examine(record.tender, { bid, document, drawn }));
  }
  const ranking = new Map(
    record.tender.lots.map(({ lotId }) => [lotId, rank(bids.filter((bid) => bid.lotId === lotId))]),
  );
  return { listHash: hash, bids, ranking };
}

/** Quantity times rate in minor units, rounded half up. */
export function lineMinor(quantity: string, rate: bigint): bigint {
  const [whole = '', places = ''] = quantity.split('.');
  return (BigInt(`${whole}${places.padEnd(3, '0')}`) * rate + 500n) / 1000n;
}

function secretOf(bids: readonly BidView[], bidKey: string): string {
  const secret = bids.find((bid) => bid.bidKey === bidKey)?.S;
  if (secret === undefined) throw new RangeError(`the record has no secret of ${bidKey}`);
  return secret;
}

async function open(committee: Committee, bid: Listed, secret: string): Promise<BidDocument> {
  const { lotId, vendorId, vendorSpki, version, envelope } = bid;
  const name = { lotId, vendorId, vendorSpki, version };
  const outcome = await openWith({ committee, bid: name, envelope }, secret);
  if (outcome.state !== 'OPENED') throw new RangeError(`${bid.bidKey} is ${outcome.state}`);
  return JSON.parse(new TextDecoder().decode(outcome.plain)) as BidDocument;
}

function examine(
  tender: TenderView,
  found: { readonly bid: Listed; readonly document: BidDocument; readonly drawn: Buffer },
): ReadBid {
  const { bid, document, drawn } = found;
  const { bidKey, lotId, vendorId } = bid;
  const amount = document.lines
    .map(({ quantity, rate }) => lineMinor(quantity, BigInt(rate)))
    .reduce((sum, line) => sum + line, 0n);
  const responsive = answersNotice(tender, bid, document);
  return { bidKey, lotId, vendorId, document, amount, responsive, ticket: drawn };
}

function answersNotice(tender: TenderView, bid: Listed, document: BidDocument): boolean {
  const lot = tender.lots.find(({ lotId }) => lotId === bid.lotId);
  const named = document.lines.map(({ itemId }) => itemId).sort();
  return (
    JSON.stringify(named) === JSON.stringify([...(lot?.itemIds ?? [])].sort()) &&
    document.tenderId === tender.tenderId &&
    document.lotId === bid.lotId &&
    document.vendorId === bid.vendorId &&
    document.currency === tender.currency &&
    document.noticeHash === tender.published?.noticeHash
  );
}

function rank(bids: readonly ReadBid[]): ReadBid[] {
  return bids
    .filter(({ responsive }) => responsive)
    .sort((left, right) =>
      left.amount === right.amount
        ? Buffer.compare(left.ticket, right.ticket)
        : Number(left.amount - right.amount),
    );
}
