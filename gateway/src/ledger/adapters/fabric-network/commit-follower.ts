import type { CommitStatus } from '../../ledger.port';
import type { Caller, Connection } from './connection';
import type { DeliverMessage } from './sdk';

/** Outcome of one transaction as a filtered block states it. */
export type Outcome = Pick<CommitStatus, 'blockNumber' | 'code'>;

/** Outcomes kept for callers that ask after the block has passed. */
const REMEMBERED_MAX = 10_000;

interface Waiter {
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/**
 * Follows the filtered blocks of one organisation's peer and remembers the latest outcomes: the
 * SDKs of Fabric 2.2 have no call that answers a transaction's status.
 */
export class CommitFollower {
  readonly #connection: Connection;
  readonly #abort = new AbortController();
  readonly #outcomes = new Map<string, Outcome>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  #following: Promise<void> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether blocks are being received now. */
  get following(): boolean {
    return this.#following !== undefined;
  }

  /**
   * Begins at the newest block, if blocks are not being received already.
   * @returns when the first block is here: from now on no block is missed
   */
  async start(by: Caller): Promise<void> {
    this.#following ??= this.#open(by);
    await this.#following;
  }

  /**
   * @param transactionId whose outcome is wanted
   * @param signal ends the wait, with the signal's reason as the error
   */
  outcome(transactionId: string, signal: AbortSignal): Promise<Outcome> {
    const known = this.#outcomes.get(transactionId);
    if (known !== undefined) {
      return Promise.resolve(known);
    }
    if (signal.aborted) {
      return Promise.reject(signal.reason as Error);
    }
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(transactionId) ?? new Set<Waiter>();
      const waiter: Waiter = { resolve, reject };
      this.#waiters.set(transactionId, waiters.add(waiter));
      signal.addEventListener(
        'abort',
        () => {
          waiters.delete(waiter);
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
  }

  /** Ends the stream; waits under way fail. */
  close(): void {
    this.#abort.abort();
    this.#fail(new Error('the ledger connection was closed'));
  }

  async #open(by: Caller): Promise<void> {
    const messages = this.#connection.deliver(
      { from: 'newest', blockType: 'filtered', signal: this.#abort.signal },
      by,
    );
    try {
      const first = await messages.next();
      this.#take(first.done === true ? undefined : first.value);
    } catch (error) {
      this.#following = undefined;
      throw error;
    }
    this.#pump(messages).then(
      () => {
        this.#fail(new Error('the peer ended its stream of blocks'));
      },
      (error: unknown) => {
        this.#fail(error);
      },
    );
  }

  async #pump(messages: AsyncIterable<DeliverMessage>): Promise<void> {
    for await (const message of messages) {
      this.#take(message);
    }
  }

  #take(message: DeliverMessage | undefined): void {
    const block = message?.filtered_block;
    if (block === undefined) {
      throw new Error(`the peer ended its stream of blocks with ${String(message?.status)}`);
    }
    for (const transaction of block.filtered_transactions) {
      this.#settle(transaction.txid, {
        blockNumber: BigInt(block.number.toString()),
        code: Number(transaction.tx_validation_code),
      });
    }
  }

  #settle(transactionId: string, outcome: Outcome): void {
    // The first occurrence counts, as it does in a peer's own index.
    if (this.#outcomes.has(transactionId)) {
      return;
    }
    this.#outcomes.set(transactionId, outcome);
    if (this.#outcomes.size > REMEMBERED_MAX) {
      const [oldest] = this.#outcomes.keys();
      this.#outcomes.delete(oldest ?? '');
    }
    for (const waiter of this.#waiters.get(transactionId) ?? []) {
      waiter.resolve(outcome);
    }
    this.#waiters.delete(transactionId);
  }

  #fail(error: unknown): void {
    this.#following = undefined;
    for (const waiters of this.#waiters.values()) {
      for (const waiter of waiters) {
        waiter.reject(error);
      }
    }
    this.#waiters.clear();
  }
}
