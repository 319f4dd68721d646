/** What a sealed bid is bound to (TSEAL-V1 section 3). */
import { bidKeyOf, fromBase64url, isBidderId, lengthPrefixed } from '@procurement/protocol';
import { demand } from './codes';
import type { Committee } from './committee';
import { u32, u8 } from './transcript';
import { readBytes, readId, readInteger } from './wire';

/** Which bid of a tender: who, for what, the how-manieth. */
export interface BidName {
  readonly lotId: string;
  readonly vendorId: string;
  /** SHA-256 of the submitting certificate's SubjectPublicKeyInfo, 32 bytes as base64url. */
  readonly vendorSpki: string;
  /** 1 for the first envelope under a bid key, then one more each time. */
  readonly version: number;
}

const VERSION_MAX = 2 ** 32 - 1;

/** @throws {SealError} FORMAT unless ids, spki and version have their form */
export function checkBidName(bid: BidName): void {
  readId(bid.lotId, 'lotId');
  demand(isBidderId(bid.vendorId), 'FORMAT', 'vendorId');
  readBytes(bid.vendorSpki, 'vendorSpki');
  const version = readInteger(bid.version, 'version');
  demand(version >= 0 && version <= VERSION_MAX, 'FORMAT', 'version');
}

/** The bytes that every key and proof of a bid depends on. */
export function contextBytes(committee: Committee, bid: BidName): Uint8Array {
  return lengthPrefixed(
    'TSEAL-V1',
    committee.channel,
    committee.chaincode,
    committee.tenderId,
    bid.lotId,
    bid.vendorId,
    fromBase64url(bid.vendorSpki),
    u32(bid.version),
    fromBase64url(committee.committeeHash),
    u8(committee.n),
    u8(committee.t),
  );
}

/** The key of a bid in a committee's tender: `bid/tender/lot/vendor`. */
export function bidKeyIn(committee: Committee, bid: BidName): string {
  const { lotId, vendorId } = bid;
  return bidKeyOf({ tenderId: committee.tenderId, lotId, vendorId });
}
