import type { common } from '@hyperledger/fabric-protos';
import { seekEnvelope } from '@procurement/network/messages/seek';
import type { Seek } from '@procurement/network/messages/seek';

/** A request for blocks; the channel is `procurement` unless said otherwise. */
export type ProcurementSeek = Omit<Seek, 'channel'> & Partial<Pick<Seek, 'channel'>>;

/** The signed envelope that a Deliver service takes. */
export function procurementSeek(seek: ProcurementSeek): common.Envelope {
  return seekEnvelope({ channel: 'procurement', ...seek });
}
