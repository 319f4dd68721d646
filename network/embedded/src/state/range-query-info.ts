import { ledger } from '@hyperledger/fabric-protos';
import { sha256 } from '../../../crypto/hashes';
import { encodeRead, type KvRead, type MerkleSummary } from './rwset';

/** Rows a range may have before hashes replace them (Fabric: `maxDegreeQueryReadsHashing`). */
export const MAX_DEGREE = 50;

function leafHash(reads: readonly KvRead[]): Buffer {
  const message = new ledger.rwset.kvrwset.QueryReads();
  message.setKvReadsList(reads.map(encodeRead));
  return sha256(message.serializeBinary());
}

/**
 * Collects the rows of one range as they are read: as they are while there are at most
 * `maxDegree`, after that as a Merkle tree that is folded while it grows
 * (Fabric: `rwsetutil/query_results_helper.go`).
 */
export class RangeSummary {
  readonly #maxDegree: number;
  #pending: KvRead[] = [];
  /** Hashes by level; index 0 is level 1, the leaves. */
  readonly #levels: Buffer[][] = [[]];

  /** @param maxDegree most rows in a leaf less one; must be 2 or more */
  constructor(maxDegree: number = MAX_DEGREE) {
    if (maxDegree < 2) throw new RangeError(`degree ${String(maxDegree)} of a range summary`);
    this.#maxDegree = maxDegree;
  }

  add(read: KvRead): void {
    this.#pending.push(read);
    if (this.#pending.length > this.#maxDegree) this.#foldPending();
  }

  /** The tree as far as it is built; rows not yet in a leaf are missing from it. */
  get summary(): MerkleSummary {
    return {
      maxDegree: this.#maxDegree,
      maxLevel: this.#levels.length,
      hashes: this.#levels.at(-1) ?? [],
    };
  }

  /**
   * The result so far; the collector can go on afterwards.
   * @returns the rows, or the summary once there were more than `maxDegree`
   */
  finish(): { reads: readonly KvRead[]; merkle?: undefined } | { merkle: MerkleSummary } {
    if (this.#levels.length === 1 && this.#levels[0]?.length === 0) {
      return { reads: [...this.#pending] };
    }
    const copy = this.#copy();
    if (copy.#pending.length > 0) copy.#foldPending();
    copy.#close();
    return { merkle: copy.summary };
  }

  #copy(): RangeSummary {
    const copy = new RangeSummary(this.#maxDegree);
    copy.#pending = [...this.#pending];
    copy.#levels.splice(0, 1, ...this.#levels.map((hashes) => [...hashes]));
    return copy;
  }

  #foldPending(): void {
    const leaf = leafHash(this.#pending);
    this.#pending = [];
    this.#push(0, leaf);
  }

  #push(level: number, hash: Buffer): void {
    const hashes = (this.#levels[level] ??= []);
    hashes.push(hash);
    if (hashes.length <= this.#maxDegree) return;
    this.#levels[level] = [];
    this.#push(level + 1, sha256(...hashes));
  }

  /** Lifts what is left on the lower levels to the top one; a single hash goes up unchanged. */
  #close(): void {
    for (let level = 0; level < this.#levels.length - 1; level++) {
      const hashes = this.#levels[level] ?? [];
      const [only] = hashes;
      if (only === undefined) continue;
      this.#levels[level] = [];
      this.#levels[level + 1]?.push(hashes.length === 1 ? only : sha256(...hashes));
    }
    const top = this.#levels.at(-1) ?? [];
    if (top.length > this.#maxDegree) this.#levels.push([sha256(...top)]);
  }
}

/** Whether two summaries stand for the same rows. */
export function sameSummary(left: MerkleSummary, right: MerkleSummary): boolean {
  return (
    left.maxDegree === right.maxDegree &&
    left.maxLevel === right.maxLevel &&
    left.hashes.length === right.hashes.length &&
    left.hashes.every((hash, at) => Buffer.compare(hash, right.hashes[at] ?? Buffer.of()) === 0)
  );
}
