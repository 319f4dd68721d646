import { Client, credentials, status } from '@grpc/grpc-js';
import type { ClientDuplexStream, ClientReadableStream, ServiceError } from '@grpc/grpc-js';

/** What is known of a method from its service's definition. */
export interface Method {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** How a call ended. */
export interface RpcOutcome {
  /** gRPC status; undefined when the server still waits for something, as it may. */
  readonly code: status | undefined;
  readonly details: string;
  /** Serialized answers. */
  readonly answers: readonly Buffer[];
}

/** Where a service is. */
export interface Place {
  readonly address: string;
  readonly hostName: string;
  readonly rootPem: string;
}

/**
 * Longest answer to a call that has one. A healthy call takes some milliseconds, and a second where
 * large messages of a connection wait for small ones; the rest is for a crowded machine.
 */
export const deadlineMs = 30_000;

/** A stream that said nothing for so long waits for what is still to come. */
const quietMs = 80;
/** Blocks and events that are read of a stream before it is cancelled. */
const answersMax = 4;

const same = (bytes: Buffer): Buffer => bytes;

/** Calls methods with whatever bytes. */
export class RpcCaller {
  readonly #client: Client;

  constructor({ address, hostName, rootPem }: Place) {
    this.#client = new Client(address, credentials.createSsl(Buffer.from(rootPem)), {
      'grpc.ssl_target_name_override': hostName,
      'grpc.max_send_message_length': -1,
      'grpc.max_receive_message_length': -1,
      // Otherwise all clients of one address share a connection, and one's faults are another's.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /**
   * Calls and waits for the end, or until a call that may wait has said nothing for a while.
   * @param options.mayWait whether the method may wait for something to happen
   */
  async call(
    method: Method,
    requests: readonly Buffer[],
    options: { readonly mayWait: boolean },
  ): Promise<RpcOutcome> {
    const deadline = Date.now() + deadlineMs;
    const [first = Buffer.alloc(0)] = requests;
    if (method.requestStream) {
      const stream = this.#client.makeBidiStreamRequest(method.path, same, same, { deadline });
      for (const request of requests) stream.write(request);
      if (!options.mayWait) stream.end();
      return outcomeOf(stream, options.mayWait);
    }
    if (method.responseStream) {
      const { path } = method;
      const stream = this.#client.makeServerStreamRequest(path, same, same, first, { deadline });
      return outcomeOf(stream, options.mayWait);
    }
    return this.#unary(method.path, first, options.mayWait);
  }

  close(): void {
    this.#client.close();
  }

  #unary(path: string, request: Buffer, mayWait: boolean): Promise<RpcOutcome> {
    return new Promise((resolve) => {
      const options = { deadline: Date.now() + (mayWait ? quietMs : deadlineMs) };
      const answered = (error: ServiceError | null, answer?: Buffer): void => {
        const answers = answer ? [answer] : [];
        if (!error) resolve({ code: status.OK, details: '', answers });
        else if (mayWait && error.code === status.DEADLINE_EXCEEDED) resolve(waiting([]));
        else resolve({ code: error.code, details: error.details, answers });
      };
      this.#client.makeUnaryRequest(path, same, same, request, options, answered);
    });
  }
}

function waiting(answers: readonly Buffer[]): RpcOutcome {
  return { code: undefined, details: '', answers };
}

function outcomeOf(
  stream: ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>,
  mayWait: boolean,
): Promise<RpcOutcome> {
  return new Promise((resolve) => {
    const answers: Buffer[] = [];
    let isOver = false;
    const finish = (outcome: RpcOutcome): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(quiet);
      resolve(outcome);
      stream.cancel();
    };
    const wait = (): void => {
      finish(waiting(answers));
    };
    const quiet = mayWait ? setTimeout(wait, quietMs) : undefined;
    stream.on('data', (answer: Buffer) => {
      answers.push(answer);
      if (mayWait && answers.length >= answersMax) wait();
    });
    stream.on('error', () => undefined);
    stream.on('status', ({ code, details }: { code: status; details: string }) => {
      finish({ code, details, answers });
    });
  });
}
