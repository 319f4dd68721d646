import { randomBytes } from 'node:crypto';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common, peer } from '@hyperledger/fabric-protos';
import { sha256 } from './signer';
import type { MessageSigner } from './signer';

/** A proposal made by hand, so that any part of it can be wrong. */
export interface RawProposal {
  readonly txId: string;
  readonly creator: MessageSigner;
  readonly header: common.Header;
  /** Serialized chaincode invocation. */
  readonly input: Uint8Array;
  readonly signed: peer.SignedProposal;
}

/** What a proposal says; the hooks change it before it is serialized. */
export interface ProposalParts {
  readonly creator: MessageSigner;
  readonly channel: string;
  readonly chaincode: string;
  readonly args: readonly (string | Uint8Array)[];
  readonly transient?: Readonly<Record<string, string | Uint8Array>>;
  readonly changeChannelHeader?: (header: common.ChannelHeader) => void;
  readonly changeSignatureHeader?: (header: common.SignatureHeader) => void;
  /** Whether the chaincode is to be initialized; default: no. */
  readonly isInit?: boolean;
  /** Signs in place of the creator. */
  readonly signer?: MessageSigner;
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
  const signed = signedProposal(proposal.serializeBinary(), parts.signer ?? creator);
  return { txId: channelHeader.getTxId(), creator, header, input, signed };
}

/** Any bytes in place of a proposal, signed. */
export function signedProposal(bytes: Uint8Array, signer: MessageSigner): peer.SignedProposal {
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(signer.sign(bytes));
  return signed;
}

function newChannelHeader(
  { channel, chaincode }: ProposalParts,
  txId: string,
): common.ChannelHeader {
  const id = new peer.ChaincodeID();
  id.setName(chaincode);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(id);
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.ENDORSER_TRANSACTION);
  header.setTimestamp(Timestamp.fromDate(new Date()));
  header.setChannelId(channel);
  header.setTxId(txId);
  header.setExtension$(extension.serializeBinary());
  return header;
}

function invocationOf({ chaincode, args, isInit = false }: ProposalParts): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(chaincode);
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((one) => Buffer.from(one)));
  input.setIsInit(isInit);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(id);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  return invocation.serializeBinary();
}
