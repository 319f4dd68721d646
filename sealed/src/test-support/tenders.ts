/** Tenders, bids and their secrets for tests, all drawn from a name so that they repeat. */
import { encodeCanonical, toBase64url, utf8 } from '@procurement/protocol';
import {
  type Committee,
  type CommitteeKey,
  committeeKeyFrom,
  freezeCommittee,
  type TenderContext,
  type TenderName,
} from '../committee';
import type { BidName } from '../context';
import { sha512 } from '../digest';
import { reduceWide } from '../group';
import { bidKeyOf } from '@procurement/protocol';
import { type ListEntry, listHash, sortList } from '../list';
import { sealFrom, type SealedBid } from '../seal';

/** 64 bytes that a label stands for. */
export function drawn(label: string): Uint8Array {
  return sha512(utf8(`sealed/test/${label}`));
}

/** 32 bytes that a label stands for, base64url. */
export function drawn32(label: string): string {
  return toBase64url(drawn(label).subarray(0, 32));
}

/** A committee, and the secrets of its officers by seat. */
export interface TestTender {
  readonly tender: TenderContext;
  readonly committee: Committee;
  readonly secrets: readonly Uint8Array[];
}

/** The record of one seat. */
export function keyOf(place: TenderName, seat: number): { key: CommitteeKey; secret: Uint8Array } {
  const name = `${place.tenderId}/seat-${seat}`;
  const secret = reduceWide(drawn(`${name}/secret`));
  const holder = { seat, mspId: `Org${seat}MSP`, spki: drawn32(`${name}/certificate`) };
  const random = drawn(`${name}/random`).subarray(0, 32);
  const key = committeeKeyFrom({ place: { ...place, ...holder }, secret, random })!;
  return { key, secret };
}

/** A tender of n seats of which t open, each of another organisation. */
export function tenderOf(
  { n, t }: { readonly n: number; readonly t: number },
  tenderId = `T-${n}-${t}`,
): TestTender {
  const place = { channel: 'procurement', chaincode: 'procurement', tenderId };
  const officers = Array.from({ length: n }, (_, index) => keyOf(place, index + 1));
  const tender = { ...place, n, t, keys: officers.map(({ key }) => key) };
  const secrets = officers.map(({ secret }) => secret);
  return { tender, committee: freezeCommittee(tender), secrets };
}

/** The first version of a vendor's bid for lot L1. */
export function bidOf(vendorId: string, version = 1): BidName {
  return { lotId: 'L1', vendorId, vendorSpki: drawn32(`${vendorId}/certificate`), version };
}

/** A sealed bid with its name. */
export interface TestBid {
  readonly bid: BidName;
  readonly sealed: SealedBid;
}

/** Seals a bid with the seed that its names stand for. */
export async function sealedBy(
  committee: Committee,
  bid: BidName,
  plain: object = { amount: '1250000', currency: 'BTN' },
): Promise<TestBid> {
  const label = `${committee.tenderId}/${encodeCanonical(bid)}/seed`;
  return { bid, sealed: (await sealFrom({ committee, bid, plain }, drawn(label)))! };
}

/** The list of some bids, with their envelopes in its order. */
export interface TestList {
  readonly entries: readonly ListEntry[];
  readonly listHash: string;
  readonly bids: readonly TestBid[];
}

/** The list that a close would fix. */
export function listedIn(committee: Committee, bids: readonly TestBid[]): TestList {
  const rows = bids.map((one) => ({ bidKey: bidKeyOf({ ...committee, ...one.bid }), one }));
  const sorted = sortList(rows);
  const entries = sorted.map(({ bidKey, one }) => ({
    bidKey,
    version: one.bid.version,
    envelopeHash: one.sealed.envelopeHash,
  }));
  return { entries, listHash: listHash(committee, entries), bids: sorted.map(({ one }) => one) };
}
