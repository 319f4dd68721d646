import { common, peer, type ledger } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import { checkAccess } from '../endorse/access-control';
import type { SignedDatum } from '../policy/signature-policy';
import type { Clock, Log } from '../seams';
import { filterBlock } from './block-summary';
import { deliver } from './deliver';
import type { DeliverChannel } from './deliver';
import type { SeekRequest } from './seek';
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

/** A channel whose peer has private data. */
export interface PeerDeliverChannel extends DeliverChannel {
  /** The private data of a block that the signer may see, by position of the transaction. */
  privateDataOf(
    blockNumber: number,
    signed: SignedDatum,
  ): Promise<ReadonlyMap<number, ledger.rwset.TxPvtReadWriteSet>>;
}

/** What the Deliver service of a peer works with. */
export interface PeerDeliverParts {
  readonly channel: (channelId: string) => PeerDeliverChannel | undefined;
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
    fill: (
      answer: peer.DeliverResponse,
      block: common.Block,
      request: SeekRequest,
    ) => void | Promise<void>,
  ) =>
    deliver<peer.DeliverResponse>({
      ...parts,
      checkAccess: access(resource),
      statusAnswer,
      blockAnswer: async (block, request) => {
        const answer = new peer.DeliverResponse();
        await fill(answer, block, request);
        return answer;
      },
    });
  return {
    definition: peer.DeliverService,
    handlers: {
      deliver: stream('event/Block', (answer, block) => {
        answer.setBlock(block);
      }),
      deliverFiltered: stream('event/FilteredBlock', (answer, block, { channelId }) => {
        answer.setFilteredBlock(filterBlock(block, channelId));
      }),
      deliverWithPrivateData: stream('event/Block', async (answer, block, request) => {
        const both = new peer.BlockAndPrivateData();
        both.setBlock(block);
        const number = block.getHeader()?.getNumber() ?? 0;
        const found = await parts.channel(request.channelId)?.privateDataOf(number, request.signed);
        found?.forEach((sets, index) => both.getPrivateDataMapMap().set(index, sets));
        answer.setBlockAndPrivateData(both);
      }),
    },
  };
}
