/** What a device checks before it signs an endorsed transaction. */
import { ENDORSERS, equalBytes } from '@procurement/protocol';
import {
  FabricMessageError,
  readTransaction,
  type ReadTransaction,
} from '@procurement/protocol/fabric';
import { check, CheckFailed } from '../check';
import { keyOfNode, type PinnedRoots } from './roots';
import { isSignatureOf } from './signer';

/**
 * Holds an endorsed transaction against the proposal that this device signed: the same headers and
 * call, one action that succeeded, writes in the chaincode's own namespace only, and endorsements
 * of the organisations that the rules demand, each under a pinned root.
 * @param endorsed serialised `common.Payload`: the bytes to be signed
 * @param signedProposal serialised `protos.Proposal` that was signed before
 * @throws {CheckFailed}
 */
export async function checkEndorsed(
  endorsed: Uint8Array,
  signedProposal: Uint8Array,
  roots: PinnedRoots,
): Promise<ReadTransaction> {
  const transaction = await readEndorsed(endorsed);
  const isMine = equalBytes(transaction.proposal.bytes, signedProposal);
  check(isMine, 'what is to be signed is not the transaction that was proposed');
  await checkEndorsers(transaction, roots);
  return transaction;
}

/**
 * Whether the organisations that must have endorsed it have, by signatures under pinned roots.
 * @returns the organisations whose endorsement holds
 * @throws {CheckFailed}
 */
export async function checkEndorsers(
  { endorsements }: Pick<ReadTransaction, 'endorsements'>,
  roots: PinnedRoots,
): Promise<ReadonlySet<string>> {
  const organizations = new Set<string>();
  for (const { endorser, signature, signed } of endorsements) {
    const publicKey = await keyOfNode(roots, { ...endorser, role: 'peer' });
    const holds = await isSignatureOf({ publicKey, message: signed, signature });
    check(holds, `the endorsement of ${endorser.mspId} does not hold`, 'ENDORSEMENT');
    organizations.add(endorser.mspId);
  }
  const hasAll = ENDORSERS.all.every((mspId) => organizations.has(mspId));
  const hasOne = ENDORSERS.oneOf.some((mspId) => organizations.has(mspId));
  check(
    hasAll && hasOne,
    'organisations that must endorse the transaction have not',
    'ENDORSEMENT',
  );
  return organizations;
}

async function readEndorsed(endorsed: Uint8Array): Promise<ReadTransaction> {
  try {
    return await readTransaction(endorsed);
  } catch (error) {
    if (!(error instanceof FabricMessageError)) throw error;
    throw new CheckFailed(`what is to be signed cannot be a transaction: ${error.part}`);
  }
}
