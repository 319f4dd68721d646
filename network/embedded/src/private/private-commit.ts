import { peer } from '@hyperledger/fabric-protos';
import type { ParsedBlock } from '../commit/parsed-block';
import type { ValidationCode } from '../commit/parsed-transaction';
import { UpdateBatch } from '../commit/update-batch';
import { sha256 } from '../../../crypto/hashes';
import type { MspIdentity } from '../identity/msp';
import type { CollectionDirectory } from '../state/collections';
import type { Ledger, StateUpdate } from '../state/ledger';
import type { Operation } from '../state/ledger-check';
import { decodePrivateWrites, type CollectionAddress } from '../state/private-rwset';
import { noteMissing } from '../state/private-store';
import { hashedKey } from '../state/rwset-builder';
import { hashedNamespace, privateNamespace, type Version } from '../state/versioned-value';
import { keepsData } from './collections';
import { applyExpiry, expiryOf, scheduleExpiries } from './expiry';
import { noPrivateSource, type PrivateSource, type WantedRecord } from './private-source';
import { wantedOf } from './wanted';
import { RecordChanges, type NewRecord, type Purge } from './purges';

const CODES = peer.TxValidationCode;
const NO_METADATA = new Uint8Array();

/** Blocks for which endorsed but never ordered private data are kept (core.yaml). */
const TRANSIENT_RETENTION = 1_000;

/** What a block changes in this peer's private data. */
export interface PrivateEffects {
  /** Changes of the state that are no part of the commit hash. */
  readonly updates: readonly StateUpdate[];
  readonly operations: readonly Operation[];
}

/** A block as far as its validation got. */
export interface ValidatedBlock {
  readonly parsed: ParsedBlock;
  readonly codes: readonly ValidationCode[];
  /** Public and hashed changes. */
  readonly updates: UpdateBatch;
}

/** What the private data of a peer depend on. */
export interface PrivateCommitParts {
  readonly ledger: Ledger;
  readonly collections: CollectionDirectory;
  /** The peer itself; absent = it keeps no private data at all. */
  readonly own?: { readonly mspId: string; readonly identity?: MspIdentity };
  /** Default: there are no private data anywhere. */
  readonly source?: PrivateSource;
}

interface FoundRecord extends NewRecord {
  readonly isValid: boolean;
}

/**
 * Works out what a block does to the private data of one peer: which plain data it gets, what is
 * purged, what expires (Fabric: `gossip/privdata/coordinator.go:StoreBlock`,
 * `txmgmt/validation/batch_preparer.go`, `pvtstatepurgemgmt`).
 */
export class PrivateCommit {
  readonly #parts: PrivateCommitParts;

  constructor(parts: PrivateCommitParts) {
    this.#parts = parts;
  }

  /** Reads, but changes nothing: the effects are for the batch of the block. */
  async effectsOf(block: ValidatedBlock): Promise<PrivateEffects> {
    const { ledger } = this.#parts;
    const { number } = block.parsed;
    const later = new UpdateBatch(ledger.state);
    const { found, missing, txIds } = await this.#gather(block);
    const records = new RecordChanges(ledger.privateStore, found);
    applyWrites(found, later);
    this.#followMetadata(found, block.updates, later);
    for (const purge of purgesOf(block)) {
      const key = await records.purge(purge);
      if (key !== undefined) deletePurged(key, purge, later);
    }
    const schedule = scheduleExpiries({ block, later, ...this.#parts });
    const expired = await applyExpiry({ number, ledger, updates: block.updates, later });
    return {
      updates: later.updates(),
      operations: [
        ...expired,
        ...records.operations(),
        ...missing.flatMap((one) => noteMissing(one, this.#expiry(one, number))),
        ...schedule,
        ...(await this.#forget(found.length > 0 ? txIds : [], number)),
      ],
    };
  }

  #expiry(address: CollectionAddress, writtenAt: number): number | undefined {
    const { collections, ledger } = this.#parts;
    return expiryOf(collections.find(ledger.state, address), writtenAt);
  }

  async #gather(block: ValidatedBlock): Promise<{
    found: FoundRecord[];
    missing: WantedRecord[];
    txIds: string[];
  }> {
    const { source = noPrivateSource } = this.#parts;
    const found: FoundRecord[] = [];
    const missing: WantedRecord[] = [];
    const txIds = new Set<string>();
    for (const wanted of this.#wanted(block.parsed)) {
      txIds.add(wanted.txId);
      const rwset = await source.find(wanted);
      if (!rwset) {
        missing.push(wanted);
        continue;
      }
      const { place } = wanted;
      found.push({
        ...wanted,
        writes: decodePrivateWrites(rwset),
        expiryBlock: this.#expiry(wanted, place.blockNumber),
        isValid: block.codes[place.index] === CODES.VALID,
      });
    }
    return { found, missing, txIds: [...txIds] };
  }

  /** The private writes of valid and invalid transactions that this peer should keep. */
  #wanted({ transactions, number }: ParsedBlock): WantedRecord[] {
    return transactions.flatMap((transaction, index) =>
      wantedOf(transaction, { blockNumber: number, index }).filter((wanted) => this.#keeps(wanted)),
    );
  }

  #keeps(address: CollectionAddress): boolean {
    const { collections, ledger, own } = this.#parts;
    if (!own) return false;
    const config = collections.find(ledger.state, address);
    return config !== undefined && keepsData(config, own);
  }

  /**
   * Lifts the version of a private value whose metadata alone were written to that of its hash
   * (Fabric: `batch_preparer.go:incrementPvtdataVersionIfNeeded`).
   */
  #followMetadata(found: readonly FoundRecord[], updates: UpdateBatch, later: UpdateBatch): void {
    for (const { isValid, namespace, collection, writes } of found) {
      for (const key of isValid ? writes.metadataKeys : []) {
        const hash = updates.find(hashedNamespace(namespace, collection), hashedKey(key))?.entry;
        const name = privateNamespace(namespace, collection);
        const latest = later.find(name, key)?.entry ?? this.#parts.ledger.state.get(name, key);
        if (!hash || !latest || !sha256(latest.value).equals(hash.value)) continue;
        const { version } = hash;
        later.put(name, key, { version, entry: { ...latest, version } });
      }
    }
  }

  /** Private data of committed transactions need not wait any longer; nor those never ordered. */
  async #forget(txIds: readonly string[], number: number): Promise<Operation[]> {
    const { transient } = this.#parts.ledger;
    const isDue = number > TRANSIENT_RETENTION && number % TRANSIENT_RETENTION === 0;
    return [
      ...(await transient.forget(txIds)),
      ...(isDue ? await transient.forgetBelow(number - TRANSIENT_RETENTION) : []),
    ];
  }
}

function applyWrites(found: readonly FoundRecord[], later: UpdateBatch): void {
  for (const { isValid, place, namespace, collection, writes } of found) {
    const version: Version = { blockNumber: place.blockNumber, txNumber: place.index };
    for (const { key, value, isDelete } of isValid ? writes.writes : []) {
      const entry = isDelete ? undefined : { value, version, metadata: NO_METADATA };
      later.put(privateNamespace(namespace, collection), key, { version, entry });
    }
  }
}

/** The last purge of each key by a valid transaction. */
function purgesOf({ parsed, codes }: ValidatedBlock): Purge[] {
  const purges = new Map<string, Purge>();
  parsed.transactions.forEach(({ action }, index) => {
    if (codes[index] !== CODES.VALID) return;
    for (const { namespace, collections } of action?.rwset ?? []) {
      for (const { collection, writes } of collections) {
        for (const { key: keyHash } of writes.filter(({ isPurge }) => isPurge)) {
          const place = { blockNumber: parsed.number, index };
          const purge = { namespace, collection, keyHash, place };
          purges.set(JSON.stringify([namespace, collection, keyHash]), purge);
        }
      }
    }
  });
  return [...purges.values()];
}

/** Also where this peer got no private writes with the purge; a later write of the block stays. */
function deletePurged(key: string, purge: Purge, later: UpdateBatch): void {
  const name = privateNamespace(purge.namespace, purge.collection);
  const update = later.find(name, key);
  if (update?.entry && update.version.txNumber > purge.place.index) return;
  const version = { blockNumber: purge.place.blockNumber, txNumber: purge.place.index };
  later.put(name, key, { version, entry: undefined });
}
