import type { ServerDuplexStream } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import type { OrderingNode } from '../ordering-node';
import type { Clock, Log } from '../seams';
import { deliver } from './deliver';
import { toServiceError } from './rpc-error';
import type { RpcService } from './rpc-server';
import { UnreadableMessage } from './stream';

/** What the ordering node's service works with. */
export interface OrderingNodeParts {
  readonly ordering: Pick<OrderingNode, 'broadcast' | 'channel'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly closing: AbortSignal;
}

/** The service of the ordering node (`/orderer.AtomicBroadcast`). */
export function orderingNodeService(parts: OrderingNodeParts): RpcService {
  const { ordering } = parts;
  return {
    definition: orderer.AtomicBroadcastService,
    handlers: {
      broadcast: (call: ServerDuplexStream<common.Envelope, orderer.BroadcastResponse>): void => {
        broadcast(call, ordering);
      },
      deliver: deliver<orderer.DeliverResponse>({
        ...parts,
        channel: (channelId) => ordering.channel(channelId),
        checkAccess: (config, signed) => {
          config.policies.check('/Channel/Readers', [signed]);
        },
        statusAnswer: (status) => {
          const answer = new orderer.DeliverResponse();
          answer.setStatus(status);
          return answer;
        },
        blockAnswer: (block) => {
          const answer = new orderer.DeliverResponse();
          answer.setBlock(block);
          return answer;
        },
      }),
    },
  };
}

/**
 * One answer for each message, in order; the stream ends after the first refusal.
 * Source: orderer/common/broadcast/broadcast.go:Handle.
 */
function broadcast(
  call: ServerDuplexStream<common.Envelope, orderer.BroadcastResponse>,
  ordering: OrderingNodeParts['ordering'],
): void {
  let isOpen = true;
  let taking = Promise.resolve();
  const hangUp = (): void => {
    if (isOpen) call.end();
    isOpen = false;
  };
  const take = async (envelope: common.Envelope | UnreadableMessage): Promise<void> => {
    if (envelope instanceof UnreadableMessage) {
      call.emit('error', envelope.refusal);
      return;
    }
    const { status, info } = await ordering.broadcast(envelope);
    if (!isOpen) return;
    const answer = new orderer.BroadcastResponse();
    answer.setStatus(status);
    answer.setInfo(info);
    call.write(answer);
    if (status !== common.Status.SUCCESS) hangUp();
  };
  call.on('data', (envelope: common.Envelope | UnreadableMessage) => {
    if (!isOpen) return;
    call.pause();
    taking = take(envelope).then(
      () => void call.resume(),
      (error: unknown) => {
        isOpen = false;
        call.emit('error', toServiceError(error));
      },
    );
  });
  // The client may have ended its side while its last message is still looked at.
  call.on('end', () => void taking.then(hangUp));
  call.on('error', () => {
    isOpen = false;
  });
}
