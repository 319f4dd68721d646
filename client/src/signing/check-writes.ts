/** What a transaction would write, held against what its signer wants written. */
import {
  bidRecordSchema,
  type CommandAnswer,
  type CommandInput,
  type CommandName,
  decodeCanonical,
  fromUtf8,
} from '@procurement/protocol';
import type { WriteRead } from '@procurement/protocol/fabric';
import { type Envelope, envelopeHashOf } from '@procurement/sealed';
import { check } from '../check';

/** A command, what the chaincode answered to it, and what would be written. */
export interface Intended<Name extends CommandName> {
  readonly name: Name;
  readonly input: CommandInput<Name>;
  readonly answer: CommandAnswer<Name>;
  readonly writes: readonly WriteRead[];
}

/**
 * Something is written, and where it is a bid, it is this bid: the record of its lot and version
 * with the hash of the envelope that was sealed here.
 * @throws {CheckFailed}
 */
export function checkWrites<Name extends CommandName>(intended: Intended<Name>): void {
  check(intended.writes.length > 0, 'the transaction would write nothing');
  if (isSubmission(intended)) checkBid(intended);
}

function isSubmission(intended: Intended<CommandName>): intended is Intended<'bid:submit'> {
  return intended.name === 'bid:submit';
}

function checkBid({ input, answer, writes }: Intended<'bid:submit'>): void {
  const envelopeHash = envelopeHashOf(input.envelope as Envelope);
  check(answer.result.envelopeHash === envelopeHash, 'the ledger took another envelope');
  const isWritten = writes.some(({ value }) => {
    const bid = bidRecordSchema.safeParse(recordOf(value));
    if (!bid.success) return false;
    const { tenderId, lotId, version } = bid.data;
    const isHere = tenderId === input.tenderId && lotId === input.lotId;
    return isHere && version === input.version && bid.data.envelopeHash === envelopeHash;
  });
  check(isWritten, 'the transaction would not write the bid that was sealed here');
}

function recordOf(value: Uint8Array): unknown {
  try {
    return decodeCanonical(fromUtf8(value));
  } catch {
    return undefined;
  }
}
