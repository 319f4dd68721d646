import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { sha256 } from '../../../crypto/hashes';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import type { Clock } from '../seams';

const nonceBytes = 24;

/** What a CONFIG transaction is made of. */
export interface ConfigTransactionParts {
  readonly channelId: string;
  readonly content: common.ConfigEnvelope;
  /** The ordering node; absent in a genesis block, which nobody signs. */
  readonly signer?: SigningIdentity;
  readonly clock: Clock;
}

/**
 * A transaction that holds a whole configuration. Its transaction id is empty where the ordering
 * node signs it, as in Fabric.
 * Source: protoutil/txutils.go:CreateSignedEnvelope, common/genesis/genesis.go
 */
export function configTransaction(parts: ConfigTransactionParts): common.Envelope {
  const { signer } = parts;
  const nonce = randomBytes(nonceBytes);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setNonce(nonce);
  if (signer) signatureHeader.setCreator(signer.serialized);
  const timestamp = new Timestamp();
  timestamp.setSeconds(Math.floor(parts.clock.nowMs() / 1000));
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setVersion(signer ? 0 : 1);
  channelHeader.setChannelId(parts.channelId);
  channelHeader.setTimestamp(timestamp);
  if (!signer) channelHeader.setTxId(sha256(nonce).toString('hex'));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(parts.content.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  if (signer) envelope.setSignature(signer.sign(envelope.getPayload_asU8()));
  return envelope;
}
