/** The bid that a receipt is for. */
import { COMMANDS, readFormat } from '@procurement/protocol';
import type { ReadTransaction } from '@procurement/protocol/fabric';
import { check } from '../check';
import { checkWrites } from '../signing/check-writes';
import { readAnswer } from '../signing/read-answer';

/**
 * The envelope hash is that of the envelope which was handed in and of the record that was written;
 * a transaction that hands in no bid has none.
 * @throws {CheckFailed}
 */
export function checkBidOf(transaction: ReadTransaction, envelopeHash: string | undefined): void {
  const { proposal, result, writes } = transaction;
  if (proposal.transaction !== 'bid:submit') {
    check(envelopeHash === undefined, 'the receipt names an envelope and is of no bid');
    return;
  }
  const name = 'bid:submit';
  const input = readFormat(COMMANDS[name].input, proposal.args[0] ?? '');
  const answer = readAnswer(name, result);
  checkWrites({ name, input, answer, writes });
  const isSame = envelopeHash === answer.result.envelopeHash;
  check(isSame, 'the receipt names another envelope than the bid that was written');
}
