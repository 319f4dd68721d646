import { common, peer } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import type { MspRegistry } from '../identity/msp';
import { MspError } from '../identity/msp';
import type { ParsedTransaction, TransactionHeader, ValidationCode } from './parsed-transaction';

const CODES = peer.TxValidationCode;

/** What the checks of one transaction need to know besides its bytes. */
export interface ChannelView {
  readonly config: ChannelConfig;
  /** Whether a transaction with this id is already on the ledger. */
  readonly hasTransaction: (txId: string) => boolean;
}

function hasCreatorSigned(header: TransactionHeader, msps: MspRegistry): boolean {
  try {
    const creator = msps.deserialize(header.creator);
    msps.validate(creator);
    return creator.verify(header.payload, header.signature);
  } catch (error) {
    if (error instanceof MspError) return false;
    throw error;
  }
}

/** Answers by MSPs and transaction, because all peers of a process check the same signatures. */
const creatorChecks = new WeakMap<MspRegistry, WeakMap<ParsedTransaction, boolean>>();

function isSignedByCreator(
  transaction: ParsedTransaction,
  header: TransactionHeader,
  msps: MspRegistry,
): boolean {
  let known = creatorChecks.get(msps);
  if (!known) creatorChecks.set(msps, (known = new WeakMap()));
  const answer = known.get(transaction) ?? hasCreatorSigned(header, msps);
  known.set(transaction, answer);
  return answer;
}

/**
 * The checks of a transaction on its own: form, creator's signature, binding to the proposal,
 * duplicate on the ledger, chaincode action. The first failure decides. Endorsements are a matter
 * of `endorsement-check.ts`.
 * (Fabric: `txvalidator/v20/validator.go:validateTx`, `core/common/validation/msgvalidation.go`)
 * @returns `peer.TxValidationCode`, 0 = nothing wrong
 */
export function checkTransaction(
  transaction: ParsedTransaction,
  { config, hasTransaction }: ChannelView,
): ValidationCode {
  const { header, formCode, bindingCode, actionCode } = transaction;
  if (formCode !== 0 || header === undefined) return formCode;
  if (!isSignedByCreator(transaction, header, config.msps)) return CODES.BAD_CREATOR_SIGNATURE;
  if (bindingCode !== 0) return bindingCode;
  if (header.channelHeader.getChannelId() !== config.channelId) {
    return CODES.TARGET_CHAIN_NOT_FOUND;
  }
  // What it holds is for the committer to judge.
  if (header.type === common.HeaderType.CONFIG) return CODES.VALID;
  if (hasTransaction(header.txId)) return CODES.DUPLICATE_TXID;
  return actionCode;
}

/**
 * Marks later transactions with the id of an earlier one in the same block, if the earlier one is
 * valid so far; in place (Fabric: `markTXIdDuplicates`).
 */
export function markDuplicates(
  transactions: readonly ParsedTransaction[],
  codes: ValidationCode[],
): void {
  const seen = new Set<string>();
  transactions.forEach(({ header }, index) => {
    const txId = header?.txId ?? '';
    if (txId === '' || codes[index] !== CODES.VALID) return;
    if (seen.has(txId)) codes[index] = CODES.DUPLICATE_TXID;
    seen.add(txId);
  });
}
