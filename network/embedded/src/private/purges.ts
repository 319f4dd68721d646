import { decodePrivateWrites, type PrivateWrites } from '../state/private-rwset';
import {
  forgetPlace,
  keepRecord,
  notePurge,
  trimRecord,
  type PrivateStore,
} from '../state/private-store';
import type { HashedKeyAddress, RecordAddress } from '../state/private-store-keys';
import type { TransactionPlace } from '../state/ledger-keys';
import type { Operation } from '../state/ledger-check';
import { hashedKey } from '../state/rwset-builder';

/** A private key that a valid transaction purges. */
export interface Purge extends HashedKeyAddress {
  readonly place: TransactionPlace;
}

/** Private writes that a block adds. */
export interface NewRecord extends RecordAddress {
  readonly writes: PrivateWrites;
  readonly expiryBlock: number | undefined;
}

/** Whether something at `place` falls under a purge at `purgedAt`. */
export function isPurged(place: TransactionPlace, purgedAt: TransactionPlace): boolean {
  if (place.blockNumber !== purgedAt.blockNumber) return place.blockNumber < purgedAt.blockNumber;
  return place.index <= purgedAt.index;
}

function without({ writes, metadataKeys }: PrivateWrites, keyHash: string): PrivateWrites {
  return { writes: writes.filter(({ key }) => hashedKey(key) !== keyHash), metadataKeys };
}

function identityOf({ place, namespace, collection }: RecordAddress): string {
  return JSON.stringify([place.blockNumber, place.index, namespace, collection]);
}

interface Changed {
  readonly address: RecordAddress;
  readonly writes: PrivateWrites;
}

/**
 * The changes of a block in the private store: its own records, and older ones without what it
 * purges. A purge takes a key out of every record up to and including its own
 * (Fabric: `pvtdatastorage/store.go:removePurgedDataFromCollPvtRWset`).
 */
export class RecordChanges {
  readonly #store: PrivateStore;
  readonly #added = new Map<string, NewRecord>();
  readonly #trimmed = new Map<string, Changed>();
  readonly #operations: Operation[] = [];

  constructor(store: PrivateStore, added: readonly NewRecord[]) {
    this.#store = store;
    for (const record of added) this.#added.set(identityOf(record), record);
  }

  /** @returns the key itself, undefined where this peer never knew it */
  async purge(purge: Purge): Promise<string | undefined> {
    this.#operations.push(notePurge(purge, purge.place));
    let plainKey: string | undefined;
    for (const { place, key } of await this.#store.placesOf(purge)) {
      plainKey = key;
      this.#trimOld({ ...purge, place }, purge.keyHash);
      this.#operations.push(forgetPlace(purge, place));
    }
    return this.#trimNew(purge) ?? plainKey;
  }

  #trimOld(address: RecordAddress, keyHash: string): void {
    const identity = identityOf(address);
    const bytes = this.#trimmed.get(identity)?.writes ?? this.#stored(address);
    if (bytes) this.#trimmed.set(identity, { address, writes: without(bytes, keyHash) });
  }

  #stored(address: RecordAddress): PrivateWrites | undefined {
    const bytes = this.#store.record(address);
    return bytes && decodePrivateWrites(bytes);
  }

  #trimNew(purge: Purge): string | undefined {
    let plainKey: string | undefined;
    for (const [identity, record] of this.#added) {
      const isSame = record.namespace === purge.namespace && record.collection === purge.collection;
      if (!isSame || !isPurged(record.place, purge.place)) continue;
      plainKey ??= record.writes.writes.find(({ key }) => hashedKey(key) === purge.keyHash)?.key;
      this.#added.set(identity, { ...record, writes: without(record.writes, purge.keyHash) });
    }
    return plainKey;
  }

  /** All changes, for the batch of the block. */
  operations(): Operation[] {
    return [
      ...[...this.#trimmed.values()].map(({ address, writes }) => trimRecord(address, writes)),
      ...[...this.#added.values()].flatMap((record) =>
        keepRecord(record, record.writes, record.expiryBlock),
      ),
      ...this.#operations,
    ];
  }
}
