import { isCommandName, isQueryName } from '@procurement/protocol';
import { readProposal, readTransaction } from '@procurement/protocol/fabric';
import type { ReadProposal, ReadTransaction } from '@procurement/protocol/fabric';
import type { Creator } from '../ledger/ledger.port';
import { readOrRefuse, RelayRefused } from './relay-errors';

/** Where everything that is relayed must be addressed to. */
export interface RelayTarget {
  readonly channel: string;
  readonly chaincode: string;
}

/**
 * Reads a proposal that a person has signed: of this ledger, of a transaction that it has, by the
 * person who has signed in.
 * @throws RelayRefused RELAY_STRUCTURE, RELAY_TARGET or RELAY_CREATOR
 */
export async function checkProposal(
  bytes: Uint8Array,
  target: RelayTarget,
  person: Creator | undefined,
): Promise<ReadProposal> {
  const proposal = await readOrRefuse(readProposal(bytes));
  checkCall(proposal, target, person);
  return proposal;
}

/**
 * Reads an endorsed transaction that a person has signed. It has one action, of a command of this
 * ledger, and writes in no namespace but the chaincode's; what the orderers are handed is the same
 * bytes.
 * @throws RelayRefused RELAY_STRUCTURE, RELAY_TARGET or RELAY_CREATOR
 */
export async function checkTransaction(
  bytes: Uint8Array,
  target: RelayTarget,
  person: Creator,
): Promise<ReadTransaction> {
  const transaction = await readOrRefuse(readTransaction(bytes));
  const { proposal } = transaction;
  checkCall(proposal, target, person);
  if (!isCommandName(proposal.transaction)) {
    throw new RelayRefused('RELAY_TARGET', { transaction: proposal.transaction });
  }
  return transaction;
}

function checkCall(proposal: ReadProposal, target: RelayTarget, person: Creator | undefined): void {
  const { channel, chaincode, transaction, creator } = proposal;
  if (channel !== target.channel || chaincode !== target.chaincode) {
    throw new RelayRefused('RELAY_TARGET', { channel, chaincode });
  }
  if (!isCommandName(transaction) && !isQueryName(transaction)) {
    throw new RelayRefused('RELAY_TARGET', { transaction: transaction.slice(0, 100) });
  }
  if (person === undefined) return;
  if (creator.mspId !== person.mspId || creator.certificate !== person.certificate) {
    throw new RelayRefused('RELAY_CREATOR', { mspId: creator.mspId.slice(0, 100) });
  }
}
