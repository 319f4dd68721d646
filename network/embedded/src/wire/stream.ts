import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';

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
