import { status } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';
import type { EndorsementNeeds } from '../endorse/interest-policies';
import type { BlockFeed } from '../order/block-feed';
import type { BroadcastAnswer } from '../ordering-service';
import type { SignedDatum } from '../policy/signature-policy';
import type { common } from '@hyperledger/fabric-protos';
import type { Log } from '../seams';
import type { EndorsingPeer } from './endorsing-peer';
import { RpcError } from './rpc-error';

/** Result of a committed transaction. */
export interface TransactionStatus {
  /** peer.TxValidationCode. */
  readonly code: number;
  readonly blockNumber: number;
}

/** What the gateway of one peer works with. */
export interface GatewayNode {
  readonly log: Log;
  /** Aborted when the network closes. */
  readonly closing: AbortSignal;
  /** A channel that the peer has joined. */
  channel(channelId: string): GatewayContext | undefined;
  broadcast(envelope: common.Envelope): Promise<BroadcastAnswer>;
  /** @throws Error with Fabric's text when the signer may not use the resource */
  checkAccess(resource: string, channelId: string, signed: SignedDatum): void;
}

/** One channel as the gateway of a peer sees it. */
export interface GatewayContext {
  /** The peer that runs this gateway. */
  readonly local: EndorsingPeer;
  /** All peers of the channel's members at the moment, the local one included. */
  readonly peers: readonly EndorsingPeer[];
  readonly feed: BlockFeed;
  /**
   * What endorsements for this interest need.
   * @returns undefined when a chaincode is not defined
   * @throws Error with Fabric's text when a collection is not defined
   */
  needsOf(interest: peer.ChaincodeInterest): EndorsementNeeds | undefined;
  /** Status of a transaction that is on the ledger. */
  transactionStatus(txId: string): TransactionStatus | undefined;
  /** Waits for a transaction. */
  awaitTransaction(txId: string, signal: AbortSignal): Promise<TransactionStatus | undefined>;
}

/**
 * The channel of a request whose access was checked, and which therefore exists.
 * @throws RpcError NOT_FOUND all the same, should it not
 */
export function channelOf(request: { getChannelId(): string }, node: GatewayNode): GatewayContext {
  const channelId = request.getChannelId();
  const context = node.channel(channelId);
  if (!context) throw new RpcError(status.NOT_FOUND, `error creating ledger ${channelId}`);
  return context;
}

/** The text of a channel that the peer has not joined. */
export function noChannelConfigText(channelId: string): string {
  return (
    `failed to get config for channel [${channelId}]: ` +
    `could not get last config for channel ${channelId}`
  );
}

/** The text of an unknown chaincode in an endorsement plan. */
export function noMetadataText(chaincodeName: string, channelId: string): string {
  return `No metadata was found for chaincode ${chaincodeName} in channel ${channelId}`;
}
