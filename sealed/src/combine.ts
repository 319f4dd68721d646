/** Bringing shares together and opening the bid (TSEAL-V1 section 9). */
import { equalBytes, fromBase64url, toBase64url } from '@procurement/protocol';
import { bodyKeys, openBody } from './body';
import { demand } from './codes';
import type { Committee } from './committee';
import { type BidName, contextBytes } from './context';
import { sha256 } from './digest';
import type { Envelope } from './envelope';
import {
  add,
  IDENTITY,
  multiply,
  scalarInvert,
  scalarMultiply,
  scalarOf,
  scalarSubtract,
} from './group';

/** Bids that one transaction may open. */
export const COMBINE_MAX = 50;

/** One seat's accepted share of one bid; `S` is base64url. */
export interface SeatShare {
  readonly seat: number;
  readonly S: string;
}

/** What opening a bid gave. `secret` is S, base64url, which the ticket needs in every case. */
export type Outcome =
  | { readonly state: 'OPENED'; readonly secret: string; readonly plain: Uint8Array }
  | {
      readonly state: 'INVALID_FORM' | 'INVALID_GCM' | 'INVALID_CMT';
      readonly secret: string;
    };

/** A bid to open. */
export interface Openable {
  readonly committee: Committee;
  readonly bid: BidName;
  readonly envelope: Pick<Envelope, 'cmt' | 'ctHash' | 'ctLen' | 'ct'>;
  /** The bytes from a store; where they are left out, those that the envelope carries. */
  readonly ciphertext?: Uint8Array | undefined;
}

/**
 * Opens a bid from accepted shares, of which the t lowest seats are used.
 * @throws {SealError} FEW, MISSING or CT_HASH: the bid stays as it was
 */
export async function combine(
  bid: Openable & { readonly shares: readonly SeatShare[] },
): Promise<Outcome> {
  return openWith(bid, combineShares(bid.committee, bid.shares));
}

/**
 * The opening secret S of a bid from the shares of the t lowest seats, base64url.
 * @throws {SealError} FEW where there are fewer than t
 */
export function combineShares(committee: Committee, shares: readonly SeatShare[]): string {
  demand(shares.length >= committee.t, 'FEW', 'shares');
  const used = [...shares].sort((left, right) => left.seat - right.seat).slice(0, committee.t);
  const seats = used.map(({ seat }) => seat);
  const secret = used.reduce(
    (sum, { seat, S }) => add(sum, multiply(lagrange(seats, seat), fromBase64url(S))),
    IDENTITY,
  );
  return toBase64url(secret);
}

/**
 * Opens a bid whose secret S (base64url) is known: by combining, or by its vendor.
 * @throws {SealError} MISSING where there are no bytes, CT_HASH where they are not the bid's
 */
export async function openWith(
  { committee, bid, envelope, ciphertext }: Openable,
  secret: string,
): Promise<Outcome> {
  const inline = envelope.ct === undefined ? undefined : fromBase64url(envelope.ct);
  const ct = ciphertext ?? inline;
  demand(ct !== undefined, 'MISSING', 'ct');
  demand(equalBytes(sha256(ct), fromBase64url(envelope.ctHash)), 'CT_HASH', 'ct');
  if (ct.length !== envelope.ctLen) return { state: 'INVALID_FORM', secret };
  const keys = bodyKeys(fromBase64url(secret), contextBytes(committee, bid));
  return { ...(await openBody(keys, { cmt: fromBase64url(envelope.cmt), ct })), secret };
}

/** The Lagrange coefficient of one seat at zero, over the seats used. */
function lagrange(seats: readonly number[], seat: number): Uint8Array {
  return seats
    .filter((other) => other !== seat)
    .map((other) => scalarMultiply(scalarOf(other), scalarInvert(difference(other, seat))))
    .reduce(scalarMultiply, scalarOf(1));
}

function difference(left: number, right: number): Uint8Array {
  return scalarSubtract(scalarOf(left), scalarOf(right));
}
