import { status } from '@grpc/grpc-js';
import type {
  MethodDefinition,
  ServerDuplexStream,
  ServerWritableStream,
  ServiceDefinition,
} from '@grpc/grpc-js';
import { RpcError, toServiceError } from './rpc-error';

/**
 * What a handler finds in a stream in the place of a message that cannot be read. Left to itself,
 * grpc-js ends the call while the handler still answers the message before: the call then hangs.
 */
export class UnreadableMessage {
  /** The status of the call, which the handler ends when it comes here. */
  readonly refusal = toServiceError(new RpcError(status.INTERNAL, 'Error deserializing request'));
}

/** The same service, whose streams of requests go on to the handler whatever is in them. */
export function withUnreadableMessages(definition: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(definition).map(([name, method]) => [name, tolerant(method)]);
  return Object.fromEntries(methods) as ServiceDefinition;
}

type Method = MethodDefinition<unknown, unknown>;

function tolerant(method: Method): Method {
  if (!method.requestStream) return method;
  return {
    ...method,
    requestDeserialize: (bytes) => {
      try {
        return method.requestDeserialize(bytes);
      } catch {
        return new UnreadableMessage();
      }
    },
  };
}

/** The parts of a server's end of a stream that senders use. */
type Outgoing<Answer> = ServerDuplexStream<never, Answer> | ServerWritableStream<never, Answer>;

/** A signal that is aborted when the client has gone or the network closes. */
export function signalOf(
  call: { on(event: 'cancelled' | 'close', listener: () => void): unknown },
  closing: AbortSignal,
): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => {
    gone.abort('gone');
  };
  call.on('cancelled', abort);
  call.on('close', abort);
  return AbortSignal.any([gone.signal, closing]);
}

/**
 * Sends one message and waits while the client is slow to take it.
 * @returns false when the stream has ended meanwhile
 */
export function send<Answer>(
  call: Outgoing<Answer>,
  answer: Answer,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  const writable = call as { write(answer: Answer): boolean };
  if (writable.write(answer)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (): void => {
      call.removeListener('drain', finish);
      signal.removeEventListener('abort', finish);
      resolve(!signal.aborted);
    };
    call.once('drain', finish);
    signal.addEventListener('abort', finish);
  });
}
