import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { common, orderer } from '@hyperledger/fabric-protos';
import type { MessageSigner } from './signer';
import { signedEnvelope } from './transaction';

/** A request for blocks. */
export interface Seek {
  readonly signer: MessageSigner;
  readonly start: number | 'newest';
  /** Default: as `start`. */
  readonly stop?: number | 'newest';
  readonly failIfNotReady?: boolean;
  readonly channel: string;
  /** Difference of the header's time from the clock; undefined = no time at all. */
  readonly offsetMs?: number | undefined;
}

/** The signed envelope that a Deliver service takes. */
export function seekEnvelope(seek: Seek): common.Envelope {
  const { signer, channel } = seek;
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.DELIVER_SEEK_INFO);
  channelHeader.setChannelId(channel);
  const offsetMs = 'offsetMs' in seek ? seek.offsetMs : 0;
  if (offsetMs !== undefined) {
    channelHeader.setTimestamp(Timestamp.fromDate(new Date(Date.now() + offsetMs)));
  }
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(signer.serialized);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const info = new orderer.SeekInfo();
  info.setStart(positionOf(seek.start));
  info.setStop(positionOf(seek.stop ?? seek.start));
  const { BLOCK_UNTIL_READY, FAIL_IF_NOT_READY } = orderer.SeekInfo.SeekBehavior;
  info.setBehavior(seek.failIfNotReady === true ? FAIL_IF_NOT_READY : BLOCK_UNTIL_READY);
  return signedEnvelope({ header, data: info.serializeBinary() }, signer);
}

function positionOf(at: number | 'newest'): orderer.SeekPosition {
  const position = new orderer.SeekPosition();
  if (at === 'newest') {
    position.setNewest(new orderer.SeekNewest());
    return position;
  }
  const specified = new orderer.SeekSpecified();
  specified.setNumber(at);
  position.setSpecified(specified);
  return position;
}

/** Name of a status of the block services, such as `NOT_FOUND`. */
export function statusName(code: number): string {
  return Object.entries(common.Status).find(([, value]) => value === code)?.[0] ?? String(code);
}
