import type { MspIdentity } from '../identity/msp';
import { sha256 } from '../../../crypto/hashes';
import type { TransientEntry, TransientStore } from '../state/transient-store';
import type { RecordAddress } from '../state/private-store-keys';
import type { CollectionRwset } from '../state/rwset';
import { decodePrivateWrites, type PrivateWrites } from '../state/private-rwset';
import { hashedKey } from '../state/rwset-builder';

/** Private writes that a peer should have according to a block. */
export interface WantedRecord extends RecordAddress {
  readonly txId: string;
  /** What the block says about them. */
  readonly hashed: CollectionRwset;
}

/** Finds private writes. */
export interface PrivateSource {
  /** @returns serialized `KVRWSet` that fits the block, undefined when nobody has any */
  find(wanted: WantedRecord): Promise<Uint8Array | undefined>;
}

/** For peers that get no private data. */
export const noPrivateSource: PrivateSource = { find: () => Promise.resolve(undefined) };

/** A peer as the others see it when they exchange private data. */
export interface PrivatePeer {
  readonly mspId: string;
  readonly identity: MspIdentity;
  /** Keeps what another peer endorsed until it is committed. */
  receivePrivate(entry: TransientEntry): Promise<void>;
  /**
   * Private writes for another peer, from the transient or the private store.
   * @returns undefined when this peer has none, or the other may not have them
   */
  supplyPrivate(
    wanted: WantedRecord,
    requester: Pick<PrivatePeer, 'mspId' | 'identity'>,
  ): Promise<Uint8Array | undefined>;
}

/** Whether private writes are exactly those whose hash is in the block. */
export function matchesHash({ hashed }: WantedRecord, rwset: Uint8Array): boolean {
  return sha256(rwset).equals(hashed.privateHash);
}

/**
 * Whether private writes are a part of those in the block, each key and value by its hash. Where a
 * key was purged or expired since, a part is all that anybody has
 * (Fabric: `gossip/privdata/reconcile.go`, `pvtdatastorage.FilterPurged…`).
 */
export function isPartOf(
  { hashed }: WantedRecord,
  { writes, metadataKeys }: PrivateWrites,
): boolean {
  const written = new Map(hashed.writes.map((write) => [write.key, write]));
  const metadata = new Set(hashed.metadataWrites.map(({ key }) => key));
  const known = writes.every(({ key, value, isDelete }) => {
    const hash = written.get(hashedKey(key));
    if (hash?.isDelete !== isDelete) return false;
    return isDelete || sha256(value).equals(hash.value);
  });
  return known && metadataKeys.every((key) => metadata.has(hashedKey(key)));
}

/** The private writes of the transient store that fit a block. */
export async function findTransient(
  transient: TransientStore,
  wanted: WantedRecord,
): Promise<Uint8Array | undefined> {
  const sets = await transient.setsOf(wanted.txId);
  const { namespace, collection } = wanted;
  return sets.find(
    (set) =>
      set.namespace === namespace &&
      set.collection === collection &&
      matchesHash(wanted, set.rwset),
  )?.rwset;
}

/** The own transient store first, then the other peers. */
export class PeerSource implements PrivateSource {
  readonly #transient: TransientStore;
  readonly #own: Pick<PrivatePeer, 'mspId' | 'identity'>;
  readonly #others: () => readonly PrivatePeer[];

  constructor(parts: {
    transient: TransientStore;
    own: Pick<PrivatePeer, 'mspId' | 'identity'>;
    others: () => readonly PrivatePeer[];
  }) {
    this.#transient = parts.transient;
    this.#own = parts.own;
    this.#others = parts.others;
  }

  /** @inheritdoc */
  async find(wanted: WantedRecord): Promise<Uint8Array | undefined> {
    const own = await findTransient(this.#transient, wanted);
    if (own) return own;
    let part: Uint8Array | undefined;
    for (const peer of this.#others()) {
      // A peer that cannot answer, such as one that closes, is one that has nothing.
      const given = await peer.supplyPrivate(wanted, this.#own).catch(() => undefined);
      if (!given) continue;
      if (matchesHash(wanted, given)) return given;
      if (isPartOf(wanted, decodePrivateWrites(given))) part ??= given;
    }
    return part;
  }
}
