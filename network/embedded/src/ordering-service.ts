import { common } from '@hyperledger/fabric-protos';
import { ChannelConfig } from './config/channel-config';
import type { SigningIdentity } from './identity/signing-identity';
import { BlockCutter } from './order/block-cutter';
import type { Batch } from './order/block-cutter';
import { BlockFeed } from './order/block-feed';
import { BlockStore } from './order/block-store';
import { tipOf, writeNextBlock } from './order/block-writer';
import type { ChainTip } from './order/block-writer';
import { refusalOf } from './order/broadcast-filters';
import type { Clock } from './seams';

/** The answer to one broadcast message. */
export interface BroadcastAnswer {
  readonly status: common.StatusMap[keyof common.StatusMap];
  /** Why not, in Fabric's words; empty on success. */
  readonly info: string;
}

/** What an ordering service is started with. */
export interface OrderingParts {
  readonly store: BlockStore;
  readonly signer: SigningIdentity;
  readonly clock: Clock;
  /** Told once when a block cannot be written; nothing is ordered after that. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The ordering of one channel by its only node. A block is closed when it is full, or `batch.timeoutMs`
 * after its first transaction, and reaches the disk before anybody sees it.
 */
export class OrderingService {
  readonly feed: BlockFeed;
  readonly #parts: OrderingParts;
  readonly #config: ChannelConfig;
  readonly #cutter: BlockCutter;
  #tip: ChainTip;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /**
   * @param parts.store holds at least the genesis block
   * @throws ChannelConfigError when the newest configuration block holds none
   */
  constructor(parts: OrderingParts) {
    this.#parts = parts;
    this.feed = new BlockFeed({
      height: parts.store.height,
      read: (number) => parts.store.read(number),
    });
    this.#tip = tipOf(this.feed.block(this.feed.height - 1));
    this.#config = ChannelConfig.fromBlock(this.feed.block(this.#tip.lastConfigNumber));
    this.#cutter = new BlockCutter(this.#config.batch);
  }

  /** The configuration at the moment. */
  get config(): ChannelConfig {
    return this.#config;
  }

  /** Takes one message, or says why not. Success means: it will be in the next block. */
  broadcast(envelope: common.Envelope): BroadcastAnswer {
    const refusal = refusalOf(envelope, { config: this.config, clock: this.#parts.clock });
    if (refusal) return refusal;
    if (this.#stopped) {
      return {
        status: common.Status.SERVICE_UNAVAILABLE,
        info: 'the ordering service has stopped',
      };
    }
    for (const batch of this.#cutter.add(envelope)) this.#enqueue(batch);
    this.#adjustTimer();
    return { status: common.Status.SUCCESS, info: '' };
  }

  /** Orders what it has taken so far and stops. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#cutPending();
    await this.#writing;
    await this.#parts.store.close();
  }

  #adjustTimer(): void {
    if (this.#cutter.pendingCount === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#cutPending();
    }, this.config.batch.timeoutMs);
  }

  #cutPending(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#cutter.pendingCount > 0) this.#enqueue(this.#cutter.cut());
  }

  #enqueue(batch: Batch): void {
    // The first transaction of the rest opens a new block, so its time starts now.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(() => this.#write(batch))
      .catch((error: unknown) => {
        if (!this.#stopped) this.#parts.onFailure(error);
        this.#stopped = true;
      });
  }

  async #write(batch: Batch): Promise<void> {
    const { block, tip } = writeNextBlock({ tip: this.#tip, batch, signer: this.#parts.signer });
    await this.#parts.store.append(block.serializeBinary());
    this.#tip = tip;
    this.feed.announce(block);
  }
}
