import { common, peer } from '@hyperledger/fabric-protos';
import { decodeRwset, type NamespaceRwset } from '../state/rwset';

/** An envelope whose layers could not be taken apart. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

/** The layers of an endorser transaction that readers of the ledger want. */
export interface DecodedEnvelope {
  readonly channelHeader: common.ChannelHeader;
  readonly action: peer.ChaincodeAction;
  readonly rwset: readonly NamespaceRwset[];
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new EnvelopeError(`the transaction has no ${what}`);
  return value;
}

/** The chaincode action inside serialized `peer.ChaincodeActionPayload` bytes. */
export function decodeAction(payload: Uint8Array): peer.ChaincodeAction {
  const action = peer.ChaincodeActionPayload.deserializeBinary(payload).getAction();
  const response = peer.ProposalResponsePayload.deserializeBinary(
    required(action, 'endorsed action').getProposalResponsePayload_asU8(),
  );
  return peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
}

/**
 * Takes apart a committed endorser transaction.
 * @throws Error when it is another kind of transaction or not well formed
 */
export function decodeEnvelope(bytes: Uint8Array): DecodedEnvelope {
  const envelope = common.Envelope.deserializeBinary(bytes);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = required(payload.getHeader(), 'header');
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const [first] = transaction.getActionsList();
  const action = decodeAction(required(first, 'action').getPayload_asU8());
  return {
    channelHeader: common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
    action,
    rwset: decodeRwset(action.getResults_asU8()),
  };
}
