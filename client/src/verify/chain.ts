/** A chain of blocks held against pinned roots, and replayed: what is on the ledger, by itself. */
import { equalBytes } from '@procurement/protocol';
import {
  blockDataHash,
  blockHeaderHash,
  type BlockRead,
  FabricMessageError,
  METADATA_SLOTS,
  readBlock,
  readConfiguration,
  readEnvelope,
  readTransaction,
  type ReadTransaction,
  VALID,
} from '@procurement/protocol/fabric';
import { check, CheckFailed } from '../check';
import type { Configurations } from '../receipts/ordering';
import { checkEndorsers } from '../signing/check-endorsed';
import { keyOfNode, type PinnedRoots } from '../signing/roots';
import { isSignatureOf } from '../signing/signer';

/** Whose chain it is. */
export interface ChainTrust {
  readonly roots: PinnedRoots;
  /** The channel's configurations, pinned or found in its blocks. */
  readonly configurations: Configurations;
  readonly channel: string;
  readonly chaincode: string;
}

/** A transaction of our chaincode that counts, where it stands. */
export interface Placed extends ReadTransaction {
  readonly block: number;
  readonly index: number;
}

/** A value of the ledger, and which transaction wrote it. */
interface Entry {
  readonly value: Uint8Array;
  readonly block: number;
  readonly index: number;
}

/**
 * Reads blocks from the first one on. Each must follow the one before, hold what its hash says and
 * be signed by the ordering service; the first one, which nobody signs, is bound by the second.
 * Which transactions count is worked out here: signed by their sender, endorsed by those who must,
 * and read from the state that the transactions before them left. The marks of the peer from which
 * the blocks came are believed in nothing but this: what it marks as invalid is left out, and
 * whatever follows has to fit.
 */
export class Chain {
  readonly #trust: ChainTrust;
  readonly #state = new Map<string, Entry>();
  readonly #left: string[] = [];
  #last: BlockRead | undefined;
  #firstHash = new Uint8Array();

  constructor(trust: ChainTrust) {
    this.#trust = trust;
  }

  /** How many blocks were read. */
  get height(): number {
    return this.#last === undefined ? 0 : this.#last.header.number + 1;
  }

  /** Hash of the first block's header: which channel it is. */
  get firstHash(): Uint8Array {
    return this.#firstHash;
  }

  /** Transactions of our chaincode that were left out as invalid, by id. */
  get leftOut(): readonly string[] {
    return this.#left;
  }

  /** The value under a composite key, given by prefix and parts; undefined where there is none. */
  value(...parts: readonly string[]): Uint8Array | undefined {
    return this.#state.get(keyOf(parts))?.value;
  }

  /** All values under a prefix and the first parts of their keys, in the order of their keys. */
  values(...parts: readonly string[]): Uint8Array[] {
    const start = keyOf(parts);
    const keys = [...this.#state.keys()].filter((key) => key.startsWith(start)).sort();
    return keys.flatMap((key) => this.#state.get(key)?.value ?? []);
  }

  /**
   * Takes the next block. A transaction's writes are on the ledger when the next one is given.
   * @param bytes serialised `common.Block`
   * @param each is given every transaction that counts, before its writes are applied
   * @throws {CheckFailed}
   */
  async append(bytes: Uint8Array, each: (transaction: Placed) => Promise<void>): Promise<void> {
    const block = readPart('a block', () => readBlock(bytes));
    await this.#checkHeader(block);
    await this.#checkOrdered(block, bytes);
    const marks = block.metadata[METADATA_SLOTS.transactionsFilter] ?? new Uint8Array();
    for (const [index, envelope] of block.data.entries()) {
      const transaction = await this.#transactionOf(envelope);
      if (transaction === undefined) continue;
      const { transactionId } = transaction.proposal;
      if (marks[index] !== VALID) {
        this.#left.push(transactionId);
        continue;
      }
      await this.#checkValid(transaction, envelope);
      const placed = { ...transaction, block: block.header.number, index };
      await each(placed);
      this.#apply(placed);
    }
    this.#last = block;
  }

  async #checkHeader(block: BlockRead): Promise<void> {
    const { header, data } = block;
    const { number } = header;
    const last = this.#last?.header;
    check(
      number === this.height,
      `block ${number} stands where block ${this.height} should`,
      'BLOCK',
    );
    const isWhole = equalBytes(await blockDataHash(data), header.dataHash);
    check(isWhole, `what block ${number} holds does not come to its hash`, 'BLOCK');
    if (last === undefined) {
      this.#firstHash = new Uint8Array(await blockHeaderHash(header));
      return;
    }
    const isNext = equalBytes(header.previousHash, await blockHeaderHash(last));
    check(isNext, `block ${number} does not follow block ${number - 1}`, 'BLOCK');
  }

  /** A configuration is signed under the one before it, and is in force after it. */
  async #checkOrdered(block: BlockRead, bytes: Uint8Array): Promise<void> {
    const { header, metadata } = block;
    const { configurations } = this.#trust;
    const read = readPart(`block ${header.number}`, () => readConfiguration(block));
    if (read !== undefined && header.number === 0) await configurations.begin(bytes);
    else if (read !== undefined) await configurations.follow(bytes);
    else if (header.number > 0) {
      const slot = metadata[METADATA_SLOTS.signatures] ?? new Uint8Array();
      await configurations.checkOrdered(header, slot);
    }
  }

  /** Undefined where it is none of our chaincode: configuration, or the lifecycle. */
  async #transactionOf(envelope: Uint8Array): Promise<ReadTransaction | undefined> {
    try {
      const transaction = await readTransaction(readEnvelope(envelope).payload);
      const { channel, chaincode } = transaction.proposal;
      const isOurs = channel === this.#trust.channel && chaincode === this.#trust.chaincode;
      return isOurs ? transaction : undefined;
    } catch (error) {
      if (error instanceof FabricMessageError) return undefined;
      throw error;
    }
  }

  async #checkValid(transaction: ReadTransaction, envelope: Uint8Array): Promise<void> {
    const { proposal, reads } = transaction;
    const { payload, signature } = readEnvelope(envelope);
    const { roots } = this.#trust;
    const publicKey = await keyOfNode(roots, { ...proposal.creator, role: 'client' });
    const holds = await isSignatureOf({ publicKey, message: payload, signature });
    check(holds, `the sender's signature of ${proposal.transactionId} does not hold`, 'SENDER');
    await checkEndorsers(transaction, roots);
    for (const { key, version } of reads) {
      const entry = this.#state.get(key);
      const isCurrent = entry?.block === version?.block && entry?.index === version?.index;
      check(isCurrent, `${proposal.transactionId} counts and was made from another state`, 'STATE');
    }
  }

  #apply({ writes, block, index }: Placed): void {
    for (const { key, value } of writes) {
      if (value.length === 0) this.#state.delete(key);
      else this.#state.set(key, { value, block, index });
    }
  }
}

/** Fabric's composite key (fabric-shim `lib/stub.js`: createCompositeKey). */
function keyOf(parts: readonly string[]): string {
  return `\u0000${parts.map((part) => `${part}\u0000`).join('')}`;
}

function readPart<T>(what: string, reading: () => T): T {
  try {
    return reading();
  } catch (error) {
    if (!(error instanceof FabricMessageError)) throw error;
    throw new CheckFailed(`${what} cannot be read: ${error.part}`, { code: 'UNREADABLE' });
  }
}
