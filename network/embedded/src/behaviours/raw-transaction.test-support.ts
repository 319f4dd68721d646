import { randomBytes } from 'node:crypto';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common, peer } from '@hyperledger/fabric-protos';
import { sha256 } from '../crypto/hashes';
import type { SigningIdentity } from '../identity/signing-identity';

/** A proposal made by hand, so that any part of it can be wrong. */
export interface RawProposal {
  readonly txId: string;
  readonly creator: SigningIdentity;
  readonly header: common.Header;
  /** Serialized chaincode invocation. */
  readonly input: Uint8Array;
  readonly signed: peer.SignedProposal;
}

/** What a proposal says; the hooks change it before it is serialized. */
export interface ProposalParts {
  readonly creator: SigningIdentity;
  readonly channelId?: string;
  readonly chaincode?: string;
  readonly args: readonly string[];
  readonly transient?: Readonly<Record<string, string>>;
  readonly changeChannelHeader?: (header: common.ChannelHeader) => void;
  readonly changeSignatureHeader?: (header: common.SignatureHeader) => void;
  readonly sign?: (bytes: Uint8Array) => Uint8Array;
}

const nonceBytes = 24;

/** A signed proposal of these parts, valid unless the hooks do something to it. */
export function newProposal(parts: ProposalParts): RawProposal {
  const { creator } = parts;
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator.serialized);
  signatureHeader.setNonce(randomBytes(nonceBytes));
  const txId = sha256(signatureHeader.getNonce_asU8(), creator.serialized).toString('hex');
  const channelHeader = newChannelHeader(parts, txId);
  parts.changeChannelHeader?.(channelHeader);
  parts.changeSignatureHeader?.(signatureHeader);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const input = invocationOf(parts);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(input);
  for (const [name, value] of Object.entries(parts.transient ?? {})) {
    payload.getTransientmapMap().set(name, Buffer.from(value));
  }
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const bytes = proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature((parts.sign ?? creator.sign)(bytes));
  return { txId: channelHeader.getTxId(), creator, header, input, signed };
}

function newChannelHeader(
  { channelId = 'procurement', chaincode = 'asset' }: ProposalParts,
  txId: string,
): common.ChannelHeader {
  const id = new peer.ChaincodeID();
  id.setName(chaincode);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(id);
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.ENDORSER_TRANSACTION);
  header.setTimestamp(Timestamp.fromDate(new Date()));
  header.setChannelId(channelId);
  header.setTxId(txId);
  header.setExtension$(extension.serializeBinary());
  return header;
}

function invocationOf({ chaincode = 'asset', args }: ProposalParts): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(chaincode);
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((text) => Buffer.from(text)));
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(id);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  return invocation.serializeBinary();
}

/** What a transaction is put together from. */
export interface TransactionParts {
  readonly proposal: RawProposal;
  /** The signed payload, of the first response unless it is forged. */
  readonly payload: Uint8Array;
  readonly endorsements: readonly peer.Endorsement[];
  readonly changeHeader?: (header: common.Header) => void;
  readonly changeTransaction?: (transaction: peer.Transaction) => void;
  /** Serialized chaincode proposal payload in place of the proposal's. */
  readonly proposalPayload?: Uint8Array;
  /** Body under the header in place of the transaction. */
  readonly body?: Uint8Array;
}

/** The signed envelope of a transaction. */
export function newTransaction(parts: TransactionParts): common.Envelope {
  const header = common.Header.deserializeBinary(parts.proposal.header.serializeBinary());
  parts.changeHeader?.(header);
  const proposalPayload = new peer.ChaincodeProposalPayload();
  proposalPayload.setInput(parts.proposal.input);
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(parts.payload);
  endorsed.setEndorsementsList([...parts.endorsements]);
  const content = new peer.ChaincodeActionPayload();
  content.setChaincodeProposalPayload(parts.proposalPayload ?? proposalPayload.serializeBinary());
  content.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(header.getSignatureHeader_asU8());
  action.setPayload(content.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(action);
  parts.changeTransaction?.(transaction);
  return signedEnvelope(
    { header, data: parts.body ?? transaction.serializeBinary() },
    parts.proposal.creator,
  );
}

/** An envelope of any content under a header, signed. */
export function signedEnvelope(
  { header, data }: { header: common.Header; data: Uint8Array },
  signer: SigningIdentity,
): common.Envelope {
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  envelope.setSignature(signer.sign(envelope.getPayload_asU8()));
  return envelope;
}

/** Signs a response payload as an endorser would. */
export function endorsementBy(endorser: SigningIdentity, payload: Uint8Array): peer.Endorsement {
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(endorser.serialized);
  endorsement.setSignature(endorser.sign(Buffer.concat([payload, endorser.serialized])));
  return endorsement;
}

/** A response payload for another proposal. */
export function payloadFor(proposal: RawProposal, payload: Uint8Array): Uint8Array {
  const { header, input } = proposal;
  const content = new peer.ChaincodeProposalPayload();
  content.setInput(input);
  const response = peer.ProposalResponsePayload.deserializeBinary(payload);
  const hash = sha256(
    header.getChannelHeader_asU8(),
    header.getSignatureHeader_asU8(),
    content.serializeBinary(),
  );
  response.setProposalHash(hash);
  return response.serializeBinary();
}
