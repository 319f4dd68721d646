import { common, peer } from '@hyperledger/fabric-protos';
import type { ChannelConfig } from '../config/channel-config';
import { validateConfig } from '../config/config-update';
import { sha256 } from '../../../crypto/hashes';
import type { CommitBatch, CommittedBlock, Ledger } from '../state/ledger';
import { ChaincodeDefinitions } from './definitions';
import {
  checkEndorsements,
  keyName,
  writtenMetadata,
  type EndorsementView,
} from './endorsement-check';
import { checkReads } from './mvcc';
import { Collections } from '../private/collections';
import { PrivateCommit, type PrivateCommitParts } from '../private/private-commit';
import { reconcile } from '../private/reconcile';
import { parseBlock, type ParsedBlock } from './parsed-block';
import type { ParsedTransaction, TransactionHeader, ValidationCode } from './parsed-transaction';
import { checkTransaction, markDuplicates } from './transaction-checks';
import type { NamespaceRwset } from '../state/rwset';
import { UpdateBatch, varint } from './update-batch';

const CODES = peer.TxValidationCode;
const { CONFIG } = common.HeaderType;
const NO_HASH = new Uint8Array();
const METADATA_SLOTS = 5;

/** A block that does not continue the ledger; nothing was written. */
export class BlockOrderError extends Error {
  override readonly name = 'BlockOrderError';
}

/** Keys whose policy a transaction changes, for the transactions after it in the block. */
function policyChanges({ action }: ParsedTransaction): string[] {
  return (action?.rwset ?? []).flatMap((set) =>
    writtenMetadata(set).map(({ stateNamespace, key }) => keyName(stateNamespace, key)),
  );
}

/** A new block message with this peer's filter and commit hash; header and data are shared. */
function withPeerMetadata(
  block: common.Block,
  filter: Uint8Array,
  commitHash: Uint8Array,
): common.Block {
  const slots: Uint8Array[] = [...(block.getMetadata()?.getMetadataList_asU8() ?? [])];
  while (slots.length < METADATA_SLOTS) slots.push(NO_HASH);
  slots[common.BlockMetadataIndex.TRANSACTIONS_FILTER] = filter;
  if (commitHash.length > 0) {
    const hash = new common.Metadata();
    hash.setValue(commitHash);
    slots[common.BlockMetadataIndex.COMMIT_HASH] = hash.serializeBinary();
  }
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList(slots);
  const marked = new common.Block();
  marked.setHeader(block.getHeader());
  marked.setData(block.getData());
  marked.setMetadata(metadata);
  return marked;
}

/** The state keeps the configuration too (core/peer/configtx_processor.go). */
function configWrite(header: TransactionHeader): NamespaceRwset {
  const write = { key: 'CHANNEL_CONFIG_ENV_BYTES', isDelete: false, value: header.data };
  const nothing = { reads: [], ranges: [], metadataWrites: [], collections: [] };
  return { namespace: '', writes: [write], ...nothing };
}

function serialize(parsed: ParsedBlock, marked: common.Block): Buffer {
  const rest = new common.Block();
  rest.setMetadata(marked.getMetadata());
  return Buffer.concat([parsed.headerAndData, rest.serializeBinary()]);
}

function writtenPublicKeys(
  transactions: readonly ParsedTransaction[],
  codes: readonly ValidationCode[],
): CommitBatch['history'] {
  return transactions.flatMap(({ action }, index) => {
    if (codes[index] !== CODES.VALID || !action) return [];
    return action.rwset.flatMap(({ namespace, writes }) =>
      writes.map(({ key }) => ({ namespace, key, index })),
    );
  });
}

/**
 * Validates blocks and writes them to one peer's ledger. Give all peers of the process the same
 * block objects: what follows from the bytes alone is then worked out once.
 */
export class Committer {
  readonly #ledger: Ledger;
  readonly #config: () => ChannelConfig;
  readonly #applyConfig: (config: ChannelConfig) => void;
  readonly #definitions: ChaincodeDefinitions;
  readonly #privateParts: PrivateCommitParts;
  readonly #private: PrivateCommit;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param options.config the configuration at the moment
   * @param options.applyConfig called with the configuration that takes effect; default: none does
   * @param options.own the peer, if it keeps private data
   * @param options.source where it gets them from
   */
  constructor(
    options: {
      ledger: Ledger;
      config: () => ChannelConfig;
      applyConfig?: (config: ChannelConfig) => void;
      definitions?: ChaincodeDefinitions;
    } & Pick<PrivateCommitParts, 'own' | 'source'>,
  ) {
    this.#ledger = options.ledger;
    this.#config = options.config;
    this.#applyConfig = options.applyConfig ?? (() => undefined);
    this.#definitions = options.definitions ?? new ChaincodeDefinitions();
    this.#privateParts = {
      ...options,
      collections: new Collections({
        channel: this.#config,
        definitions: this.#definitions,
        mspId: options.own?.mspId ?? '',
      }),
    };
    this.#private = new PrivateCommit(this.#privateParts);
  }

  /**
   * Commits the next block: sets metadata slots 2 (transactions filter) and 4 (commit hash) on a
   * copy, writes it with all effects, tells the ledger's listeners. Flags that the block already
   * carries are ignored. Calls are carried out one after the other.
   * @throws BlockOrderError when it is not the next block of the chain
   */
  commit(block: common.Block): Promise<CommittedBlock> {
    const next = this.#last.then(() => this.#commit(block));
    this.#last = next.catch(() => undefined);
    return next;
  }

  /**
   * Looks again for private data that were missing when their blocks came; writes what is found.
   * @returns how many are still missing
   */
  reconcile(): Promise<number> {
    const next = this.#last.then(() => this.#reconcile());
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #reconcile(): Promise<number> {
    let missing = 0;
    for (const address of await this.#ledger.privateStore.missing()) {
      const effects = await reconcile(address, this.#privateParts);
      if (effects) await this.#ledger.amend(effects);
      else missing += 1;
    }
    return missing;
  }

  async #commit(block: common.Block): Promise<CommittedBlock> {
    const parsed = parseBlock(block);
    this.#checkChain(parsed);
    const updates = new UpdateBatch(this.#ledger.state);
    // Block 0 is where the trust in everything else comes from; nobody could have endorsed it.
    const codes =
      parsed.number === 0
        ? parsed.transactions.map(() => CODES.VALID)
        : await this.#validate(parsed, updates);
    const filter = Buffer.from(codes);
    const commitHash =
      parsed.number === 0
        ? NO_HASH
        : sha256(varint(filter.length), filter, updates.bytes(), this.#ledger.commitHash);
    const effects = await this.#private.effectsOf({ parsed, codes, updates });
    const marked = withPeerMetadata(block, filter, commitHash);
    const batch: CommitBatch = {
      block: marked,
      bytes: serialize(parsed, marked),
      number: parsed.number,
      headerHash: parsed.headerHash,
      commitHash,
      txIds: parsed.transactions.map(({ txId }) => txId),
      codes,
      updates: [...updates.updates(), ...effects.updates],
      privateOperations: effects.operations,
      history: writtenPublicKeys(parsed.transactions, codes),
    };
    await this.#ledger.commit(batch);
    return batch;
  }

  #checkChain({ number, previousHash }: ParsedBlock): void {
    const { height, lastBlockHash } = this.#ledger;
    if (number !== height) {
      throw new BlockOrderError(
        `block ${String(number)} came where block ${String(height)} should be`,
      );
    }
    if (!lastBlockHash.equals(previousHash)) {
      throw new BlockOrderError(
        `block ${String(number)} does not name block ${String(height - 1)}`,
      );
    }
  }

  async #validate(parsed: ParsedBlock, updates: UpdateBatch): Promise<ValidationCode[]> {
    const { transactions, number } = parsed;
    const codes = this.#checkAlone(transactions);
    markDuplicates(transactions, codes);
    const view = { state: this.#ledger.state, updates };
    for (const [index, { action, header }] of transactions.entries()) {
      if (codes[index] !== CODES.VALID) continue;
      if (header?.type === CONFIG)
        updates.apply([configWrite(header)], { blockNumber: number, txNumber: index });
      if (!action) continue;
      const code = await checkReads(action.rwset, view);
      codes[index] = code;
      const version = { blockNumber: number, txNumber: index };
      if (code === CODES.VALID) updates.apply(action.rwset, version);
    }
    return codes;
  }

  /**
   * A new configuration takes effect as soon as it is validated. A real peer halts at one that does
   * not follow from the present one, which no ordering node sends; here it is invalid.
   * Source: txvalidator/v20/validator.go:validateTx, core/peer/channel.go:Apply
   */
  #reconfigure(header: TransactionHeader): ValidationCode {
    try {
      const envelope = common.ConfigEnvelope.deserializeBinary(header.data);
      this.#applyConfig(validateConfig(envelope, this.#config()));
      return CODES.VALID;
    } catch {
      return CODES.INVALID_CONFIG_TRANSACTION;
    }
  }

  /** The checks against the state before the block, in which transactions do not meet. */
  #checkAlone(transactions: readonly ParsedTransaction[]): ValidationCode[] {
    const changedPolicies = new Set<string>();
    const ledger = this.#ledger;
    const config = this.#config();
    const view: EndorsementView = {
      config,
      definitions: this.#definitions,
      state: ledger.state,
      changedPolicies,
    };
    const channel = {
      config,
      hasTransaction: (txId: string) => ledger.hasTransaction(txId),
    };
    return transactions.map((transaction) => {
      const code = checkTransaction(transaction, channel);
      if (code === CODES.VALID && transaction.header?.type === CONFIG) {
        return this.#reconfigure(transaction.header);
      }
      if (code !== CODES.VALID || !transaction.action) return code;
      const endorsed = checkEndorsements(transaction.action, view);
      if (endorsed === CODES.VALID) {
        for (const name of policyChanges(transaction)) changedPolicies.add(name);
      }
      return endorsed;
    });
  }
}
