import { common, peer } from '@hyperledger/fabric-protos';
import { expiryOf } from '../identity/identity-expiry';
import { textOf } from '../../../machine/text-of';
import type { Clock } from '../seams';
import { decode } from '../wire/protobuf';

/** A proposal that does not even reach the endorser; the text is what the client sees. */
export class ProposalFilterError extends Error {
  override readonly name = 'ProposalFilterError';
}

/** How far a proposal's timestamp may be from the peer's clock (peer.authentication.timewindow). */
const timeWindowMs = 15 * 60_000;

/**
 * Refuses a creator whose certificate has expired; one without a readable certificate is refused
 * later, with a better text.
 * @throws ProposalFilterError (core/handlers/auth/filter/expiration.go)
 */
export function checkExpiry(signed: peer.SignedProposal, clock: Clock): void {
  const header = headerOf(signed);
  const signer = filtered('signature header', () =>
    decode(common.SignatureHeader, 'SignatureHeader', header.getSignatureHeader_asU8()),
  );
  const expiry = expiryOf(signer.getCreator_asU8());
  if (!expiry || expiry.getTime() > clock.nowMs()) return;
  throw new ProposalFilterError('proposal client identity expired');
}

/**
 * Refuses a timestamp more than 15 minutes off; a proposal without one is of 1970.
 * @throws ProposalFilterError (3.1: core/handlers/auth/filter/timewindow.go)
 */
export function checkTimeWindow(signed: peer.SignedProposal, clock: Clock): void {
  const header = headerOf(signed);
  const channel = filtered('channel header', () =>
    decode(common.ChannelHeader, 'ChannelHeader', header.getChannelHeader_asU8()),
  );
  const timestamp = channel.getTimestamp();
  const seconds = timestamp?.getSeconds() ?? 0;
  const atMs = seconds * 1000 + (timestamp?.getNanos() ?? 0) / 1_000_000;
  const nowMs = clock.nowMs();
  if (Math.abs(nowMs - atMs) <= timeWindowMs) return;
  throw new ProposalFilterError(
    `request unauthorized due to incorrect timestamp ${rfc3339(seconds * 1000)}, peer time ` +
      `${rfc3339(nowMs)}, peer.authentication.timewindow 15m0s`,
  );
}

function headerOf(signed: peer.SignedProposal): common.Header {
  const bytes = signed.getProposalBytes_asU8();
  const proposal = filtered('proposal', () => decode(peer.Proposal, 'Proposal', bytes));
  const headerBytes = proposal.getHeader_asU8();
  return filtered('header', () => decode(common.Header, 'Header', headerBytes));
}

function filtered<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ProposalFilterError(`failed parsing ${what}: ${textOf(error)}`);
  }
}

/** To the second, as Go's time.RFC3339; a time that no calendar has stays a number. */
function rfc3339(atMs: number): string {
  const time = new Date(atMs);
  if (Number.isNaN(time.getTime())) return `${atMs / 1000}s`;
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
