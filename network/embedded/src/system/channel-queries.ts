import { peer } from '@hyperledger/fabric-protos';
import { AccessDeniedError, checkAccess, checkLocalAccess } from '../endorse/access-control';
import type { ChannelConfig } from '../config/channel-config';
import type { Ledger } from '../state/ledger';
import { failure, signedDatumOf, success, textArgument } from './system-chaincode';
import type { SystemCall, SystemChaincode } from './system-chaincode';

/** What the queries are about. */
export interface ChannelQueryParts {
  readonly config: ChannelConfig;
  readonly ledger: Ledger;
  /** MSP id of the peer's own organization, whose members may ask for the channels. */
  readonly mspId: string;
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
  checkLocalAccess({
    role: 'Members',
    mspId: parts.mspId,
    channel: parts.config,
    creator: call.proposal.creator,
  });
  const info = new peer.ChannelInfo();
  info.setChannelId(parts.config.channelId);
  const response = new peer.ChannelQueryResponse();
  response.setChannelsList([info]);
  return success(response.serializeBinary());
}

function configBlock(call: SystemCall, parts: ChannelQueryParts): peer.Response {
  checkChannel('cscc/GetConfigBlock', call, parts);
  // The configuration never changes here, so the newest configuration block is the first block.
  return success(parts.ledger.blockBytes(0) ?? new Uint8Array());
}

function channelConfig(call: SystemCall, parts: ChannelQueryParts): peer.Response {
  if (textArgument(call, 1) === '') return failure('empty channel name provided');
  checkChannel('cscc/GetChannelConfig', call, parts);
  return success(parts.config.config.serializeBinary());
}

function checkChannel(resource: string, call: SystemCall, parts: ChannelQueryParts): void {
  const channelId = textArgument(call, 1);
  const channel = channelId === parts.config.channelId ? parts.config : undefined;
  checkAccess({ resource, channelId, channel, signed: signedDatumOf(call.proposal) });
}
