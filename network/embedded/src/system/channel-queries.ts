import { common, peer } from '@hyperledger/fabric-protos';
import { AccessDeniedError, checkAccess, checkLocalAccess } from '../endorse/access-control';
import type { JoinedChannel, JoinedChannels } from '../channel';
import type { LocalMsp } from '../identity/local-msp';
import { lastConfigNumberOf } from '../order/block-writer';
import type { Ledger } from '../state/ledger';
import { failure, signedDatumOf, success, textArgument } from './system-chaincode';
import type { SystemCall, SystemChaincode } from './system-chaincode';

/** What the queries are about. */
export interface ChannelQueryParts {
  readonly channels: JoinedChannels;
  /** The peer's own organization, whose members may ask for the channels. */
  readonly localMsp: LocalMsp;
}

/** The `cscc` chaincode, as far as it only answers. Source: core/scc/cscc/configure.go. */
export function channelQueries(parts: ChannelQueryParts): SystemChaincode {
  return { simulated: false, invoke: (call) => answer(call, parts) };
}

function answer(call: SystemCall, parts: ChannelQueryParts): peer.Response {
  const name = textArgument(call, 0);
  const count = call.args.length;
  if (count < 1 || (name !== 'GetChannels' && count < 2)) {
    return failure(`Incorrect number of arguments, ${count}`);
  }
  try {
    switch (name) {
      case 'GetChannels':
        return channels(call, parts);
      case 'GetConfigBlock':
        return configBlock(call, parts);
      case 'GetChannelConfig':
        return channelConfig(call, parts);
      default:
        return failure(`Requested function ${name} not found.`);
    }
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    const channel = name === 'GetChannels' ? '' : `[${textArgument(call, 1)}]`;
    return failure(`access denied for [${name}]${channel}: ${error.message}`);
  }
}

function channels(call: SystemCall, parts: ChannelQueryParts): peer.Response {
  const { localMsp } = parts;
  checkLocalAccess({ role: 'Members', localMsp, creator: call.proposal.creator });
  const response = new peer.ChannelQueryResponse();
  for (const channelId of parts.channels.keys()) {
    const info = new peer.ChannelInfo();
    info.setChannelId(channelId);
    response.addChannels(info);
  }
  return success(response.serializeBinary());
}

function configBlock(call: SystemCall, parts: ChannelQueryParts): peer.Response {
  const { ledger } = channelOf('cscc/GetConfigBlock', call, parts);
  return success(ledger.blockBytes(lastConfigNumber(ledger)) ?? new Uint8Array());
}

function channelConfig(call: SystemCall, parts: ChannelQueryParts): peer.Response {
  if (textArgument(call, 1) === '') return failure('empty channel name provided');
  const { config } = channelOf('cscc/GetChannelConfig', call, parts);
  return success(config.config.serializeBinary());
}

function lastConfigNumber(ledger: Ledger): number {
  const newest = ledger.blockBytes(ledger.height - 1) ?? new Uint8Array();
  return lastConfigNumberOf(common.Block.deserializeBinary(newest));
}

/** @throws AccessDeniedError also when the peer has no such channel */
function channelOf(resource: string, call: SystemCall, parts: ChannelQueryParts): JoinedChannel {
  const channelId = textArgument(call, 1);
  const found = parts.channels.get(channelId);
  const signed = signedDatumOf(call.proposal);
  checkAccess({ resource, channelId, channel: found?.config, signed });
  if (!found) throw new AccessDeniedError(`channel ${channelId} not found`);
  return found;
}
