import { status } from '@grpc/grpc-js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { gateway, orderer, peer } from '@hyperledger/fabric-protos';
import { textOf } from '../../../machine/text-of';
import { summarizeBlock } from './block-summary';
import { channelOf } from './gateway-context';
import type { GatewayContext, GatewayNode } from './gateway-context';
import { decode } from './protobuf';
import { checkRequestAccess } from './request-access';
import { RpcError, toServiceError } from './rpc-error';
import { send, signalOf } from './stream';

/** The client's side of a stream of chaincode events. */
export type EventCall = ServerWritableStream<
  gateway.SignedChaincodeEventsRequest,
  gateway.ChaincodeEventsResponse
>;

type EventFilter = (event: peer.ChaincodeEvent) => boolean;

/**
 * Streams the events of one chaincode's valid transactions; blocks without one are not sent.
 * Source: internal/pkg/gateway/chaincodeevents.go
 */
export function streamChaincodeEvents(call: EventCall, node: GatewayNode): void {
  const signal = signalOf(call, node.closing);
  stream(call, node, signal).then(
    () => {
      call.end();
    },
    (error: unknown) => {
      // Only this event makes grpc-js send the status; a destroyed stream lets the client wait.
      call.emit('error', toServiceError(error));
    },
  );
}

async function stream(call: EventCall, node: GatewayNode, signal: AbortSignal): Promise<void> {
  const request = readEventsRequest(call.request);
  checkRequestAccess(node, 'gateway/ChaincodeEvents', { signed: call.request, request });
  const context = channelOf(request, node);
  const isWanted = eventFilterOf(request);
  for (let number = firstBlock(request, context); ; number += 1) {
    if (!(await context.feed.waitFor(number, signal))) return;
    const events = eventsOfBlock(number, context).filter(isWanted);
    if (events.length === 0) continue;
    const answer = new gateway.ChaincodeEventsResponse();
    answer.setBlockNumber(number);
    answer.setEventsList(events);
    if (!(await send(call as never, answer, signal))) return;
  }
}

function readEventsRequest(
  signed: gateway.SignedChaincodeEventsRequest,
): gateway.ChaincodeEventsRequest {
  const bytes = signed.getRequest_asU8();
  if (bytes.length === 0) {
    throw new RpcError(status.INVALID_ARGUMENT, 'a chaincode events request is required');
  }
  try {
    return decode(gateway.ChaincodeEventsRequest, 'ChaincodeEventsRequest', bytes);
  } catch (error) {
    throw new RpcError(
      status.INVALID_ARGUMENT,
      `invalid chaincode events request: ${textOf(error)}`,
    );
  }
}

/** An `after` transaction that never comes keeps the filter shut for good, as in Fabric. */
function eventFilterOf(request: gateway.ChaincodeEventsRequest): EventFilter {
  const chaincodeId = request.getChaincodeId();
  const after = request.getAfterTransactionId();
  let isOpen = after === '';
  return (event) => {
    if (isOpen) return event.getChaincodeId() === chaincodeId;
    isOpen = event.getTxId() === after;
    return false;
  };
}

function firstBlock(request: gateway.ChaincodeEventsRequest, context: GatewayContext): number {
  const after = request.getAfterTransactionId();
  const known = after === '' ? undefined : context.transactionStatus(after);
  return known ? known.blockNumber : startOf(request.getStartPosition(), context);
}

function startOf(position: orderer.SeekPosition | undefined, context: GatewayContext): number {
  const { SPECIFIED, NEXT_COMMIT, TYPE_NOT_SET } = orderer.SeekPosition.TypeCase;
  const type = position?.getTypeCase() ?? TYPE_NOT_SET;
  const specified = position?.getSpecified();
  if (type === SPECIFIED && specified) return specified.getNumber();
  if (type === NEXT_COMMIT || type === TYPE_NOT_SET) return context.feed.height;
  throw new RpcError(
    status.INVALID_ARGUMENT,
    `invalid start position type: ${typeNameOf(position)}`,
  );
}

function typeNameOf(position: orderer.SeekPosition | undefined): string {
  const isNewest = position?.getTypeCase() === orderer.SeekPosition.TypeCase.NEWEST;
  return isNewest ? '*orderer.SeekPosition_Newest' : '*orderer.SeekPosition_Oldest';
}

function eventsOfBlock(number: number, context: GatewayContext): peer.ChaincodeEvent[] {
  const events: peer.ChaincodeEvent[] = [];
  for (const { code, event } of summarizeBlock(context.feed.block(number))) {
    if (code === peer.TxValidationCode.VALID && event && isComplete(event)) events.push(event);
  }
  return events;
}

function isComplete(event: peer.ChaincodeEvent): boolean {
  return event.getChaincodeId() !== '' && event.getEventName() !== '' && event.getTxId() !== '';
}
