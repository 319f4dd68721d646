/** What a device checks before it signs a proposal that somebody else has built. */
import { equalBytes } from '@procurement/protocol';
import {
  buildProposal,
  type BuiltProposal,
  type ChaincodeCall,
  FabricMessageError,
  readProposal,
  type TransactionCreator,
} from '@procurement/protocol/fabric';
import { check, CheckFailed } from '../check';

/** How far the time of an offered proposal may be from this device's clock. */
export const OFFERED_TIME_TOLERANCE_MS = 120_000;

/**
 * Rebuilds what was asked for and compares every byte: only nonce and time are the builder's to
 * choose, and the time has to be that of this device within two minutes.
 * @param offered serialised `protos.Proposal`
 * @throws {CheckFailed} where it would do anything else than what was asked for
 */
export async function checkOffered(
  offered: Uint8Array,
  asked: ChaincodeCall & { readonly creator: TransactionCreator; readonly nowMs: number },
): Promise<BuiltProposal> {
  const { nonce, atMs } = await readOffered(offered);
  const { channel, chaincode, transaction, args, creator } = asked;
  const built = await buildProposal({
    ...{ channel, chaincode, transaction, args, creator, nonce, atMs },
  });
  check(equalBytes(built.bytes, offered), 'what is to be signed is not what was asked for');
  const isNow = Math.abs(atMs - asked.nowMs) <= OFFERED_TIME_TOLERANCE_MS;
  check(isNow, 'what is to be signed carries a time that is not now');
  return built;
}

async function readOffered(
  offered: Uint8Array,
): Promise<{ readonly nonce: Uint8Array; readonly atMs: number }> {
  try {
    return await readProposal(offered);
  } catch (error) {
    if (!(error instanceof FabricMessageError)) throw error;
    throw new CheckFailed('what is to be signed is not what was asked for');
  }
}
