/** Shares that officers post after the close, and their check (TSEAL-V1 section 8). */
import {
  concatBytes,
  fromBase64url,
  lengthPrefixed,
  toBase64url,
  utf8,
} from '@procurement/protocol';
import { demand } from './codes';
import type { Committee, Seat } from './committee';
import { at, GENERATOR } from './deal';
import { sha256 } from './digest';
import { type DleqProof, proveDleq, verifyDleq } from './dleq';
import { checkPoint, checkScalar } from './elements';
import type { Envelope } from './envelope';
import { isScalar, multiply, multiplyBase, scalarInvert } from './group';
import { CHUNK_SIZE, chunkCount, chunkOf } from './list';
import { freshBytes } from './random';
import { hashToScalar, u16, u8 } from './transcript';
import { checkMembers, readBytes, readElements, readId, readInteger, readMessage } from './wire';

const PROOF_LENGTH = 64;

/** One seat's shares of all bids of one chunk. Bytes are base64url. */
export interface OpenShares {
  /** One share for each bid of the chunk, in list order. */
  readonly S: readonly string[];
  readonly chunk: number;
  readonly listHash: string;
  /** Challenge and response, 64 bytes. */
  readonly proof: string;
  readonly seat: number;
  readonly tenderId: string;
}

/** A fixed list, as far as the check of shares needs it. */
export interface FixedList {
  readonly listHash: string;
  /** Number of bids in it. */
  readonly count: number;
}

/** The encrypted shares of a bid: of an envelope, the part that opening needs. */
export type Dealt = Pick<Envelope, 'Y'>;

/** What a seat makes its shares of one chunk from. */
export interface ShareOpening {
  readonly committee: Committee;
  readonly listHash: string;
  /** Envelopes of the whole list, in its order. */
  readonly deals: readonly Dealt[];
  readonly chunk: number;
  readonly seat: number;
  readonly secret: Uint8Array;
}

/**
 * An officer's shares of one chunk. The caller has verified every deal of the list, seen the tender
 * closed by two organisations, and rebuilt the list.
 * @param opening.secret the officer's x
 * @throws {RangeError} where the secret is not that of the seat, or the chunk does not exist
 */
export function makeShares(opening: ShareOpening): OpenShares {
  for (;;) {
    const shares = sharesFrom({ ...opening, random: freshBytes(32) });
    if (shares !== undefined) return shares;
  }
}

/** Shares under given randomness; for {@link makeShares} and test vectors only. */
export function sharesFrom(
  opening: ShareOpening & { readonly random: Uint8Array },
): OpenShares | undefined {
  const { committee, secret, random } = opening;
  const seat = committee.seats[opening.seat - 1];
  if (seat === undefined || !isSecretOf(seat, secret)) {
    throw new RangeError(`not the secret of seat ${opening.seat}`);
  }
  const dealt = dealtTo(seat, chunkOf(opening.deals, opening.chunk));
  if (dealt.length === 0) throw new RangeError(`the list has no chunk ${opening.chunk}`);
  const inverse = scalarInvert(secret);
  const shares = dealt.map((share) => multiply(inverse, share));
  const contextString = openContext({ ...opening, seat, shares, dealt });
  const r = hashToScalar('TSEAL-V1-OPENNONCE', secret, random, contextString);
  const statement = { A: GENERATOR, B: seat.y, C: shares, D: dealt, contextString };
  const proof = proveDleq(statement, { k: secret, r });
  if (proof === undefined) return undefined;
  return {
    S: shares.map(toBase64url),
    chunk: opening.chunk,
    listHash: opening.listHash,
    proof: encodeProof(proof),
    seat: opening.seat,
    tenderId: committee.tenderId,
  };
}

/**
 * Reads a message of shares.
 * @throws {SealError} FORMAT, and nothing else
 */
export function readOpenShares(message: string | object): OpenShares {
  const members = readMessage(message, 'OpenShares');
  checkMembers(members, {
    required: ['S', 'chunk', 'listHash', 'proof', 'seat', 'tenderId'],
  });
  readElements(members['S'], 'S');
  readInteger(members['chunk'], 'chunk');
  readInteger(members['seat'], 'seat');
  readBytes(members['listHash'], 'listHash');
  readBytes(members['proof'], 'proof', PROOF_LENGTH);
  readId(members['tenderId'], 'tenderId');
  return members as unknown as OpenShares;
}

/**
 * Checks a message of shares, in the order FORMAT, STATE, SEAT, LIST, CHUNK, REPEAT, COUNT, SCALAR,
 * POINT, IDENTITY, OPEN.
 * @param posting.message the message, as text or object
 * @param posting.list the fixed list; undefined while it is not fixed
 * @param posting.deals envelopes of the message's chunk in list order; not looked at where an
 * earlier check fails, so they may be empty where no such chunk exists
 * @param posting.posterSpki spki of the transaction's creator, base64url
 * @param posting.isAccepted whether shares of this seat and chunk were accepted before
 * @throws {SealError}
 */
export function checkShares(posting: {
  readonly committee: Committee;
  readonly message: string | object;
  readonly list: FixedList | undefined;
  readonly deals: readonly Dealt[];
  readonly posterSpki: string;
  readonly isAccepted: boolean;
}): OpenShares {
  const { committee, list } = posting;
  const shares = readOpenShares(posting.message);
  demand(list !== undefined, 'STATE', 'list');
  demand(shares.tenderId === committee.tenderId, 'STATE', 'tenderId');
  const seat = committee.seats[shares.seat - 1];
  demand(seat !== undefined, 'SEAT', 'seat');
  demand(toBase64url(seat.spki) === posting.posterSpki, 'SEAT', 'poster');
  demand(shares.listHash === list.listHash, 'LIST', 'listHash');
  demand(shares.chunk >= 0 && shares.chunk < chunkCount(list.count), 'CHUNK', 'chunk');
  demand(!posting.isAccepted, 'REPEAT', `seat ${shares.seat} chunk ${shares.chunk}`);
  const count = Math.min(CHUNK_SIZE, list.count - CHUNK_SIZE * shares.chunk);
  demand(shares.S.length === count, 'COUNT', 'S');
  checkProof({ committee, seat, shares, deals: posting.deals });
  return shares;
}

/** Challenge and response, one after the other, as base64url. */
export function encodeProof({ challenge, response }: DleqProof): string {
  return toBase64url(concatBytes(challenge, response));
}

/** The two halves of a proof whose length was checked. */
export function decodeProof(proof: string): DleqProof {
  const bytes = fromBase64url(proof);
  return { challenge: bytes.subarray(0, 32), response: bytes.subarray(32) };
}

/** @throws {SealError} SCALAR for c, then for s */
export function checkProofScalars({ challenge, response }: DleqProof): void {
  checkScalar(challenge, 'proof c');
  checkScalar(response, 'proof s');
}

function checkProof(claim: {
  readonly committee: Committee;
  readonly seat: Seat;
  readonly shares: OpenShares;
  readonly deals: readonly Dealt[];
}): void {
  const { seat } = claim;
  if (claim.deals.length !== claim.shares.S.length) {
    throw new RangeError('the deals given are not those of the chunk');
  }
  const proof = decodeProof(claim.shares.proof);
  checkProofScalars(proof);
  const shares = claim.shares.S.map(fromBase64url);
  shares.forEach((share, index) => {
    checkPoint(share, `S_${index + 1}`);
  });
  const dealt = dealtTo(seat, claim.deals);
  const { listHash, chunk } = claim.shares;
  const { committee } = claim;
  const contextString = openContext({ committee, listHash, chunk, seat, shares, dealt });
  const statement = { A: GENERATOR, B: seat.y, C: shares, D: dealt, contextString };
  demand(verifyDleq(statement, proof), 'OPEN', 'proof');
}

function isSecretOf(seat: Seat, secret: Uint8Array): boolean {
  return isScalar(secret) && toBase64url(multiplyBase(secret)) === toBase64url(seat.y);
}

function dealtTo({ seat }: Seat, deals: readonly Dealt[]): Uint8Array[] {
  return deals.map(({ Y }) => fromBase64url(at(Y, seat - 1)));
}

/** All shares stand in the context, so that no false ones can be chosen to cancel each other. */
function openContext(opening: {
  readonly committee: Committee;
  readonly listHash: string;
  readonly chunk: number;
  readonly seat: Seat;
  readonly shares: readonly Uint8Array[];
  readonly dealt: readonly Uint8Array[];
}): Uint8Array {
  const { committee, seat } = opening;
  const fields = lengthPrefixed(
    'TSEAL-V1-OPEN',
    committee.channel,
    committee.chaincode,
    committee.tenderId,
    fromBase64url(committee.committeeHash),
    fromBase64url(opening.listHash),
    u8(seat.seat),
    u16(opening.chunk),
    seat.y,
    concatBytes(...opening.shares),
    concatBytes(...opening.dealt),
  );
  return concatBytes(utf8('TSEAL-V1-OPEN-'), sha256(fields));
}
