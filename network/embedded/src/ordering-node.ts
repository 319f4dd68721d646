import type { common } from '@hyperledger/fabric-protos';
import type { Compat } from '../../topology';
import { badRequest, channelIdOf } from './order/broadcast-filters';
import type { BroadcastAnswer, OrderingService } from './ordering-service';

/** The answer to a message for a channel that does not exist, by generation of Fabric. */
const unknownChannelTexts: Readonly<Record<Compat, string>> = {
  '2.5': 'channel creation request not allowed because the orderer system channel is not defined',
  '3.1': 'channel does not exist',
};

/** The ordering node with all its channels. Source: orderer/common/multichannel/registrar.go. */
export class OrderingNode {
  readonly #channels: ReadonlyMap<string, OrderingService>;
  readonly #compat: Compat;

  /** @param parts.channels by channel name */
  constructor(parts: { channels: ReadonlyMap<string, OrderingService>; compat: Compat }) {
    this.#channels = parts.channels;
    this.#compat = parts.compat;
  }

  /** The ordering of a channel, undefined when there is no such channel. */
  channel(channelId: string): OrderingService | undefined {
    return this.#channels.get(channelId);
  }

  /** Hands a message to the channel that it names, or says why not. */
  broadcast(envelope: common.Envelope): Promise<BroadcastAnswer> {
    return Promise.resolve(envelope).then((message) => this.#order(message));
  }

  #order(envelope: common.Envelope): BroadcastAnswer {
    const channelId = channelIdOf(envelope);
    if (typeof channelId !== 'string') return channelId;
    const ordering = this.#channels.get(channelId);
    if (!ordering) return badRequest(unknownChannelTexts[this.#compat]);
    return ordering.broadcast(envelope);
  }
}
