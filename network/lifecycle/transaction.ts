import { createHash, randomBytes } from 'node:crypto';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common, peer } from '@hyperledger/fabric-protos';
import type { LifecycleSigner } from './lifecycle-peer';

const LIFECYCLE = '_lifecycle';
const NONCE_BYTES = 24;

/** A proposal to the `_lifecycle` chaincode, and what a transaction is made of it. */
export interface LifecycleProposal {
  readonly txId: string;
  readonly signed: peer.SignedProposal;
  readonly header: common.Header;
  /** Serialized peer.ChaincodeProposalPayload. */
  readonly payload: Uint8Array;
}

/**
 * A signed call of a function of `_lifecycle` or of another system chaincode.
 * @param call.channel empty for the functions that concern the peer alone
 * @param call.argument the serialized argument message of the function
 */
export function createProposal(
  call: {
    readonly channel: string;
    readonly chaincode?: string;
    readonly name: string;
    readonly argument: Uint8Array;
  },
  signer: LifecycleSigner,
  now: Date,
): LifecycleProposal {
  const nonce = randomBytes(NONCE_BYTES);
  const txId = createHash('sha256').update(nonce).update(signer.serialized).digest('hex');
  const header = new common.Header();
  const { channel, chaincode = LIFECYCLE } = call;
  header.setChannelHeader(channelHeader({ channel, chaincode, txId, now }));
  const signature = new common.SignatureHeader();
  signature.setCreator(signer.serialized);
  signature.setNonce(nonce);
  header.setSignatureHeader(signature.serializeBinary());
  const payload = invocation(chaincode, [Buffer.from(call.name), call.argument]);
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload);
  const bytes = proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(signer.sign(bytes));
  return { txId, signed, header, payload };
}

/** The signed transaction of a proposal and its endorsements, which agree. */
export function createTransaction(
  proposal: LifecycleProposal,
  responses: readonly peer.ProposalResponse[],
  signer: LifecycleSigner,
): common.Envelope {
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(responses[0]?.getPayload_asU8() ?? '');
  endorsed.setEndorsementsList(responses.flatMap((one) => one.getEndorsement() ?? []));
  const content = new peer.ChaincodeActionPayload();
  content.setChaincodeProposalPayload(proposal.payload);
  content.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(proposal.header.getSignatureHeader_asU8());
  action.setPayload(content.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([action]);
  const payload = new common.Payload();
  payload.setHeader(proposal.header);
  payload.setData(transaction.serializeBinary());
  const bytes = payload.serializeBinary();
  const envelope = new common.Envelope();
  envelope.setPayload(bytes);
  envelope.setSignature(signer.sign(bytes));
  return envelope;
}

function chaincodeId(name: string): peer.ChaincodeID {
  const id = new peer.ChaincodeID();
  id.setName(name);
  return id;
}

function channelHeader(parts: {
  channel: string;
  chaincode: string;
  txId: string;
  now: Date;
}): Uint8Array {
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId(parts.chaincode));
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.ENDORSER_TRANSACTION);
  header.setChannelId(parts.channel);
  header.setTxId(parts.txId);
  header.setTimestamp(Timestamp.fromDate(parts.now));
  header.setExtension$(extension.serializeBinary());
  return header.serializeBinary();
}

function invocation(chaincode: string, args: Uint8Array[]): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.GOLANG);
  spec.setChaincodeId(chaincodeId(chaincode));
  spec.setInput(input);
  const invoked = new peer.ChaincodeInvocationSpec();
  invoked.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invoked.serializeBinary());
  return payload.serializeBinary();
}
