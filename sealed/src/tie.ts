/** The draw between equal bids (TSEAL-V1 section 9). */
import {
  compareBytes,
  concatBytes,
  fromBase64url,
  lengthPrefixed,
  toBase64url,
} from '@procurement/protocol';
import type { TenderName } from './committee';
import { sha256 } from './digest';

/**
 * A bid's ticket, base64url; the lowest by {@link compareTickets} wins.
 * @param draw.secrets S of every listed bid in list order, base64url, the invalid ones included
 */
export function ticket(draw: {
  readonly tender: TenderName;
  readonly listHash: string;
  readonly bidKey: string;
  readonly secrets: readonly string[];
}): string {
  const { channel, chaincode, tenderId } = draw.tender;
  const fields = lengthPrefixed(
    'TSEAL-V1-TIE',
    channel,
    chaincode,
    tenderId,
    fromBase64url(draw.listHash),
    draw.bidKey,
    concatBytes(...draw.secrets.map(fromBase64url)),
  );
  return toBase64url(sha256(fields));
}

/** Order of two tickets by their bytes, which is not that of their base64url texts. */
export function compareTickets(left: string, right: string): -1 | 0 | 1 {
  return compareBytes(fromBase64url(left), fromBase64url(right));
}
