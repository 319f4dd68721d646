import { toServiceError } from './rpc-error';
import type { RpcService } from './rpc-server';

/**
 * Most calls of each service of a peer that are under way at once; 0 = any number
 * (core.yaml: `peer.limits.concurrency`).
 */
export interface ConcurrencyLimits {
  readonly endorserService: number;
  /** Of the peers' event service; an open stream counts until it ends. */
  readonly deliverService: number;
  readonly gatewayService: number;
}

/** The limits of Fabric's sample configuration. */
export const sampleLimits: ConcurrencyLimits = {
  endorserService: 2500,
  deliverService: 2500,
  gatewayService: 500,
};

/** A call above the limit of its service; the text is Fabric's. */
export class TooManyCallsError extends Error {
  override readonly name = 'TooManyCallsError';
}

/** Counts the calls of one service. Source: internal/peer/node/grpc_limiters.go */
export class CallSlots {
  readonly #service: string;
  readonly #limit: number;
  #taken = 0;

  /** @param parts.service the gRPC name with a slash in front, such as `/protos.Endorser` */
  constructor(parts: { readonly service: string; readonly limit: number }) {
    this.#service = parts.service;
    this.#limit = parts.limit;
  }

  /**
   * Begins a call.
   * @returns what ends it; a second time does nothing
   * @throws TooManyCallsError
   */
  take(): () => void {
    if (this.#limit !== 0 && this.#taken >= this.#limit) {
      throw new TooManyCallsError(
        `too many requests for ${this.#service}, exceeding concurrency limit (${this.#limit})`,
      );
    }
    this.#taken += 1;
    let isOver = false;
    return () => {
      if (!isOver) this.#taken -= 1;
      isOver = true;
    };
  }

  /** A whole call. @throws TooManyCallsError, and whatever the call throws */
  async during<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const end = this.take();
    try {
      return await call();
    } finally {
      end();
    }
  }
}

/** What a call of any kind has in common. */
interface AnyCall {
  on(event: string, listener: () => void): unknown;
  emit(event: 'error', error: unknown): unknown;
}

type Callback = (...answer: readonly unknown[]) => void;
type AnyHandler = (call: AnyCall, callback?: Callback) => void;

/** The same service, which refuses the calls for which there is no slot. */
export function limited(service: RpcService, slots: CallSlots): RpcService {
  const handlers = Object.entries(service.handlers).map(
    ([name, handler]) => [name, guarded(handler as AnyHandler, slots)] as const,
  );
  return { ...service, handlers: Object.fromEntries(handlers) };
}

function guarded(handler: AnyHandler, slots: CallSlots): AnyHandler {
  return (call, callback) => {
    let end: () => void;
    try {
      end = slots.take();
    } catch (error) {
      const refusal = toServiceError(error);
      if (callback) callback(refusal);
      else call.emit('error', refusal);
      return;
    }
    if (!callback) {
      for (const over of ['finish', 'error', 'cancelled', 'close']) call.on(over, end);
      handler(call);
      return;
    }
    // A client that goes away does not end what it has asked for.
    handler(call, (...answer) => {
      end();
      callback(...answer);
    });
  };
}
