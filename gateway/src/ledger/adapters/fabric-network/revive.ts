import { common, peer } from '@hyperledger/fabric-protos';
import type { CommitAction, ProposalAction } from './sdk';

/**
 * fabric-common keeps what it built inside the object that built it. A step here begins from bytes
 * that may have been stored, so the object is made anew and given those bytes. The fields below are
 * the ones that `Proposal.build` sets and that `Proposal.send` and `Commit.build` read
 * (fabric-common lib/Proposal.js, lib/Commit.js); the package is archived, so they stay.
 */
interface ProposalState {
  _payload: Buffer;
  _action: {
    init: boolean;
    transactionId: string;
    header: { channel_header: Buffer; signature_header: Buffer };
    proposal: { payload: Buffer };
  };
}

/** What stands in the header of a proposal or transaction. */
export interface HeaderFacts {
  readonly chaincode: string;
  readonly transactionId: string;
  readonly channelHeader: Buffer;
  readonly signatureHeader: Buffer;
}

function headerFacts(header: common.Header): HeaderFacts {
  const channelHeader = header.getChannelHeader_asU8();
  const parsed = common.ChannelHeader.deserializeBinary(channelHeader);
  const extension = peer.ChaincodeHeaderExtension.deserializeBinary(parsed.getExtension_asU8());
  return {
    chaincode: extension.getChaincodeId()?.getName() ?? '',
    transactionId: parsed.getTxId(),
    channelHeader: Buffer.from(channelHeader),
    signatureHeader: Buffer.from(header.getSignatureHeader_asU8()),
  };
}

/**
 * @param bytes serialised `protos.Proposal`
 * @returns what its header says
 */
export function proposalHeader(bytes: Uint8Array): HeaderFacts {
  const proposal = peer.Proposal.deserializeBinary(bytes);
  return headerFacts(common.Header.deserializeBinary(proposal.getHeader_asU8()));
}

/**
 * @param bytes serialised `common.Payload`
 * @returns what its header says
 */
export function payloadHeader(bytes: Uint8Array): HeaderFacts {
  const header = common.Payload.deserializeBinary(bytes).getHeader();
  return headerFacts(header ?? new common.Header());
}

/** Gives a fresh `Endorsement` or `Query` the proposal that was built earlier. */
export function reviveProposal(action: ProposalAction, bytes: Uint8Array): ProposalAction {
  const header = proposalHeader(bytes);
  const payload = peer.Proposal.deserializeBinary(bytes).getPayload_asU8();
  const state: ProposalState = {
    _payload: Buffer.from(bytes),
    _action: {
      init: false,
      transactionId: header.transactionId,
      header: { channel_header: header.channelHeader, signature_header: header.signatureHeader },
      proposal: { payload: Buffer.from(payload) },
    },
  };
  return Object.assign(action, state);
}

/** Gives a fresh `Commit` the payload that was built earlier. */
export function reviveCommit(action: CommitAction, payload: Uint8Array): CommitAction {
  return Object.assign(action, { _payload: Buffer.from(payload) });
}
