/** Receipts held against pinned roots, without any network. */
import {
  ATTESTATIONS_MIN,
  checkFormat,
  type CommandName,
  EncodingError,
  equalBytes,
  fromBase64url,
  instantFromMs,
  isCommandName,
  type Receipt,
  receiptSchema,
  Reject,
} from '@procurement/protocol';
import {
  type AttestationRead,
  FabricMessageError,
  readAttestation,
  readEnvelope,
  readTransaction,
  type ReadTransaction,
  type TransactionCreator,
  VALID,
} from '@procurement/protocol/fabric';
import { check, CheckFailed } from '../check';
import { checkEndorsers } from '../signing/check-endorsed';
import { keyOfNode, type PinnedRoots } from '../signing/roots';
import { isSignatureOf } from '../signing/signer';
import { checkBidOf } from './check-bid';
import { checkBlock } from './check-block';
import { Configurations } from './ordering';

/** What a receipt is held against. */
export interface ReceiptTrust {
  readonly roots: PinnedRoots;
  /**
   * Blocks of configuration, serialised `common.Block`, got from the organisations. Where the
   * ordering service is a Byzantine one they say whose signatures a block must have.
   */
  readonly configurations?: readonly Uint8Array[];
  /** Default: `procurement`. */
  readonly channel?: string;
  /** Default: `procurement`. */
  readonly chaincode?: string;
}

/** What a receipt that holds says. */
export interface VerifiedReceipt {
  readonly transactionId: string;
  readonly command: CommandName;
  /** Who signed the transaction. */
  readonly signer: TransactionCreator;
  /** The transaction's own time, which the endorsers bore out. */
  readonly at: string;
  /** Organisations whose peers endorsed it. */
  readonly endorsers: readonly string[];
  /** Organisations whose peers say that their ledger holds it as valid. */
  readonly attestedBy: readonly string[];
  /** Hash of the sealed envelope, where the transaction hands in a bid. */
  readonly envelopeHash?: string;
  /** A block that the ordering service signed. */
  readonly blockNumber: number;
  /**
   * Whether the receipt shows the block's content, so that the transaction is seen to be in it.
   * While that would tell of others' sealed bids it is the organisations' word.
   */
  readonly showsBlock: boolean;
}

/**
 * Verifies a receipt: the peers of two organisations say under their signatures that their ledgers
 * hold the transaction as valid; its sender signed it and the organisations that must have endorsed
 * it; the ordering service signed its block and those that follow, each chained to the one before.
 * @param receipt as it came from a gateway or a file
 * @throws {CheckFailed} with the sentence that says what does not hold
 */
export async function verifyReceipt(
  receipt: unknown,
  trust: ReceiptTrust,
): Promise<VerifiedReceipt> {
  try {
    return await verifyParsed(parseReceipt(receipt), trust);
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    throw new CheckFailed(`this is no receipt: ${error.message}`);
  }
}

async function verifyParsed(receipt: Receipt, trust: ReceiptTrust): Promise<VerifiedReceipt> {
  const { channel = 'procurement', chaincode = 'procurement', roots } = trust;
  const isHere = receipt.channel === channel && receipt.chaincode === chaincode;
  check(isHere, 'the receipt is of another ledger');
  const { envelope, attestedBy } = await checkAttestations(receipt, roots);
  const transaction = await checkTransaction(envelope, { receipt, roots });
  const endorsers = await checkEndorsers(transaction, roots);
  const command = commandOf(transaction);
  checkBidOf(transaction, receipt.envelopeHash);
  const configurations = new Configurations({ roots, channel });
  for (const pinned of trust.configurations ?? []) await configurations.pin(pinned);
  for (const later of receipt.configurations ?? []) {
    await configurations.follow(fromBase64url(later));
  }
  await checkBlock(receipt, { envelope, configurations });
  const { transactionId, envelopeHash, block } = receipt;
  return {
    transactionId,
    command,
    signer: transaction.proposal.creator,
    at: instantFromMs(transaction.proposal.atMs),
    endorsers: [...endorsers],
    attestedBy,
    ...(envelopeHash === undefined ? {} : { envelopeHash }),
    blockNumber: block.number,
    showsBlock: block.data !== undefined,
  };
}

/** @throws {CheckFailed} */
function parseReceipt(receipt: unknown): Receipt {
  try {
    return checkFormat(receiptSchema, receipt);
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    const { path, problem } = error.args;
    throw new CheckFailed(`this is no receipt: ${String(path)} ${String(problem)}`);
  }
}

async function checkAttestations(
  receipt: Receipt,
  roots: PinnedRoots,
): Promise<{ readonly envelope: Uint8Array; readonly attestedBy: readonly string[] }> {
  const organizations = new Set<string>();
  const envelopes: Uint8Array[] = [];
  for (const attestation of receipt.attestations) {
    const { mspId } = attestation;
    const read = await readOrFail(`the attestation of ${mspId} cannot be read`, () =>
      readAttestation({
        proposal: fromBase64url(attestation.proposal),
        response: fromBase64url(attestation.response),
      }),
    );
    await checkAttestation(read, { mspId, receipt, roots });
    organizations.add(mspId);
    envelopes.push(read.envelope);
  }
  check(organizations.size >= ATTESTATIONS_MIN, 'fewer than two organisations attest it');
  const [envelope = new Uint8Array(), ...others] = envelopes;
  const isOne = others.every((other) => equalBytes(other, envelope));
  check(isOne, 'the organisations attest different transactions');
  return { envelope, attestedBy: [...organizations] };
}

async function checkAttestation(
  read: AttestationRead,
  about: { readonly mspId: string; readonly receipt: Receipt; readonly roots: PinnedRoots },
): Promise<void> {
  const { mspId, receipt, roots } = about;
  const { endorser, signature, signed } = read.endorsement;
  const isAsked = read.channel === receipt.channel && read.transactionId === receipt.transactionId;
  check(isAsked, `the attestation of ${mspId} is of another transaction`);
  check(endorser.mspId === mspId, `the attestation of ${mspId} is signed by ${endorser.mspId}`);
  const publicKey = await keyOfNode(roots, { ...endorser, role: 'peer' });
  const holds = await isSignatureOf({ publicKey, message: signed, signature });
  check(holds, `the attestation of ${mspId} does not hold`);
  check(read.validationCode === VALID, `${mspId} holds the transaction as invalid`);
}

/** What was attested is the receipt's transaction, on this ledger, signed by its sender. */
async function checkTransaction(
  envelope: Uint8Array,
  about: { readonly receipt: Receipt; readonly roots: PinnedRoots },
): Promise<ReadTransaction> {
  const { receipt, roots } = about;
  const { payload, signature } = readEnvelope(envelope);
  const transaction = await readOrFail('the transaction cannot be read', () =>
    readTransaction(payload),
  );
  const { creator, channel, chaincode, transactionId } = transaction.proposal;
  check(transactionId === receipt.transactionId, 'another transaction was attested');
  const isHere = channel === receipt.channel && chaincode === receipt.chaincode;
  check(isHere, 'the transaction is of another ledger');
  const publicKey = await keyOfNode(roots, { ...creator, role: 'client' });
  const holds = await isSignatureOf({ publicKey, message: payload, signature });
  check(holds, "the sender's signature does not hold");
  return transaction;
}

function commandOf({ proposal }: ReadTransaction): CommandName {
  const { transaction } = proposal;
  check(isCommandName(transaction), 'the transaction is none of this ledger');
  return transaction;
}

async function readOrFail<T>(sentence: string, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
  } catch (error) {
    if (!(error instanceof FabricMessageError)) throw error;
    throw new CheckFailed(`${sentence}: ${error.part}`);
  }
}
