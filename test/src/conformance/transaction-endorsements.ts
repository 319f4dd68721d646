import { common, msp, peer } from '@hyperledger/fabric-protos';
import type { MessageSigner } from '@procurement/network/messages/signer';
import { signedEnvelope } from '@procurement/network/messages/transaction';

/** The same transaction with the same id, but without endorsements. */
export function withoutEndorsements(
  envelope: common.Envelope,
  creator: MessageSigner,
): common.Envelope {
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const [action] = transaction.getActionsList();
  const content = peer.ChaincodeActionPayload.deserializeBinary(action!.getPayload_asU8());
  content.getAction()!.setEndorsementsList([]);
  action!.setPayload(content.serializeBinary());
  return signedEnvelope(
    { header: payload.getHeader()!, data: transaction.serializeBinary() },
    creator,
  );
}

/** MSP ids of those who endorsed a transaction, in order. */
export function endorsersOf(envelope: common.Envelope): string[] {
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  return peer.ChaincodeActionPayload.deserializeBinary(action!.getPayload_asU8())
    .getAction()!
    .getEndorsementsList()
    .map((one) => msp.SerializedIdentity.deserializeBinary(one.getEndorser_asU8()).getMspid());
}
