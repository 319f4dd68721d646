import { status } from '@grpc/grpc-js';
import { common, gateway } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import { textOf } from '../../../machine/text-of';
import { channelOf, noChannelConfigText } from './gateway-context';
import type { GatewayNode } from './gateway-context';
import { decode } from './protobuf';
import { checkRequestAccess } from './request-access';
import { RpcError } from './rpc-error';

/**
 * Hands a signed transaction to the ordering service.
 * @throws RpcError
 * Source: internal/pkg/gateway/submit.go:submitNonBFT
 */
export async function submit(
  request: gateway.SubmitRequest,
  node: GatewayNode,
): Promise<gateway.SubmitResponse> {
  const envelope = request.getPreparedTransaction();
  if (!envelope) {
    throw new RpcError(status.INVALID_ARGUMENT, 'a prepared transaction is required');
  }
  if (envelope.getSignature_asU8().length === 0) {
    throw new RpcError(status.INVALID_ARGUMENT, 'prepared transaction must be signed');
  }
  checkChannel(request.getChannelId(), node);
  const answer = await node.broadcast(envelope);
  if (answer.status === common.Status.SUCCESS) return new gateway.SubmitResponse();
  if (answer.status >= 400 && answer.status < 500) {
    throw new RpcError(
      status.ABORTED,
      `received unsuccessful response from orderer: ` +
        `status=${nameOfStatus(answer.status)}, info=${answer.info}`,
    );
  }
  throw new RpcError(status.UNAVAILABLE, 'no orderers could successfully process transaction');
}

/** The orderers are looked up by the request's channel, whatever the envelope says. */
function checkChannel(channelId: string, node: GatewayNode): void {
  if (node.channel(channelId)) return;
  throw new RpcError(status.FAILED_PRECONDITION, noChannelConfigText(channelId));
}

function nameOfStatus(code: number): string {
  const named = Object.entries(common.Status).find(([, value]) => value === code);
  return named ? named[0] : String(code);
}

/**
 * Waits for a transaction and tells how it ended.
 * @param signal aborted when the client no longer waits
 * @throws RpcError
 * Source: internal/pkg/gateway/commitstatus.go
 */
export async function commitStatus(
  signed: gateway.SignedCommitStatusRequest,
  node: GatewayNode,
  signal: AbortSignal,
): Promise<gateway.CommitStatusResponse> {
  const request = readStatusRequest(signed);
  checkRequestAccess(node, 'gateway/CommitStatus', { signed, request });
  const txId = request.getTransactionId();
  const found = await channelOf(request, node).awaitTransaction(txId, signal);
  if (!found) throw new RpcError(status.CANCELLED, 'the network closes');
  const answer = new gateway.CommitStatusResponse();
  answer.setResult(found.code as peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap]);
  answer.setBlockNumber(found.blockNumber);
  return answer;
}

function readStatusRequest(signed: gateway.SignedCommitStatusRequest): gateway.CommitStatusRequest {
  const bytes = signed.getRequest_asU8();
  const refuse = (text: string): RpcError => new RpcError(status.INVALID_ARGUMENT, text);
  if (bytes.length === 0) throw refuse('a commit status request is required');
  let request: gateway.CommitStatusRequest;
  try {
    request = decode(gateway.CommitStatusRequest, 'CommitStatusRequest', bytes);
  } catch (error) {
    throw refuse(`invalid status request: ${textOf(error)}`);
  }
  if (request.getIdentity_asU8().length === 0) throw refuse('no identity provided');
  if (request.getChannelId() === '') throw refuse('no channel ID provided');
  if (request.getTransactionId() === '') throw refuse('transaction ID should not be empty');
  return request;
}
