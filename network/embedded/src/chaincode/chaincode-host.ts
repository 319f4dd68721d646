import { peer } from '@hyperledger/fabric-protos';
import type { Compat } from '../../../topology';
import { noChaincodeCalls, type ChaincodeCalls } from './chaincode-call';
import { ChaincodeStream, newMessage, type ChaincodeEndpoint } from './chaincode-stream';
import type { ChaincodeOutcome, ExecuteRequest } from './execution';
import { checkInitialization } from './initialization';
import { messageHandlersOf, messageTypeName, readyPayloadOf } from './message-handlers';
import type { MessageHandler } from './message-handler';
import { TransactionContext } from './transaction-context';

export { ChaincodeConnectionError } from './chaincode-stream';
export type { ChaincodeOutcome, ExecuteRequest } from './execution';

const TYPE = peer.ChaincodeMessage.Type;
const DIAL_TIMEOUT_MS = 3_000;
/** Longest execution of one transaction (Fabric: `chaincode.executetimeout`). */
const EXECUTE_TIMEOUT_MS = 30_000;

/** An execution that gave no response; the text is Fabric's. */
export class ChaincodeExecutionError extends Error {
  override readonly name = 'ChaincodeExecutionError';
}

interface Execution {
  readonly context: TransactionContext;
  /** The shim has at most one request of a transaction outstanding; more are dropped. */
  isBusy: boolean;
  finish(message: peer.ChaincodeMessage): void;
  fail(reason: string): void;
}

function executionKey({ channelId, txId }: { channelId: string; txId: string }): string {
  return `${channelId}/${txId}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The peer's side of one chaincode process. It dials when first needed and again after the stream
 * broke; any number of transactions share the stream.
 */
export class ChaincodeHost {
  readonly #endpoint: ChaincodeEndpoint;
  readonly #calls: ChaincodeCalls;
  readonly #executeTimeoutMs: number;
  readonly #compat: Compat;
  readonly #handlers: ReadonlyMap<number, MessageHandler>;
  readonly #executions = new Map<string, Execution>();
  #stream: Promise<ChaincodeStream> | undefined;
  #queries = 0;
  #isClosed = false;

  /**
   * @param options.calls how the chaincode reaches others; default: not at all
   * @param options.executeTimeoutMs longest execution of one transaction; default 30 s
   * @param options.compat the generation of Fabric whose requests are answered; default 3.1
   */
  constructor(
    options: ChaincodeEndpoint & {
      readonly calls?: ChaincodeCalls;
      readonly executeTimeoutMs?: number | undefined;
      readonly compat?: Compat;
    },
  ) {
    this.#endpoint = options;
    this.#executeTimeoutMs = options.executeTimeoutMs ?? EXECUTE_TIMEOUT_MS;
    this.#calls = options.calls ?? noChaincodeCalls;
    this.#compat = options.compat ?? '3.1';
    this.#handlers = messageHandlersOf(this.#compat);
  }

  /**
   * Resolves once the chaincode is registered.
   * @param timeoutMs how long to wait for the process to listen
   * @throws ChaincodeConnectionError
   */
  async ready(timeoutMs: number = EXECUTE_TIMEOUT_MS): Promise<void> {
    await this.#connected(timeoutMs);
  }

  /**
   * Executes a transaction and reads the response out of the chaincode's message.
   * @throws ChaincodeExecutionError when there is no response: timeout, stream lost, ERROR message
   */
  async invoke(request: ExecuteRequest): Promise<ChaincodeOutcome> {
    const { txId } = request;
    let message: peer.ChaincodeMessage;
    try {
      message = await this.execute(request);
    } catch (error) {
      const text = `failed to execute transaction ${txId}: ${textOf(error)}`;
      throw new ChaincodeExecutionError(text, { cause: error });
    }
    if (message.getType() === TYPE.ERROR) {
      const reason = Buffer.from(message.getPayload_asU8()).toString('utf8');
      throw new ChaincodeExecutionError(`transaction returned with failure: ${reason}`);
    }
    const response = peer.Response.deserializeBinary(message.getPayload_asU8());
    const event = message.getChaincodeEvent();
    if (!event) return { response };
    event.setChaincodeId(request.definition.name);
    event.setTxId(txId);
    return { response, event };
  }

  /**
   * Executes a transaction.
   * @returns the chaincode's last message, COMPLETED or ERROR
   * @throws Error without Fabric's outer text `failed to execute transaction …`
   */
  async execute(request: ExecuteRequest): Promise<peer.ChaincodeMessage> {
    checkInitialization(request);
    const stream = await this.#connected(this.#endpoint.dialTimeoutMs ?? DIAL_TIMEOUT_MS);
    const { channelId, txId, signedProposal } = request;
    const key = executionKey(request);
    if (this.#executions.has(key)) {
      throw new ChaincodeExecutionError(`error sending: txid: ${txId}(${channelId}) exists`);
    }
    const type = request.isInit === true ? TYPE.INIT : TYPE.TRANSACTION;
    const message = newMessage(type, request, request.input);
    message.setProposal(signedProposal);
    const context = new TransactionContext({ ...request, namespace: request.definition.name });
    try {
      return await this.#run(key, context, {
        send: () => {
          stream.send(message);
        },
        timeoutMs: request.timeoutMs ?? this.#executeTimeoutMs,
      });
    } finally {
      this.#executions.delete(key);
      await context.close();
    }
  }

  #run(
    key: string,
    context: TransactionContext,
    { send, timeoutMs }: { send: () => void; timeoutMs: number },
  ): Promise<peer.ChaincodeMessage> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        reject(new ChaincodeExecutionError(`error sending: ${reason}`));
      };
      const timer = setTimeout(() => {
        fail('timeout expired while executing transaction');
      }, timeoutMs);
      const finish = (message: peer.ChaincodeMessage): void => {
        clearTimeout(timer);
        resolve(message);
      };
      this.#executions.set(key, { context, isBusy: false, finish, fail });
      send();
    });
  }

  #connected(timeoutMs: number): Promise<ChaincodeStream> {
    if (this.#isClosed) {
      return Promise.reject(new ChaincodeExecutionError('the chaincode host is closed'));
    }
    this.#stream ??= this.#dial(timeoutMs);
    return this.#stream;
  }

  async #dial(timeoutMs: number): Promise<ChaincodeStream> {
    const events = {
      readyPayload: readyPayloadOf(this.#compat),
      message: (message: peer.ChaincodeMessage) => {
        this.#receive(message);
      },
      closed: () => {
        this.#lost();
      },
    };
    try {
      return await ChaincodeStream.open(this.#endpoint, events, timeoutMs);
    } catch (error) {
      this.#stream = undefined;
      throw error;
    }
  }

  #lost(): void {
    this.#stream = undefined;
    for (const execution of this.#executions.values()) {
      execution.fail('chaincode stream terminated');
    }
  }

  #receive(message: peer.ChaincodeMessage): void {
    const type = message.getType();
    const transaction = { channelId: message.getChannelId(), txId: message.getTxid() };
    const execution = this.#executions.get(executionKey(transaction));
    if (type === TYPE.COMPLETED || type === TYPE.ERROR) {
      execution?.finish(message);
      return;
    }
    if (type === TYPE.KEEPALIVE) return;
    if (!this.#handlers.has(type)) {
      void this.#stream?.then((stream) => {
        stream.close();
      });
      return;
    }
    if (execution?.isBusy === true) return;
    if (execution) execution.isBusy = true;
    void this.#answer(message, execution);
  }

  /** Never rejects: whatever goes wrong is the chaincode's answer. */
  async #answer(message: peer.ChaincodeMessage, execution: Execution | undefined): Promise<void> {
    const type = message.getType();
    const transaction = { channelId: message.getChannelId(), txId: message.getTxid() };
    let answer: peer.ChaincodeMessage;
    try {
      const payload = await this.#handle(message, execution);
      answer = newMessage(TYPE.RESPONSE, transaction, payload);
    } catch (error) {
      const prefix = `${messageTypeName(type)} failed: transaction ID: ${transaction.txId}`;
      const text = `${prefix}: ${textOf(error)}`;
      answer = newMessage(TYPE.ERROR, transaction, Buffer.from(text, 'utf8'));
    }
    // The next request may arrive as soon as this one is answered.
    if (execution) execution.isBusy = false;
    const stream = await this.#stream?.catch(() => undefined);
    stream?.send(answer);
  }

  #handle(
    message: peer.ChaincodeMessage,
    execution: Execution | undefined,
  ): Uint8Array | Promise<Uint8Array> {
    const handler = this.#handlers.get(message.getType());
    if (!handler || !execution) throw new ChaincodeExecutionError('no ledger context');
    return handler(message.getPayload_asU8(), execution.context, {
      nextQueryId: () => String((this.#queries += 1)),
      calls: this.#calls,
    });
  }

  /** Ends the stream; transactions in flight fail. The host cannot be used afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const stream = await this.#stream?.catch(() => undefined);
    stream?.close();
    this.#lost();
  }
}
