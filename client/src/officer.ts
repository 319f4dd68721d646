/** What a member of the opening committee does: make a key, and open after the close. */
import {
  bidKeyOf,
  type CommandInput,
  envelopeOf,
  fromBase64url,
  graceEndMs,
  type ListedBid,
  tenderIdOfEnvelope,
  toBase64url,
} from '@procurement/protocol';
import {
  chunkCount,
  listHash,
  makeCommitteeKey,
  makeRehearsal,
  makeShares,
  ready,
  secondList,
  sortList,
  verifyDeal,
} from '@procurement/sealed';
import type { ProcurementApi } from './api';
import { check } from './check';
import { type CheckedTender, readCommittee, requireListFixed } from './committee';
import { readFixedList } from './listed-bids';

/** An opening key as its officer keeps it. It opens nothing alone, and must be destroyed after. */
export interface OpeningKey {
  readonly schema: 'opening-key/1';
  readonly tenderId: string;
  readonly seat: number;
  readonly mspId: string;
  readonly spki: string;
  readonly y: string;
  /** The secret scalar, 32 bytes, base64url. */
  readonly secret: string;
}

/** Body of `POST /tenders/:tenderId/committee-keys`. */
export type KeyRegistration = CommandInput<'opening:registerKey'>;

/** Body of `POST /tenders/:tenderId/shares`. */
export type SharesPosting = CommandInput<'opening:postShares'>;

const OPENING_KEY_TEXTS = ['tenderId', 'mspId', 'spki', 'y', 'secret'] as const;

/**
 * Takes a value for an opening key.
 * @throws {CheckFailed} where it is none
 */
export function readOpeningKey(value: object): OpeningKey {
  const members = value as Readonly<Record<string, unknown>>;
  const isKey =
    members['schema'] === 'opening-key/1' &&
    Number.isSafeInteger(members['seat']) &&
    OPENING_KEY_TEXTS.every((name) => typeof members[name] === 'string');
  check(isKey, 'this is no opening key as it is written here');
  return value as OpeningKey;
}

/**
 * Draws an opening key for the seat to which the tender appoints the caller.
 * @throws {CheckFailed} where the caller is appointed to no seat
 * @throws {ApiProblem | ApiUnreachable}
 */
export async function makeOpeningKey(request: {
  readonly api: ProcurementApi;
  readonly tenderId: string;
}): Promise<{ readonly registration: KeyRegistration; readonly openingKey: OpeningKey }> {
  await ready();
  const { api, tenderId } = request;
  const [me, tender, view] = await Promise.all([
    api.me(),
    api.tender(tenderId),
    api.committee(tenderId),
  ]);
  const appointment = tender.committee.seats.find(
    ({ mspId, spki }) => mspId === me.mspId && spki === me.spki,
  );
  check(appointment !== undefined, `tender ${tenderId} appoints the caller to no seat`);
  const { channel, chaincode } = view;
  const { key, secret } = makeCommitteeKey({ channel, chaincode, tenderId, ...appointment });
  const { seat, mspId, spki, y } = key;
  return {
    registration: { requestId: `key-${y}`, key: { ...key, mspId: appointment.mspId } },
    openingKey: {
      ...{ schema: 'opening-key/1', tenderId, seat, mspId, spki, y },
      secret: toBase64url(secret),
    },
  };
}

/** Body of `opening:rehearse`. */
export type RehearsalPosting = CommandInput<'opening:rehearse'>;

/**
 * Makes the proof that an opening key is still at hand, for the publication or for the opening.
 * @throws {CheckFailed} where the ledger has another key for the seat
 * @throws {ApiProblem | ApiUnreachable}
 */
export async function rehearseOpening(request: {
  readonly api: ProcurementApi;
  readonly openingKey: OpeningKey;
  readonly moment: 'publication' | 'opening';
}): Promise<RehearsalPosting> {
  await ready();
  const { api, openingKey, moment } = request;
  const { tenderId, seat, y } = openingKey;
  const [view, { committee, tender }] = await Promise.all([
    api.committee(tenderId),
    api.record(tenderId),
  ]);
  const registered = committee.find(({ key }) => key.seat === seat);
  const isMine = registered?.key.y === y;
  check(isMine, `seat ${seat} of tender ${tenderId} is registered with another key`);
  const opening = tender.listFixed ?? tender.published ?? registered.registered;
  const since = (moment === 'publication' ? registered.registered : opening).transactionId;
  const { channel, chaincode } = view;
  const about = { channel, chaincode, ...registered.key, moment, since };
  const proof = makeRehearsal(about, fromBase64url(openingKey.secret));
  return {
    requestId: `rehearse-${seat}-${since.slice(0, 32)}`,
    rehearsal: { moment, proof, seat, tenderId },
  };
}

/**
 * Makes an officer's shares, one message for each chunk of the list, after everything that an
 * officer has to see: the tender closed under the signatures of two organisations, the clock past
 * deadline and grace, the list complete by its hash, and every single deal in it verified; of
 * second envelopes that the first passed, again under the signatures of two organisations.
 * @param request.nowMs the officer's own clock, milliseconds since 1970
 * @throws {CheckFailed} where one of these does not hold; nothing must be posted then
 * @throws {SealError} where a listed bid's deal is false
 * @throws {ApiProblem | ApiUnreachable}
 */
export async function makeOpening(request: {
  readonly api: ProcurementApi;
  readonly witness?: ProcurementApi | undefined;
  readonly openingKey: OpeningKey;
  readonly nowMs?: number;
}): Promise<{ readonly postings: readonly SharesPosting[]; readonly bidCount: number }> {
  await ready();
  const { api, openingKey } = request;
  const { tenderId, seat } = openingKey;
  const checked = await readCommittee({ ...request, tenderId });
  checkPhase(checked, request.nowMs ?? Date.now());
  checkKey(checked, openingKey);
  const list = await readList({ api, checked });
  if (envelopeOf(tenderId) === 'financial') await checkPassed(api, tenderId, list.bids);
  const deals = list.bids.map(({ envelope }) => envelope);
  const secret = fromBase64url(openingKey.secret);
  const { committee } = checked;
  const postings = Array.from({ length: chunkCount(deals.length) }, (_, chunk) => {
    const opening = { committee, listHash: list.listHash, deals, chunk, seat, secret };
    const requestId = `shares-${seat}-${chunk}-${list.listHash}`;
    return { requestId, shares: makeShares(opening) };
  });
  return { postings, bidCount: deals.length };
}

function checkPhase({ tender }: CheckedTender, nowMs: number): void {
  requireListFixed(tender);
  const endMs = graceEndMs(tender);
  check(nowMs > endMs, 'by the clock of this machine the period for bids has not ended');
}

function checkKey({ committee }: CheckedTender, key: OpeningKey): void {
  const seat = committee.seats[key.seat - 1];
  const isMine = seat !== undefined && toBase64url(seat.y) === key.y;
  check(isMine, `seat ${key.seat} of tender ${key.tenderId} is frozen with another key`);
}

/** All chunks of the list, every deal verified, held against the hash that the close recorded. */
async function readList(source: {
  readonly api: ProcurementApi;
  readonly checked: CheckedTender;
}): Promise<{ readonly bids: readonly ListedBid[]; readonly listHash: string }> {
  const { committee, tender } = source.checked;
  const fixed = tender.listFixed?.listHash;
  const { bids } = await readFixedList(source.api, tender.tenderId);
  check(bids !== undefined, 'the ledger does not show the list of bids to this caller');
  verifyBids(bids, source.checked);
  const hash = listHash(committee, sortList(bids));
  check(hash === fixed && isSorted(bids), 'the list shown is not the one that was fixed');
  return { bids, listHash: hash };
}

/** Second envelopes of bids whose first did not pass stay sealed, whatever the list says. */
async function checkPassed(
  api: ProcurementApi,
  tenderId: string,
  bids: readonly ListedBid[],
): Promise<void> {
  const { technical } = await api.award(tenderIdOfEnvelope(tenderId, 'technical'));
  const [other] = secondList(bids, technical?.results ?? []).excluded;
  check(other === undefined, `the first envelope of ${other?.bidKey ?? ''} did not pass`, 'LIST');
}

function verifyBids(bids: readonly ListedBid[], { committee }: CheckedTender): void {
  for (const bid of bids) {
    const { bidKey, envelope, lotId, vendorId } = bid;
    const isNamed = bidKey === bidKeyOf({ tenderId: committee.tenderId, lotId, vendorId });
    check(isNamed, `${bidKey} is not the key of the bid shown under it`);
    const { envelopeHash } = verifyDeal({ committee, bid, envelope });
    check(envelopeHash === bid.envelopeHash, `the envelope of ${bidKey} is another one`);
  }
}

function isSorted(bids: readonly ListedBid[]): boolean {
  return sortList(bids).every((bid, index) => bid === bids[index]);
}
