import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import { commitStatus, submit } from './gateway-commit';
import type { GatewayContext } from './gateway-context';
import { endorse } from './gateway-endorse';
import { evaluate } from './gateway-evaluate';
import { streamChaincodeEvents } from './gateway-events';
import type { EventCall } from './gateway-events';
import { toServiceError } from './rpc-error';
import { unary } from './rpc-server';
import type { RpcService } from './rpc-server';

type StatusCall = ServerUnaryCall<gateway.SignedCommitStatusRequest, gateway.CommitStatusResponse>;

/** The Gateway service of one peer (`/gateway.Gateway`). */
export function gatewayService(context: GatewayContext): RpcService {
  return {
    definition: gateway.GatewayService,
    handlers: {
      evaluate: unary((request: gateway.EvaluateRequest) => evaluate(request, context)),
      endorse: unary((request: gateway.EndorseRequest) => endorse(request, context)),
      submit: unary((request: gateway.SubmitRequest) => submit(request, context)),
      commitStatus: (
        call: StatusCall,
        callback: sendUnaryData<gateway.CommitStatusResponse>,
      ): void => {
        answerStatus(call, callback, context);
      },
      chaincodeEvents: (call: EventCall): void => {
        streamChaincodeEvents(call, context);
      },
    },
  };
}

function answerStatus(
  call: StatusCall,
  callback: sendUnaryData<gateway.CommitStatusResponse>,
  context: GatewayContext,
): void {
  const gone = new AbortController();
  call.on('cancelled', () => {
    gone.abort('gone');
  });
  commitStatus(call.request, context, gone.signal).then(
    (answer) => {
      callback(null, answer);
    },
    (error: unknown) => {
      callback(toServiceError(error));
    },
  );
}
