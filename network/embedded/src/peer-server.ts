import type { PeerChannel } from './peer-channel';
import type { Peer } from './peer';
import { checkAccess } from './endorse/access-control';
import { needsOfInterest } from './endorse/interest-policies';
import type { OrderingNode } from './ordering-node';
import type { Clock, Log } from './seams';
import { discoveryService } from './wire/discovery-service';
import type { DiscoveryContext } from './wire/discovery-service';
import type { GatewayContext, GatewayNode } from './wire/gateway-context';
import { CallSlots, limited } from './wire/concurrency-limits';
import { gatewayService } from './wire/gateway-service';
import { endorserService, peerDeliverService } from './wire/peer-services';
import type { RpcService } from './wire/rpc-server';

/** What the services of a peer work with. */
export interface PeerServiceParts {
  readonly peer: Peer;
  /** All peers of the network, this one included. */
  readonly peers: readonly Peer[];
  readonly ordering: OrderingNode;
  /** Where the ordering node listens, by MSP id. */
  readonly ordererEndpoints: () => ReadonlyMap<string, readonly { host: string; port: number }[]>;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the network closes. */
  readonly closing: AbortSignal;
}

/** The gRPC services of one peer. */
export function peerServices(parts: PeerServiceParts): readonly RpcService[] {
  const { peer, clock, log, closing } = parts;
  const { limits } = peer;
  const channel = (channelId: string): PeerChannel | undefined => peer.channels.get(channelId);
  return [
    limited(endorserService(peer), peer.endorserSlots),
    limited(
      peerDeliverService({ channel, clock, log, closing }),
      new CallSlots({ service: '/protos.Deliver', limit: limits.deliverService }),
    ),
    limited(
      gatewayService(gatewayNode(parts)),
      new CallSlots({ service: '/gateway.Gateway', limit: limits.gatewayService }),
    ),
    discoveryService({
      ...{ log, peers: parts.peers, localMsp: peer.localMsp },
      channel: (channelId) => discoveryContext(parts, channelId),
    }),
  ];
}

function gatewayNode(parts: PeerServiceParts): GatewayNode {
  const { peer, ordering, log, closing } = parts;
  const contexts = new Map<string, GatewayContext>();
  return {
    log,
    closing,
    channel: (channelId) => {
      const channel = peer.channels.get(channelId);
      if (!channel) return undefined;
      let context = contexts.get(channelId);
      if (!context) contexts.set(channelId, (context = gatewayContext(parts, channel)));
      return context;
    },
    broadcast: (envelope) => ordering.broadcast(envelope),
    checkAccess: (resource, channelId, signed) => {
      const channel = peer.channels.get(channelId)?.config;
      checkAccess({ resource, channelId, channel, signed });
    },
  };
}

function gatewayContext(parts: PeerServiceParts, channel: PeerChannel): GatewayContext {
  return {
    local: channel,
    get peers() {
      return membersOf(parts, channel);
    },
    feed: channel.feed,
    needsOf: (interest) => needsOf(channel, interest),
    transactionStatus: (txId) => channel.transactionStatus(txId),
    awaitTransaction: (txId, signal) => channel.awaitTransaction(txId, signal),
  };
}

function discoveryContext(
  parts: PeerServiceParts,
  channelId: string,
): DiscoveryContext | undefined {
  const channel = parts.peer.channels.get(channelId);
  return (
    channel && {
      config: channel.config,
      log: parts.log,
      compat: parts.peer.compat,
      peers: membersOf(parts, channel),
      needsOf: (interest) => needsOf(channel, interest),
      orderers: parts.ordererEndpoints,
    }
  );
}

function needsOf(
  channel: PeerChannel,
  interest: Parameters<typeof needsOfInterest>[0],
): ReturnType<typeof needsOfInterest> {
  const { config, definitions, collections, ledger } = channel;
  return needsOfInterest(interest, { config, definitions, collections, state: ledger.state });
}

/** The channel on the peers of its members at the moment. */
function membersOf({ peers }: PeerServiceParts, { channelId }: PeerChannel): PeerChannel[] {
  return peers
    .flatMap((one) => one.channels.get(channelId) ?? [])
    .filter((channel) => channel.isMember);
}
