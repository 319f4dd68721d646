import { common } from '@hyperledger/fabric-protos';
import { ChannelConfig } from './config/channel-config';
import { configTransaction } from './config/config-transaction';
import { ConfigUpdateError, proposeConfigUpdate } from './config/config-update';
import type { ProposedConfig } from './config/config-update';
import type { SigningIdentity } from '../../certificates/signing-identity';
import { BlockCutter } from './order/block-cutter';
import type { Batch } from './order/block-cutter';
import { BlockFeed } from './order/block-feed';
import { BlockStore } from './order/block-store';
import { tipOf, writeNextBlock } from './order/block-writer';
import type { ChainTip } from './order/block-writer';
import { badRequest, finalRefusalOf, isConfigUpdate, refusalOf } from './order/broadcast-filters';
import type { Clock } from './seams';

/** The answer to one broadcast message. */
export interface BroadcastAnswer {
  readonly status: common.StatusMap[keyof common.StatusMap];
  /** Why not, in Fabric's words; empty on success. */
  readonly info: string;
}

const accepted: BroadcastAnswer = { status: common.Status.SUCCESS, info: '' };

/** What an ordering service is started with. */
export interface OrderingParts {
  readonly store: BlockStore;
  readonly signer: SigningIdentity;
  readonly clock: Clock;
  /** Told once when a block cannot be written; nothing is ordered after that. */
  readonly onFailure: (error: unknown) => void;
  /**
   * Whether nothing else is under way in the network, so that a block need not wait for company.
   * Absent: every block waits until it is full or its time is up.
   */
  readonly isIdle?: () => boolean;
}

/**
 * The ordering of one channel by its only node. A block is closed when it is full,
 * `batch.timeoutMs` after its first transaction, or while nothing else is under way; it reaches the
 * disk before anybody sees it.
 */
export class OrderingService {
  readonly feed: BlockFeed;
  readonly #parts: OrderingParts;
  #config: ChannelConfig;
  #cutter: BlockCutter;
  #tip: ChainTip;
  #writing: Promise<void> = Promise.resolve();
  #batchesWriting = 0;
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
    if (isConfigUpdate(envelope)) return this.#reconfigure(envelope);
    for (const batch of this.#cutter.add(envelope)) this.#enqueue(batch);
    this.#adjustTimer();
    this.#cutSoonIfIdle();
    return accepted;
  }

  /**
   * Orders a new configuration in a block of its own, behind everything taken so far; whatever
   * comes later is judged by it. Source: msgprocessor/standardchannel.go:ProcessConfigUpdateMsg.
   */
  #reconfigure(update: common.Envelope): BroadcastAnswer {
    const { signer, clock } = this.#parts;
    const { channelId } = this.#config;
    let proposed: ProposedConfig;
    try {
      proposed = proposeConfigUpdate(update, this.#config);
    } catch (error) {
      if (!(error instanceof ConfigUpdateError)) throw error;
      return badRequest(
        `error applying config update to existing channel '${channelId}': ${error.message}`,
      );
    }
    const envelope = configTransaction({ channelId, content: proposed.envelope, signer, clock });
    const refusal = finalRefusalOf(envelope, { config: this.#config, clock });
    if (refusal) return refusal;
    this.#cutPending();
    this.#enqueue([envelope], true);
    this.#config = proposed.config;
    this.#cutter = new BlockCutter(proposed.config.batch);
    return accepted;
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
      this.#stopTimer();
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#cutPending();
    }, this.config.batch.timeoutMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Messages that arrived together are taken first. */
  #cutSoonIfIdle(): void {
    const { isIdle } = this.#parts;
    if (!isIdle || this.#cutter.pendingCount === 0) return;
    setImmediate(() => {
      if (this.#batchesWriting === 0 && !this.#stopped && isIdle()) this.#cutPending();
    });
  }

  #cutPending(): void {
    this.#stopTimer();
    if (this.#cutter.pendingCount > 0) this.#enqueue(this.#cutter.cut());
  }

  #enqueue(batch: Batch, isConfig = false): void {
    // The first transaction of the rest opens a new block, so its time starts now.
    this.#stopTimer();
    this.#batchesWriting += 1;
    this.#writing = this.#writing
      .then(() => this.#write(batch, isConfig))
      .catch((error: unknown) => {
        if (!this.#stopped) this.#parts.onFailure(error);
        this.#stopped = true;
      })
      .finally(() => {
        this.#batchesWriting -= 1;
      });
  }

  async #write(batch: Batch, isConfig: boolean): Promise<void> {
    const { signer } = this.#parts;
    const { block, tip } = writeNextBlock({ tip: this.#tip, batch, isConfig, signer });
    await this.#parts.store.append(block.serializeBinary());
    this.#tip = tip;
    this.feed.announce(block);
  }
}
