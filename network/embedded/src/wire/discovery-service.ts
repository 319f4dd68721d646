import { discovery, gossip } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../topology';
import type { ChannelConfig } from '../config/channel-config';
import { checkAccess, checkLocalAccess } from '../endorse/access-control';
import { endorsementLayouts } from '../endorse/endorsement-plan';
import type { EndorsementNeeds } from '../endorse/interest-policies';
import type { LocalMsp } from '../identity/local-msp';
import type { SignedDatum } from '../policy/signature-policy';
import { textOf } from '../../../machine/text-of';
import type { Log } from '../seams';
import type { EndorsingPeer } from './endorsing-peer';
import { decode } from './protobuf';
import { unary } from './rpc-server';
import type { RpcService } from './rpc-server';

/** A chaincode as peers tell each other about it. */
export interface DiscoveredChaincode {
  readonly name: string;
  /** The sequence of its definition (core/chaincode/lifecycle/metadata_provider.go). */
  readonly version: string;
}

/** What the Discovery service of one peer works with. */
export interface DiscoveryNode {
  readonly log: Log;
  /** A channel that the peer has joined. */
  channel(channelId: string): DiscoveryContext | undefined;
  /** The peer's own organization, whose administrators may ask for peers of no channel. */
  readonly localMsp: LocalMsp;
  /** The peers that are alive, one for each organization, this one included. */
  readonly peers: readonly AlivePeer[];
}

/** A peer as others know it without any channel. */
export interface AlivePeer {
  readonly mspId: string;
  /** `host:port`. */
  readonly address: string;
  /** msp.SerializedIdentity bytes. */
  readonly serializedIdentity: Uint8Array;
}

/** One channel as the Discovery service sees it. */
export interface DiscoveryContext {
  /** At the moment. */
  readonly config: ChannelConfig;
  readonly log: Log;
  /** How protobuf texts look in error texts. */
  readonly compat: Compat;
  readonly peers: readonly DiscoveredPeer[];
  /** Where the ordering node listens, by MSP id. */
  readonly orderers: () => ReadonlyMap<string, readonly { host: string; port: number }[]>;
  /** @returns undefined when a chaincode is not defined @throws Error for an undefined collection */
  needsOf(interest: peer.ChaincodeInterest): EndorsementNeeds | undefined;
}

/** A peer with all that discovery tells about it. */
export interface DiscoveredPeer extends EndorsingPeer, AlivePeer {
  /** The chaincodes that it can run. */
  chaincodes(): Promise<readonly DiscoveredChaincode[]>;
}

class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
}

/** The Discovery service (`/discovery.Discovery`). Source: discovery/service.go. */
export function discoveryService(node: DiscoveryNode): RpcService {
  return {
    definition: discovery.DiscoveryService,
    handlers: { discover: unary((signed: discovery.SignedRequest) => discover(signed, node)) },
  };
}

async function discover(
  signed: discovery.SignedRequest,
  node: DiscoveryNode,
): Promise<discovery.Response> {
  const request = decode(discovery.Request, 'Request', signed.getPayload_asU8());
  const authentication = request.getAuthentication();
  if (!authentication) {
    throw new DiscoveryError('access denied, no authentication info in request');
  }
  const identity = authentication.getClientIdentity_asU8();
  if (identity.length === 0) {
    throw new DiscoveryError("access denied, client identity wasn't supplied");
  }
  const datum = {
    data: signed.getPayload_asU8(),
    identity,
    signature: signed.getSignature_asU8(),
  };
  const response = new discovery.Response();
  response.setResultsList(
    await Promise.all(
      request.getQueriesList().map(async (query) => {
        try {
          if (query.getChannel() === '') return answerLocalQuery(query, datum, node);
          return await answerQuery(query, eligibleChannel(query.getChannel(), datum, node));
        } catch (error) {
          return failed(textOf(error));
        }
      }),
    ),
  );
  return response;
}

/** An unknown channel and a stranger get the same answer, which tells neither apart. */
function eligibleChannel(
  channelId: string,
  signed: SignedDatum,
  node: DiscoveryNode,
): DiscoveryContext {
  try {
    const context = node.channel(channelId);
    const channel = context?.config;
    checkAccess({ resource: 'discovery/Discover', channelId, channel, signed });
    if (context) return context;
  } catch (error) {
    node.log.info(`a client may not discover channel [${channelId}]: ${textOf(error)}`);
  }
  throw new DiscoveryError('access denied');
}

/** Source: discovery/service.go:localMembershipResponse, internal/peer/node/start.go */
function answerLocalQuery(
  query: discovery.Query,
  signed: SignedDatum,
  node: DiscoveryNode,
): discovery.QueryResult {
  if (!isLocalAdmin(signed, node)) throw new DiscoveryError('access denied');
  if (!query.hasLocalPeers()) throw new DiscoveryError('unknown or missing request type');
  const members = new discovery.PeerMembershipResult();
  for (const one of node.peers) {
    const listed = new discovery.Peers();
    listed.addPeers(alivePeerMessage(one));
    members.getPeersByOrgMap().set(one.mspId, listed);
  }
  const result = new discovery.QueryResult();
  result.setMembers(members);
  return result;
}

function isLocalAdmin({ data, identity, signature }: SignedDatum, node: DiscoveryNode): boolean {
  const { localMsp } = node;
  try {
    checkLocalAccess({ role: 'Admins', localMsp, creator: identity });
    return localMsp.deserialize(identity).verify(data, signature);
  } catch (error) {
    node.log.info(`a client may not discover local peers: ${textOf(error)}`);
    return false;
  }
}

async function answerQuery(
  query: discovery.Query,
  context: DiscoveryContext,
): Promise<discovery.QueryResult> {
  const { CONFIG_QUERY, PEER_QUERY, CC_QUERY } = discovery.Query.QueryCase;
  const result = new discovery.QueryResult();
  switch (query.getQueryCase()) {
    case CONFIG_QUERY:
      result.setConfigResult(configResult(context));
      return result;
    case PEER_QUERY:
      result.setMembers(await membership(context));
      return result;
    case CC_QUERY:
      result.setCcQueryRes(await chaincodeResult(query.getCcQuery(), context));
      return result;
    default:
      throw new DiscoveryError('unknown or missing request type');
  }
}

function configResult(context: DiscoveryContext): discovery.ConfigResult {
  const result = new discovery.ConfigResult();
  for (const [mspId, config] of context.config.mspConfigs) result.getMspsMap().set(mspId, config);
  for (const [mspId, endpoints] of context.orderers()) {
    const listed = new discovery.Endpoints();
    listed.setEndpointList(
      endpoints.map(({ host, port }) => {
        const endpoint = new discovery.Endpoint();
        endpoint.setHost(host);
        endpoint.setPort(port);
        return endpoint;
      }),
    );
    result.getOrderersMap().set(mspId, listed);
  }
  return result;
}

async function membership(context: DiscoveryContext): Promise<discovery.PeerMembershipResult> {
  const result = new discovery.PeerMembershipResult();
  for (const one of context.peers) {
    result.getPeersByOrgMap().set(one.mspId, await peersMessage([one]));
  }
  return result;
}

async function chaincodeResult(
  query: discovery.ChaincodeQuery | undefined,
  context: DiscoveryContext,
): Promise<discovery.ChaincodeQueryResult> {
  const interests = query?.getInterestsList() ?? [];
  checkInterests(interests);
  const result = new discovery.ChaincodeQueryResult();
  const descriptors = interests.map((interest) => descriptorOf(interest, context));
  result.setContentList(await Promise.all(descriptors));
  return result;
}

function checkInterests(interests: readonly peer.ChaincodeInterest[]): void {
  if (interests.length === 0) {
    throw new DiscoveryError('chaincode query must have at least one chaincode interest');
  }
  for (const interest of interests) {
    const calls = interest.getChaincodesList();
    if (calls.length === 0) {
      throw new DiscoveryError('chaincode interest must contain at least one chaincode');
    }
    if (calls.some((call) => call.getName() === '')) {
      throw new DiscoveryError('chaincode name in interest cannot be empty');
    }
  }
}

/** Every organization is a group of its own, since each has one peer. */
async function descriptorOf(
  interest: peer.ChaincodeInterest,
  context: DiscoveryContext,
): Promise<discovery.EndorsementDescriptor> {
  const names = interest.getChaincodesList().map((call) => call.getName());
  const layouts = layoutsOf(interest, context);
  if (layouts.length === 0) {
    throw new DiscoveryError(
      `failed constructing descriptor for ${describe(interest, context.compat)}`,
    );
  }
  const descriptor = new discovery.EndorsementDescriptor();
  descriptor.setChaincode(names[0] ?? '');
  for (const one of new Set(layouts.flat())) {
    descriptor.getEndorsersByGroupsMap().set(groupOf(one), await peersMessage([one]));
  }
  descriptor.setLayoutsList(
    layouts.map((members) => {
      const layout = new discovery.Layout();
      for (const one of members) layout.getQuantitiesByGroupMap().set(groupOf(one), 1);
      return layout;
    }),
  );
  return descriptor;
}

function layoutsOf(
  interest: peer.ChaincodeInterest,
  context: DiscoveryContext,
): readonly (readonly DiscoveredPeer[])[] {
  try {
    const needs = context.needsOf(interest);
    if (!needs) return [];
    const { policies, mayEndorse } = needs;
    const names = interest.getChaincodesList().map((call) => call.getName());
    const members = context.peers
      .filter((one) => names.every((name) => one.hasChaincode(name)))
      .filter(({ identity }) => mayEndorse?.(identity) ?? true);
    return endorsementLayouts({ members, policies });
  } catch (error) {
    context.log.info(`no descriptor for a chaincode query: ${textOf(error)}`);
    return [];
  }
}

/** An interest in protobuf's text form, as the Go libraries of a generation print it. */
function describe(interest: peer.ChaincodeInterest, compat: Compat): string {
  const calls = interest.getChaincodesList().map((call) => {
    const names = call.getCollectionNamesList().map((name) => `collection_names:"${name}"`);
    return [`name:"${call.getName()}"`, ...names].join(' ');
  });
  if (compat === '2.5') return calls.map((call) => `chaincodes:<${call} > `).join('');
  return calls.map((call) => `chaincodes:{${call}}`).join(' ');
}

function groupOf(one: EndorsingPeer): string {
  return `G-${one.mspId}`;
}

async function peersMessage(members: readonly DiscoveredPeer[]): Promise<discovery.Peers> {
  const message = new discovery.Peers();
  message.setPeersList(await Promise.all(members.map(peerMessage)));
  return message;
}

/** The gossip messages inside are not signed, since no gossip stands behind them. */
function alivePeerMessage(one: AlivePeer): discovery.Peer {
  const message = new discovery.Peer();
  message.setIdentity(one.serializedIdentity);
  const alive = new gossip.GossipMessage();
  alive.setAliveMsg(aliveMessage(one.address));
  message.setMembershipInfo(envelopeOf(alive));
  return message;
}

/** With what it says of its ledger. */
async function peerMessage(one: DiscoveredPeer): Promise<discovery.Peer> {
  const message = alivePeerMessage(one);
  const state = new gossip.GossipMessage();
  state.setStateInfo(await stateInfo(one));
  message.setStateInfo(envelopeOf(state));
  return message;
}

function aliveMessage(address: string): gossip.AliveMessage {
  const member = new gossip.Member();
  member.setEndpoint(address);
  const message = new gossip.AliveMessage();
  message.setMembership(member);
  return message;
}

async function stateInfo(one: DiscoveredPeer): Promise<gossip.StateInfo> {
  const properties = new gossip.Properties();
  properties.setLedgerHeight(one.height);
  properties.setChaincodesList(
    (await one.chaincodes()).map(({ name, version }) => {
      const chaincode = new gossip.Chaincode();
      chaincode.setName(name);
      chaincode.setVersion(version);
      return chaincode;
    }),
  );
  const message = new gossip.StateInfo();
  message.setProperties(properties);
  return message;
}

function envelopeOf(message: gossip.GossipMessage): gossip.Envelope {
  const envelope = new gossip.Envelope();
  envelope.setPayload(message.serializeBinary());
  return envelope;
}

function failed(content: string): discovery.QueryResult {
  const error = new discovery.Error();
  error.setContent(content);
  const result = new discovery.QueryResult();
  result.setError(error);
  return result;
}
