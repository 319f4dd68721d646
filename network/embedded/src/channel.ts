import type { ChaincodeDefinitions } from './commit/definitions';
import type { ChannelConfig } from './config/channel-config';
import type { Ledger } from './state/ledger';

/** A channel as a peer that joined it has it. */
export interface JoinedChannel {
  readonly channelId: string;
  /** At the moment: a configuration block replaces it, so read it again for each use. */
  readonly config: ChannelConfig;
  readonly ledger: Ledger;
  readonly definitions: ChaincodeDefinitions;
}

/** The channels of a peer by name. */
export type JoinedChannels<Channel extends JoinedChannel = JoinedChannel> = ReadonlyMap<
  string,
  Channel
>;
