import { common, peer } from '@hyperledger/fabric-protos';
import { decode } from './protobuf';

/** A proposal that a gateway cannot even send on. */
export class GatewayProposalError extends Error {
  override readonly name = 'GatewayProposalError';
}

/** The parts of a proposal that a gateway needs to choose peers and to assemble a transaction. */
export interface GatewayProposal {
  readonly signed: peer.SignedProposal;
  readonly header: common.Header;
  readonly channelId: string;
  /** Empty when the proposal names none. */
  readonly chaincodeName: string;
  readonly hasTransientData: boolean;
  /** Serialized chaincode invocation, the public part of the payload. */
  readonly input: Uint8Array;
  readonly hasSpec: boolean;
  readonly hasChaincodeId: boolean;
}

/**
 * @param missing text when there are no proposal bytes
 * @throws GatewayProposalError, MalformedMessageError
 * Source: internal/pkg/gateway/evaluate.go:getChannelAndChaincodeFromSignedProposal
 */
export function readGatewayProposal(
  signed: peer.SignedProposal | undefined,
  missing: string,
): GatewayProposal {
  const bytes = signed?.getProposalBytes_asU8();
  if (!signed || !bytes || bytes.length === 0) throw new GatewayProposalError(missing);
  const proposal = decode(peer.Proposal, 'Proposal', bytes);
  const header = decode(common.Header, 'Header', proposal.getHeader_asU8());
  const channel = decode(common.ChannelHeader, 'ChannelHeader', header.getChannelHeader_asU8());
  const payload = decode(
    peer.ChaincodeProposalPayload,
    'ChaincodeProposalPayload',
    proposal.getPayload_asU8(),
  );
  const input = payload.getInput_asU8();
  const spec = decode(
    peer.ChaincodeInvocationSpec,
    'ChaincodeInvocationSpec',
    input,
  ).getChaincodeSpec();
  const chaincodeId = spec?.getChaincodeId();
  return {
    signed,
    header,
    channelId: channel.getChannelId(),
    chaincodeName: chaincodeId?.getName() ?? '',
    hasTransientData: payload.getTransientmapMap().getLength() > 0,
    input,
    hasSpec: spec !== undefined,
    hasChaincodeId: chaincodeId !== undefined,
  };
}

/** The further checks of Evaluate. @throws GatewayProposalError */
export function checkForEvaluate(proposal: GatewayProposal): void {
  const { channelId } = proposal;
  if (channelId === '') throw new GatewayProposalError('no channel id provided');
  const missing = (what: string): GatewayProposalError =>
    new GatewayProposalError(`no ${what} is provided, channel id [${channelId}]`);
  if (!proposal.hasSpec) throw missing('chaincode spec');
  if (!proposal.hasChaincodeId) throw missing('chaincode id');
  if (proposal.chaincodeName === '') throw missing('chaincode name');
}

/**
 * Assembles the transaction for the client to sign.
 * Source: internal/pkg/gateway/submit.go:prepareTransaction
 */
export function prepareTransaction(parts: {
  readonly proposal: GatewayProposal;
  readonly payload: Uint8Array;
  readonly endorsements: readonly peer.Endorsement[];
}): common.Envelope {
  const publicPayload = new peer.ChaincodeProposalPayload();
  publicPayload.setInput(parts.proposal.input);
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(parts.payload);
  endorsed.setEndorsementsList([...parts.endorsements]);
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(publicPayload.serializeBinary());
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(parts.proposal.header.getSignatureHeader_asU8());
  action.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(action);
  const payload = new common.Payload();
  payload.setHeader(parts.proposal.header);
  payload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope;
}
