import { sha256 } from '../../../crypto/hashes';
import { valuesInKeyOrder } from './key-order';
import { encodePrivateWrites, type CollectionAddress, type PrivateWriteSet } from './private-rwset';
import type {
  CollectionRwset,
  HashedWrite,
  KvRead,
  KvWrite,
  MetadataEntry,
  MetadataWrite,
  NamespaceRwset,
  RangeQuery,
} from './rwset';
import type { Version } from './versioned-value';

/** Where a key is. */
export interface KeyAddress {
  readonly namespace: string;
  readonly key: string;
}

/** Where a private key is. */
export interface PrivateKeyAddress extends CollectionAddress {
  readonly key: string;
}

/** A range that was opened; `describe` is asked when the simulation ends. */
export interface OpenRange {
  describe(): RangeQuery;
}

/** Everything by the plain key, which gives the order (Fabric: `collHashRwBuilder`). */
interface CollectionParts {
  readonly reads: Map<string, KvRead>;
  readonly writes: Map<string, HashedWrite>;
  readonly metadataWrites: Map<string, MetadataWrite>;
  /** What the members get. */
  readonly plainWrites: Map<string, KvWrite>;
}

interface NamespaceParts {
  readonly reads: Map<string, KvRead>;
  readonly writes: Map<string, KvWrite>;
  readonly metadataWrites: Map<string, MetadataWrite>;
  readonly ranges: OpenRange[];
  readonly collections: Map<string, CollectionParts>;
}

const NOTHING = new Uint8Array();

function emptyParts(): NamespaceParts {
  return {
    reads: new Map(),
    writes: new Map(),
    metadataWrites: new Map(),
    ranges: [],
    collections: new Map(),
  };
}

function emptyCollection(): CollectionParts {
  return { reads: new Map(), writes: new Map(), metadataWrites: new Map(), plainWrites: new Map() };
}

/** SHA-256 of a private key in lower-case hex: the key under which its hash is kept. */
export function hashedKey(key: string): string {
  return sha256(Buffer.from(key, 'utf8')).toString('hex');
}

/** Ranges with equal start, end and exhausted flag are recorded once, the first one. */
function distinctRanges(ranges: readonly OpenRange[]): RangeQuery[] {
  const seen = new Map<string, RangeQuery>();
  for (const range of ranges) {
    const query = range.describe();
    const identity = JSON.stringify([query.startKey, query.endKey, query.exhausted]);
    if (!seen.has(identity)) seen.set(identity, query);
  }
  return [...seen.values()];
}

/** Undefined when nothing was written. */
function plainRwset({ plainWrites, metadataWrites }: CollectionParts): Uint8Array | undefined {
  if (plainWrites.size === 0 && metadataWrites.size === 0) return undefined;
  return encodePrivateWrites({
    writes: valuesInKeyOrder(plainWrites),
    metadataKeys: valuesInKeyOrder(new Map([...metadataWrites.keys()].map((key) => [key, key]))),
  });
}

function buildCollection(collection: string, parts: CollectionParts): CollectionRwset {
  const plain = plainRwset(parts);
  return {
    collection,
    reads: valuesInKeyOrder(parts.reads),
    writes: valuesInKeyOrder(parts.writes),
    metadataWrites: valuesInKeyOrder(parts.metadataWrites),
    privateHash: plain ? sha256(plain) : NOTHING,
  };
}

function build(namespace: string, parts: NamespaceParts): NamespaceRwset {
  return {
    namespace,
    reads: valuesInKeyOrder(parts.reads),
    ranges: distinctRanges(parts.ranges),
    writes: valuesInKeyOrder(parts.writes),
    metadataWrites: valuesInKeyOrder(parts.metadataWrites),
    collections: inKeyOrder(parts.collections, buildCollection),
  };
}

function inKeyOrder<T, R>(
  entries: ReadonlyMap<string, T>,
  make: (name: string, entry: T) => R,
): R[] {
  const made = [...entries].map(([name, entry]) => [name, make(name, entry)] as const);
  return valuesInKeyOrder(new Map(made));
}

/**
 * Gathers what one simulation reads and writes (Fabric: `rwsetutil/rwset_builder.go`): the last
 * write of a key counts, everything comes out in key order, private keys in the order of the plain
 * ones.
 */
export class RwsetBuilder {
  readonly #namespaces = new Map<string, NamespaceParts>();

  #parts(namespace: string): NamespaceParts {
    const known = this.#namespaces.get(namespace);
    if (known) return known;
    const parts = emptyParts();
    this.#namespaces.set(namespace, parts);
    return parts;
  }

  #collection({ namespace, collection }: CollectionAddress): CollectionParts {
    const { collections } = this.#parts(namespace);
    const known = collections.get(collection);
    if (known) return known;
    const parts = emptyCollection();
    collections.set(collection, parts);
    return parts;
  }

  addRead({ namespace, key }: KeyAddress, version: Version | undefined): void {
    const read: KvRead = version === undefined ? { key } : { key, version };
    this.#parts(namespace).reads.set(key, read);
  }

  /** @param value empty = the key is deleted */
  addWrite({ namespace, key }: KeyAddress, value: Uint8Array): void {
    this.#parts(namespace).writes.set(key, { key, value, isDelete: value.length === 0 });
  }

  /** @param entries none = the metadata is removed */
  addMetadataWrite({ namespace, key }: KeyAddress, entries: readonly MetadataEntry[]): void {
    this.#parts(namespace).metadataWrites.set(key, { key, entries });
  }

  addRange(namespace: string, range: OpenRange): void {
    this.#parts(namespace).ranges.push(range);
  }

  addHashedRead(address: PrivateKeyAddress, version: Version | undefined): void {
    const key = hashedKey(address.key);
    const read: KvRead = version === undefined ? { key } : { key, version };
    this.#collection(address).reads.set(address.key, read);
  }

  /** @param value empty = the key is deleted */
  addPrivateWrite(address: PrivateKeyAddress, value: Uint8Array): void {
    const isDelete = value.length === 0;
    this.#addPrivate(address, {
      plain: { key: address.key, value, isDelete },
      hash: isDelete ? NOTHING : sha256(value),
      isPurge: false,
    });
  }

  /** Deletes a private key and asks for its past values to be forgotten. */
  addPurge(address: PrivateKeyAddress): void {
    const plain = { key: address.key, value: NOTHING, isDelete: true };
    this.#addPrivate(address, { plain, hash: NOTHING, isPurge: true });
  }

  #addPrivate(
    address: PrivateKeyAddress,
    { plain, hash, isPurge }: { plain: KvWrite; hash: Uint8Array; isPurge: boolean },
  ): void {
    const parts = this.#collection(address);
    const { isDelete } = plain;
    parts.plainWrites.set(address.key, plain);
    parts.writes.set(address.key, { key: hashedKey(address.key), value: hash, isDelete, isPurge });
  }

  /** @param entries none = the metadata is removed */
  addPrivateMetadataWrite(address: PrivateKeyAddress, entries: readonly MetadataEntry[]): void {
    const write: MetadataWrite = { key: hashedKey(address.key), entries };
    this.#collection(address).metadataWrites.set(address.key, write);
  }

  /** The sets gathered so far, namespaces in key order. */
  build(): NamespaceRwset[] {
    return inKeyOrder(this.#namespaces, build);
  }

  /** What was written to private collections, in plain, in key order. */
  buildPrivate(): PrivateWriteSet[] {
    return inKeyOrder(this.#namespaces, (namespace, { collections }) =>
      inKeyOrder(collections, (collection, parts) => {
        const rwset = plainRwset(parts);
        return rwset ? [{ namespace, collection, rwset }] : [];
      }),
    ).flat(2);
  }
}
