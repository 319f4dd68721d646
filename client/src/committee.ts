/** The committee as a sealer must see it: signed for by two organisations, and checked here. */
import {
  amendmentContent,
  encodeCanonical,
  noticeOf,
  otherEnvelopeOf,
  type QueryResult,
  type TenderRecord,
  type TenderView,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import { type Committee, freezeCommittee } from '@procurement/sealed';
import type { ProcurementApi } from './api';
import { check } from './check';

/** A published tender with its committee, all checked. */
export interface CheckedTender {
  readonly tender: TenderView;
  readonly committee: Committee;
  /** Hash of the notice as it now stands, amendments included. */
  readonly noticeHash: string;
}

/**
 * Reads a published tender and repeats every check that was made when its committee was frozen. The
 * hash of the notice is computed here from what the gateway shows. One gateway alone could name a
 * committee of its own and read the bid: what {@link SignedApi} is told counts only under the
 * signatures of two organisations; a service account has nothing but a witness.
 * @param source.witness a connection to another organisation's gateway, whose answer must agree
 * @throws {CheckFailed} where hashes, records or the two gateways disagree
 * @throws {SealError} where the committee itself is not sound
 * @throws {ApiProblem | ApiUnreachable}
 */
export async function readCommittee(source: {
  readonly api: ProcurementApi;
  readonly witness?: ProcurementApi | undefined;
  readonly tenderId: string;
}): Promise<CheckedTender> {
  const { api, witness, tenderId } = source;
  const checked = await readFrom(api, tenderId);
  if (witness !== undefined) {
    const other = await readFrom(witness, tenderId);
    const isSame =
      other.committee.committeeHash === checked.committee.committeeHash &&
      other.noticeHash === checked.noticeHash;
    check(isSame, 'the two gateways tell of different committees or notices');
  }
  return checked;
}

async function readFrom(api: ProcurementApi, tenderId: string): Promise<CheckedTender> {
  const [tender, view] = await Promise.all([api.tender(tenderId), api.committee(tenderId)]);
  const { published } = tender;
  check(published !== undefined, `tender ${tenderId} has not been published`);
  check(view.tenderId === tenderId && tender.tenderId === tenderId, 'another tender was shown');
  const committee = freezeCommittee({ ...view, keys: view.records });
  check(
    committee.committeeHash === published.committeeHash,
    'the committee shown is not the one that was frozen',
  );
  checkSeats(tender, view);
  const noticeHash = await noticeHashOf(tender, committee.committeeHash);
  check(noticeHash === published.noticeHash, 'the tender shown is not the notice published');
  return { tender, committee, noticeHash: await amendedHashOf(tender, noticeHash) };
}

/**
 * A tender whose list of bids is fixed can be opened: a closed one, unless it takes second
 * envelopes of bids whose first have not been judged.
 * @throws {CheckFailed}
 */
export function requireListFixed({ tenderId, closed, listFixed }: TenderView): void {
  check(closed !== undefined, `tender ${tenderId} has not been closed`);
  const needed = otherEnvelopeOf(tenderId) ?? tenderId;
  check(listFixed !== undefined, `the first envelopes, of ${needed}, have to be judged first`);
}

/**
 * Hash of a tender's notice: what every bid repeats, base64url.
 * @param committeeHash hash of the frozen committee, base64url
 */
export async function noticeHashOf(tender: TenderRecord, committeeHash: string): Promise<string> {
  return hashOf(noticeOf(tender, committeeHash));
}

/**
 * Hash of the notice as it now stands: that of the last amendment, each one computed here.
 * @throws {CheckFailed} where an amendment is not what its hash says
 */
export async function amendedHashOf(tender: TenderRecord, noticeHash: string): Promise<string> {
  const { tenderId } = tender;
  let previous = noticeHash;
  for (const [index, amendment] of (tender.amendments ?? []).entries()) {
    const { number, text, deadline, documents } = amendment;
    const content = { tenderId, previous, number, text, deadline, documents };
    previous = await hashOf(amendmentContent(content));
    const isNext = number === index + 1 && amendment.noticeHash === previous;
    check(isNext, `amendment ${number} shown is not the one that was published`, 'NOTICE');
  }
  return previous;
}

async function hashOf(content: object): Promise<string> {
  const bytes = new Uint8Array(utf8(encodeCanonical(content)));
  return toBase64url(new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes)));
}

function checkSeats(tender: TenderView, view: QueryResult<'tender:committee'>): void {
  const { seats, t } = tender.committee;
  check(view.t === t && view.n === seats.length, 'the committee is not of the size announced');
  const isAppointed = view.records.every((key) =>
    seats.some(
      ({ seat, mspId, spki }) => seat === key.seat && mspId === key.mspId && spki === key.spki,
    ),
  );
  check(isAppointed, 'a seat is held by someone whom the notice does not appoint');
}
