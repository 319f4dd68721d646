import type { common } from '@hyperledger/fabric-protos';
import type { BatchLimits } from '../../../topology';

/** Transactions of one future block, in order. */
export type Batch = readonly common.Envelope[];

/**
 * Decides which transactions share a block. It knows no time: the caller cuts when the batch
 * timeout has passed. Source: orderer/common/blockcutter/blockcutter.go:Ordered.
 */
export class BlockCutter {
  readonly #limits: BatchLimits;
  #pending: common.Envelope[] = [];
  #pendingBytes = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /** Number of transactions waiting for a block. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /**
   * Takes one transaction.
   * @returns the batches that are complete now, in order; often none
   */
  add(envelope: common.Envelope): Batch[] {
    const sizeBytes = envelopeSizeBytes(envelope);
    const { preferredMaxBytes, maxMessageCount } = this.#limits;
    if (sizeBytes > preferredMaxBytes) return [...this.#cutIfAny(), [envelope]];
    const full = this.#pendingBytes + sizeBytes > preferredMaxBytes ? this.#cutIfAny() : [];
    this.#pending.push(envelope);
    this.#pendingBytes += sizeBytes;
    return this.#pending.length >= maxMessageCount ? [...full, this.cut()] : full;
  }

  /** Takes out everything that waits; possibly nothing. */
  cut(): Batch {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    return batch;
  }

  #cutIfAny(): Batch[] {
    return this.#pending.length > 0 ? [this.cut()] : [];
  }
}

/** The size that the limits speak about: payload and signature, in bytes. */
export function envelopeSizeBytes(envelope: common.Envelope): number {
  return envelope.getPayload_asU8().length + envelope.getSignature_asU8().length;
}
