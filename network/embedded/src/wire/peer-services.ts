import { common, peer } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import { checkAccess } from '../endorse/access-control';
import type { SignedDatum } from '../policy/signature-policy';
import type { Clock, Log } from '../seams';
import { filterBlock } from './block-summary';
import { deliver } from './deliver';
import type { DeliverChannel } from './deliver';
import type { EndorsingPeer } from './endorsing-peer';
import { unary } from './rpc-server';
import type { RpcService } from './rpc-server';

/** The Endorser service of one peer (`/protos.Endorser`). */
export function endorserService(
  endorser: Pick<EndorsingPeer, 'checkFilters' | 'processProposal'>,
): RpcService {
  return {
    definition: peer.EndorserService,
    handlers: {
      processProposal: unary((signed: peer.SignedProposal) => {
        endorser.checkFilters(signed);
        return endorser.processProposal(signed);
      }),
    },
  };
}

/** What the Deliver service of a peer works with. */
export interface PeerDeliverParts {
  readonly channel: (channelId: string) => DeliverChannel | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly closing: AbortSignal;
}

/** The event service of one peer (`/protos.Deliver`). Source: core/peer/deliverevents.go. */
export function peerDeliverService(parts: PeerDeliverParts): RpcService {
  const access = (resource: string) => (config: ChannelConfig, signed: SignedDatum) => {
    checkAccess({ resource, channelId: config.channelId, channel: config, signed });
  };
  const statusAnswer = (status: common.StatusMap[keyof common.StatusMap]): peer.DeliverResponse => {
    const answer = new peer.DeliverResponse();
    answer.setStatus(status);
    return answer;
  };
  const stream = (
    resource: string,
    fill: (answer: peer.DeliverResponse, block: common.Block, channelId: string) => void,
  ) =>
    deliver<peer.DeliverResponse>({
      ...parts,
      checkAccess: access(resource),
      statusAnswer,
      blockAnswer: (block, channelId) => {
        const answer = new peer.DeliverResponse();
        fill(answer, block, channelId);
        return answer;
      },
    });
  return {
    definition: peer.DeliverService,
    handlers: {
      deliver: stream('event/Block', (answer, block) => {
        answer.setBlock(block);
      }),
      deliverFiltered: stream('event/FilteredBlock', (answer, block, channelId) => {
        answer.setFilteredBlock(filterBlock(block, channelId));
      }),
      deliverWithPrivateData: stream('event/Block', (answer, block) => {
        const both = new peer.BlockAndPrivateData();
        both.setBlock(block);
        answer.setBlockAndPrivateData(both);
      }),
    },
  };
}
