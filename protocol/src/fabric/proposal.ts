/**
 * Proposals of transactions: built where the key is, and read where they are relayed. The bytes
 * that are signed are those of `protos.Proposal`.
 */
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import {
  ChannelHeader,
  Header,
  HeaderType,
  SignatureHeader,
} from '@hyperledger/fabric-protos/lib/common/common_pb';
import { SerializedIdentity } from '@hyperledger/fabric-protos/lib/msp/identities_pb';
import {
  ChaincodeID,
  ChaincodeInput,
  ChaincodeInvocationSpec,
  ChaincodeSpec,
} from '@hyperledger/fabric-protos/lib/peer/chaincode_pb';
import {
  ChaincodeHeaderExtension,
  ChaincodeProposalPayload,
  Proposal,
} from '@hyperledger/fabric-protos/lib/peer/proposal_pb';
import { equalBytes, fromUtf8, toHex, utf8 } from '../bytes';
import { readStrict, requirePart, sha256Of } from './strict';

/** Bytes of a nonce (fabric `common/crypto/random.go`: NonceSize). */
export const NONCE_LENGTH = 24;
/** Longest argument list and proposal that are read, in bytes. */
const PROPOSAL_BYTES_MAX = 512 * 1024;
const NANOS_PER_MS = 1_000_000;
const MS_PER_SECOND = 1000;

/** The public half of an identity, as it stands in every transaction. */
export interface TransactionCreator {
  readonly mspId: string;
  /** X.509 certificate, PEM. */
  readonly certificate: string;
}

/** A call of one function of one chaincode. */
export interface ChaincodeCall {
  readonly channel: string;
  readonly chaincode: string;
  /** `contract:function`. */
  readonly transaction: string;
  readonly args: readonly string[];
}

/** What a proposal says: a call, by whom, when. */
export interface ProposalContent extends ChaincodeCall {
  readonly creator: TransactionCreator;
  /** 24 bytes, new for every proposal. */
  readonly nonce: Uint8Array;
  /** Time of the transaction, milliseconds since 1970. */
  readonly atMs: number;
}

/** A proposal ready to be signed. */
export interface BuiltProposal {
  /** 64 hexadecimal digits. */
  readonly transactionId: string;
  /** Serialised `protos.Proposal`: the bytes to sign. */
  readonly bytes: Uint8Array;
}

/** A proposal that was read, with the parts that a transaction repeats. */
export interface ReadProposal extends ProposalContent, BuiltProposal {
  readonly channelHeader: Uint8Array;
  readonly signatureHeader: Uint8Array;
  /** Serialised `ChaincodeProposalPayload`; it holds no transient data. */
  readonly payload: Uint8Array;
}

/**
 * Builds a proposal; the same content gives the same bytes. They are those of Fabric's own client
 * library (`@hyperledger/fabric-gateway` proposalbuilder).
 */
export async function buildProposal(content: ProposalContent): Promise<BuiltProposal> {
  const creator = creatorBytes(content.creator);
  const transactionId = await transactionIdOf(content.nonce, creator);
  const signatureHeader = new SignatureHeader();
  signatureHeader.setCreator(creator);
  signatureHeader.setNonce(content.nonce);
  const header = new Header();
  header.setChannelHeader(channelHeaderOf(content, transactionId).serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const proposal = new Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payloadOf(content).serializeBinary());
  return { transactionId, bytes: proposal.serializeBinary() };
}

/**
 * Reads a proposal that calls one chaincode and nothing else: what its content would build again
 * must be the same bytes, so there is no transient data, no unknown field and no second meaning.
 * @throws {FabricMessageError}
 */
export async function readProposal(bytes: Uint8Array): Promise<ReadProposal> {
  requirePart(bytes.length <= PROPOSAL_BYTES_MAX, 'length of the proposal');
  const proposal = readStrict(Proposal, bytes, 'proposal');
  const header = readStrict(Header, proposal.getHeader_asU8(), 'header');
  const channelHeader = header.getChannelHeader_asU8();
  const signatureHeader = header.getSignatureHeader_asU8();
  const payload = proposal.getPayload_asU8();
  const content = {
    ...readChannelHeader(channelHeader),
    ...readSignatureHeader(signatureHeader),
    ...readPayload(payload),
  };
  const again = await buildProposal(content);
  requirePart(equalBytes(again.bytes, bytes), 'proposal');
  return { ...content, ...again, channelHeader, signatureHeader, payload };
}

/** Serialised `msp.SerializedIdentity`. */
export function creatorBytes({ mspId, certificate }: TransactionCreator): Uint8Array {
  const identity = new SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(utf8(certificate));
  return identity.serializeBinary();
}

/**
 * The creator in serialised `msp.SerializedIdentity`.
 * @throws {FabricMessageError}
 */
export function readCreator(bytes: Uint8Array): TransactionCreator {
  const identity = readStrict(SerializedIdentity, bytes, 'creator');
  return {
    mspId: identity.getMspid(),
    certificate: readText(identity.getIdBytes_asU8(), 'creator'),
  };
}

/** The id that nonce and creator give (fabric `protoutil/proputils.go`: ComputeTxID). */
export async function transactionIdOf(nonce: Uint8Array, creator: Uint8Array): Promise<string> {
  return toHex(await sha256Of(nonce, creator));
}

/** Hash of a proposal, which every endorsement repeats (fabric `protoutil`: GetProposalHash2). */
export async function proposalHashOf(
  proposal: Pick<ReadProposal, 'channelHeader' | 'signatureHeader' | 'payload'>,
): Promise<Uint8Array> {
  const { channelHeader, signatureHeader, payload } = proposal;
  return sha256Of(channelHeader, signatureHeader, payload);
}

function channelHeaderOf(content: ProposalContent, transactionId: string): ChannelHeader {
  const extension = new ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId(content.chaincode));
  const timestamp = new Timestamp();
  timestamp.setSeconds(Math.floor(content.atMs / MS_PER_SECOND));
  const restMs = content.atMs - Math.floor(content.atMs / MS_PER_SECOND) * MS_PER_SECOND;
  timestamp.setNanos(restMs * NANOS_PER_MS);
  const header = new ChannelHeader();
  header.setType(HeaderType.ENDORSER_TRANSACTION);
  header.setTxId(transactionId);
  header.setTimestamp(timestamp);
  header.setChannelId(content.channel);
  header.setExtension$(extension.serializeBinary());
  return header;
}

function payloadOf({ chaincode, transaction, args }: ChaincodeCall): ChaincodeProposalPayload {
  const input = new ChaincodeInput();
  input.setArgsList([transaction, ...args].map(utf8));
  const spec = new ChaincodeSpec();
  spec.setType(ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(chaincodeId(chaincode));
  spec.setInput(input);
  const invocation = new ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload;
}

function chaincodeId(name: string): ChaincodeID {
  const id = new ChaincodeID();
  id.setName(name);
  return id;
}

function readChannelHeader(bytes: Uint8Array): Pick<ProposalContent, 'channel' | 'atMs'> {
  const header = readStrict(ChannelHeader, bytes, 'channel header');
  const timestamp = header.getTimestamp();
  requirePart(timestamp !== undefined, 'timestamp');
  const atMs = timestamp.getSeconds() * MS_PER_SECOND + timestamp.getNanos() / NANOS_PER_MS;
  requirePart(Number.isSafeInteger(atMs), 'timestamp');
  return { channel: header.getChannelId(), atMs };
}

function readSignatureHeader(bytes: Uint8Array): Pick<ProposalContent, 'creator' | 'nonce'> {
  const header = readStrict(SignatureHeader, bytes, 'signature header');
  const nonce = header.getNonce_asU8();
  requirePart(nonce.length === NONCE_LENGTH, 'nonce');
  return { creator: readCreator(header.getCreator_asU8()), nonce };
}

function readPayload(
  bytes: Uint8Array,
): Pick<ProposalContent, 'chaincode' | 'transaction' | 'args'> {
  const payload = readStrict(ChaincodeProposalPayload, bytes, 'proposal payload');
  const invocation = readStrict(
    ChaincodeInvocationSpec,
    payload.getInput_asU8(),
    'chaincode invocation',
  );
  const spec = invocation.getChaincodeSpec();
  const [transaction = '', ...args] = (spec?.getInput()?.getArgsList_asU8() ?? []).map((bytes) =>
    readText(bytes, 'argument'),
  );
  return { chaincode: spec?.getChaincodeId()?.getName() ?? '', transaction, args };
}

function readText(bytes: Uint8Array, part: string): string {
  try {
    return fromUtf8(bytes);
  } catch {
    requirePart(false, part);
    return '';
  }
}
