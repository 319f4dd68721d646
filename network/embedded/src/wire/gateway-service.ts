import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import { commitStatus, submit } from './gateway-commit';
import type { GatewayNode } from './gateway-context';
import { endorse } from './gateway-endorse';
import { evaluate } from './gateway-evaluate';
import { streamChaincodeEvents } from './gateway-events';
import type { EventCall } from './gateway-events';
import { toServiceError } from './rpc-error';
import { unary } from './rpc-server';
import type { RpcService } from './rpc-server';

type StatusCall = ServerUnaryCall<gateway.SignedCommitStatusRequest, gateway.CommitStatusResponse>;

/** The Gateway service of one peer (`/gateway.Gateway`). */
export function gatewayService(node: GatewayNode): RpcService {
  return {
    definition: gateway.GatewayService,
    handlers: {
      evaluate: unary((request: gateway.EvaluateRequest) => evaluate(request, node)),
      endorse: unary((request: gateway.EndorseRequest) => endorse(request, node)),
      submit: unary((request: gateway.SubmitRequest) => submit(request, node)),
      commitStatus: (
        call: StatusCall,
        callback: sendUnaryData<gateway.CommitStatusResponse>,
      ): void => {
        answerStatus(call, callback, node);
      },
      chaincodeEvents: (call: EventCall): void => {
        streamChaincodeEvents(call, node);
      },
    },
  };
}

function answerStatus(
  call: StatusCall,
  callback: sendUnaryData<gateway.CommitStatusResponse>,
  node: GatewayNode,
): void {
  const gone = new AbortController();
  call.on('cancelled', () => {
    gone.abort('gone');
  });
  commitStatus(call.request, node, gone.signal).then(
    (answer) => {
      callback(null, answer);
    },
    (error: unknown) => {
      callback(toServiceError(error));
    },
  );
}
