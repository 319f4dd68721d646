import { common, ledger, peer } from '@hyperledger/fabric-protos';
import type { RawProposal } from './proposal';
import { sha256 } from './signer';
import type { MessageSigner } from './signer';

/** What a transaction is put together from. */
export interface TransactionParts {
  readonly proposal: RawProposal;
  /** The endorsed payload, of the first response unless it is forged. */
  readonly payload: Uint8Array;
  readonly endorsements: readonly peer.Endorsement[];
  readonly changeHeader?: (header: common.Header) => void;
  readonly changeTransaction?: (transaction: peer.Transaction) => void;
  /** Body under the header in place of the transaction. */
  readonly body?: Uint8Array;
}

/** The signed envelope of a transaction. */
export function newTransaction(parts: TransactionParts): common.Envelope {
  const header = common.Header.deserializeBinary(parts.proposal.header.serializeBinary());
  parts.changeHeader?.(header);
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(parts.payload);
  endorsed.setEndorsementsList([...parts.endorsements]);
  const content = new peer.ChaincodeActionPayload();
  content.setChaincodeProposalPayload(visiblePayload(parts.proposal));
  content.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(header.getSignatureHeader_asU8());
  action.setPayload(content.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(action);
  parts.changeTransaction?.(transaction);
  const data = parts.body ?? transaction.serializeBinary();
  return signedEnvelope({ header, data }, parts.proposal.creator);
}

/** The proposal's payload without its transient map: what everybody may see. */
function visiblePayload({ input }: RawProposal): Uint8Array {
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(input);
  return payload.serializeBinary();
}

/** An envelope of any content under a header, signed. */
export function signedEnvelope(
  { header, data }: { header: common.Header; data: Uint8Array },
  signer: MessageSigner,
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
export function endorsementBy(endorser: MessageSigner, payload: Uint8Array): peer.Endorsement {
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(endorser.serialized);
  endorsement.setSignature(endorser.sign(Buffer.concat([payload, endorser.serialized])));
  return endorsement;
}

/** A response payload with another chaincode action; `change` may also give its bytes. */
export function withAction(
  payload: Uint8Array,
  change: (action: peer.ChaincodeAction) => Uint8Array | undefined,
): Uint8Array {
  const response = peer.ProposalResponsePayload.deserializeBinary(payload);
  const action = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  response.setExtension$(change(action) ?? action.serializeBinary());
  return response.serializeBinary();
}

/** A response payload with other read and write sets. */
export function withRwset(
  payload: Uint8Array,
  change: (sets: ledger.rwset.TxReadWriteSet) => void,
): Uint8Array {
  return withAction(payload, (action) => {
    const results = ledger.rwset.TxReadWriteSet.deserializeBinary(action.getResults_asU8());
    change(results);
    action.setResults(results.serializeBinary());
    return undefined;
  });
}

/** A response payload that fits a header other than the one that was endorsed. */
export function payloadFor(
  header: common.Header,
  proposal: RawProposal,
  payload: Uint8Array,
): Uint8Array {
  const response = peer.ProposalResponsePayload.deserializeBinary(payload);
  response.setProposalHash(
    sha256(
      header.getChannelHeader_asU8(),
      header.getSignatureHeader_asU8(),
      visiblePayload(proposal),
    ),
  );
  return response.serializeBinary();
}

/** The action inside an endorsed payload. */
export function actionOf(payload: Uint8Array): peer.ChaincodeAction {
  const response = peer.ProposalResponsePayload.deserializeBinary(payload);
  return peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
}

/** The channel header of an envelope. */
export function channelHeaderOf(envelope: common.Envelope): common.ChannelHeader {
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = payload.getHeader()?.getChannelHeader_asU8() ?? Buffer.of();
  return common.ChannelHeader.deserializeBinary(header);
}
