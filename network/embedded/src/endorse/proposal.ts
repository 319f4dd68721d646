import { common, peer } from '@hyperledger/fabric-protos';
import { sha256 } from '../../../crypto/hashes';
import { MspError } from '../identity/msp';
import type { MspIdentity } from '../identity/msp';
import { decode } from '../wire/protobuf';

/** A proposal that no peer processes; the text is what the client sees. */
export class ProposalError extends Error {
  override readonly name = 'ProposalError';
}

/** A signed proposal taken apart. All fields come from the client and are unchecked. */
export interface UnpackedProposal {
  readonly signed: peer.SignedProposal;
  readonly header: common.Header;
  readonly channelId: string;
  readonly txId: string;
  /** common.HeaderType, or another number. */
  readonly headerType: number;
  readonly epoch: number;
  readonly nonce: Uint8Array;
  /** msp.SerializedIdentity bytes. */
  readonly creator: Uint8Array;
  readonly chaincodeName: string;
  readonly input: peer.ChaincodeInput;
  /** The proposal's payload without transient data, serialized: part of the transaction. */
  readonly publicPayload: Uint8Array;
  readonly hasTransientData: boolean;
  /** SHA-256 over channel header, signature header and `publicPayload`. */
  readonly proposalHash: Buffer;
}

/** The peers of one process get the same object, so each proposal is taken apart once. */
const unpackedBySigned = new WeakMap<peer.SignedProposal, UnpackedProposal>();

/**
 * Takes a signed proposal apart, in Fabric's order of checks.
 * @throws MalformedMessageError when a part does not decode
 * @throws ProposalError when a part is missing
 * Source: core/endorser/msgvalidation.go:UnpackProposal
 */
export function unpackProposal(signed: peer.SignedProposal): UnpackedProposal {
  const known = unpackedBySigned.get(signed);
  if (known) return known;
  const unpacked = unpack(signed);
  unpackedBySigned.set(signed, unpacked);
  return unpacked;
}

function unpack(signed: peer.SignedProposal): UnpackedProposal {
  const proposal = decode(peer.Proposal, 'Proposal', signed.getProposalBytes_asU8());
  const header = decode(common.Header, 'Header', proposal.getHeader_asU8());
  const channel = decode(common.ChannelHeader, 'ChannelHeader', header.getChannelHeader_asU8());
  const signature = decode(
    common.SignatureHeader,
    'SignatureHeader',
    header.getSignatureHeader_asU8(),
  );
  const chaincodeName = chaincodeNameOf(channel);
  const payload = decode(
    peer.ChaincodeProposalPayload,
    'ChaincodeProposalPayload',
    proposal.getPayload_asU8(),
  );
  const publicPayload = withoutTransientData(payload);
  return {
    signed,
    header,
    channelId: channel.getChannelId(),
    txId: channel.getTxId(),
    headerType: channel.getType(),
    epoch: channel.getEpoch(),
    nonce: signature.getNonce_asU8(),
    creator: signature.getCreator_asU8(),
    chaincodeName,
    input: inputOf(payload),
    publicPayload,
    hasTransientData: payload.getTransientmapMap().getLength() > 0,
    proposalHash: sha256(
      header.getChannelHeader_asU8(),
      header.getSignatureHeader_asU8(),
      publicPayload,
    ),
  };
}

function chaincodeNameOf(channel: common.ChannelHeader): string {
  const id = decode(
    peer.ChaincodeHeaderExtension,
    'ChaincodeHeaderExtension',
    channel.getExtension_asU8(),
  ).getChaincodeId();
  if (!id) throw new ProposalError('ChaincodeHeaderExtension.ChaincodeId is nil');
  if (id.getName() === '') {
    throw new ProposalError('ChaincodeHeaderExtension.ChaincodeId.Name is empty');
  }
  return id.getName();
}

function inputOf(payload: peer.ChaincodeProposalPayload): peer.ChaincodeInput {
  const spec = decode(
    peer.ChaincodeInvocationSpec,
    'ChaincodeInvocationSpec',
    payload.getInput_asU8(),
  ).getChaincodeSpec();
  if (!spec) {
    throw new ProposalError('chaincode invocation spec did not contain chaincode spec');
  }
  const input = spec.getInput();
  if (!input) throw new ProposalError('chaincode input did not contain any input');
  return input;
}

function withoutTransientData(payload: peer.ChaincodeProposalPayload): Uint8Array {
  const publicPart = new peer.ChaincodeProposalPayload();
  publicPart.setInput(payload.getInput_asU8());
  return publicPart.serializeBinary();
}

/** Who may be a creator: the MSPs of the channel, or the peer's own when there is no channel. */
export interface CreatorDirectory {
  /** @throws MspError */
  deserialize(serialized: Uint8Array): MspIdentity;
  /** @throws MspError */
  validate(identity: MspIdentity): void;
}

/**
 * Checks header, transaction id and the creator's signature. The timestamp is the business of
 * `proposal-filters.ts`.
 * @throws ProposalError with Fabric's text
 * Source: core/endorser/msgvalidation.go:Validate
 */
export function validateProposal(proposal: UnpackedProposal, directory: CreatorDirectory): void {
  checkHeader(proposal);
  const refused = `access denied: channel [${proposal.channelId}] creator org`;
  const unknown = `${refused} unknown, creator is malformed`;
  const creator = orRefuse(unknown, () => directory.deserialize(proposal.creator));
  const denied = `${refused} [${creator.mspId}]`;
  orRefuse(denied, () => {
    directory.validate(creator);
  });
  const { signed } = proposal;
  if (!creator.verify(signed.getProposalBytes_asU8(), signed.getSignature_asU8())) {
    throw new ProposalError(denied);
  }
}

function checkHeader(proposal: UnpackedProposal): void {
  const { headerType } = proposal;
  const { ENDORSER_TRANSACTION, CONFIG } = common.HeaderType;
  if (headerType !== ENDORSER_TRANSACTION && headerType !== CONFIG) {
    throw new ProposalError(`invalid header type ${nameOfHeaderType(headerType)}`);
  }
  if (proposal.epoch !== 0) throw new ProposalError('epoch is non-zero');
  if (proposal.nonce.length === 0) throw new ProposalError('nonce is empty');
  if (proposal.creator.length === 0) throw new ProposalError('creator is empty');
  const expected = sha256(proposal.nonce, proposal.creator).toString('hex');
  if (proposal.txId !== expected) {
    throw new ProposalError(
      `incorrectly computed txid '${proposal.txId}' -- expected '${expected}'`,
    );
  }
  if (proposal.signed.getSignature_asU8().length === 0) {
    throw new ProposalError('empty signature bytes');
  }
}

function nameOfHeaderType(headerType: number): string {
  const named = Object.entries(common.HeaderType).find(([, value]) => value === headerType);
  return named ? named[0] : String(headerType);
}

function orRefuse<T>(text: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof MspError) throw new ProposalError(text);
    throw error;
  }
}
