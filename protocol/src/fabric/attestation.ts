/** A peer's signed answer to the question what it holds of a transaction. */
import { ProposalResponse } from '@hyperledger/fabric-protos/lib/peer/proposal_response_pb';
import { ProcessedTransaction } from '@hyperledger/fabric-protos/lib/peer/transaction_pb';
import { readProposal } from './proposal';
import { readStrict, requirePart } from './strict';
import { type EndorsementRead, readAction, readEndorsement } from './transaction';

/** The system chaincode that answers for a peer's ledger, and its function. */
export const ATTESTING = { chaincode: 'qscc', transaction: 'GetTransactionByID' } as const;

/** What a peer says of a transaction, and its signature. */
export interface AttestationRead {
  /** The channel and the transaction that it was asked for. */
  readonly channel: string;
  readonly transactionId: string;
  /** Serialised `common.Envelope`, as the peer's ledger holds it. */
  readonly envelope: Uint8Array;
  /** `protos.TxValidationCode`; 0 is VALID. */
  readonly validationCode: number;
  readonly endorsement: EndorsementRead;
}

/**
 * Reads an attestation. Whether its signer is who it must be is for whoever knows the roots.
 * Source: fabric `core/scc/qscc/query.go`: getTransactionByID.
 * @param attestation.proposal serialised `protos.Proposal`
 * @param attestation.response serialised `protos.ProposalResponse`
 * @throws {FabricMessageError}
 */
export async function readAttestation(attestation: {
  readonly proposal: Uint8Array;
  readonly response: Uint8Array;
}): Promise<AttestationRead> {
  const proposal = await readProposal(attestation.proposal);
  const { chaincode, transaction, args } = proposal;
  const isQuestion = chaincode === ATTESTING.chaincode && transaction === ATTESTING.transaction;
  const [channel = '', transactionId = ''] = args;
  requirePart(isQuestion && channel === proposal.channel && args.length === 2, 'question');
  const response = readStrict(ProposalResponse, attestation.response, 'answer');
  const endorsement = response.getEndorsement();
  requirePart(endorsement !== undefined, 'endorsement');
  const payload = response.getPayload_asU8();
  const action = await readAction(payload, proposal);
  const result = action.getResponse()?.getPayload_asU8() ?? new Uint8Array();
  const processed = readStrict(ProcessedTransaction, result, 'processed transaction');
  const envelope = processed.getTransactionenvelope();
  requirePart(envelope !== undefined, 'envelope');
  return {
    ...{ channel, transactionId },
    envelope: envelope.serializeBinary(),
    validationCode: processed.getValidationcode(),
    endorsement: readEndorsement(endorsement, payload),
  };
}
