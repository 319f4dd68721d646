import { valuesInKeyOrder } from './key-order';
import type { KvRead, KvWrite, MetadataEntry, MetadataWrite, NamespaceRwset } from './rwset';
import type { RangeQuery } from './rwset';
import type { Version } from './versioned-value';

/** Where a key is. */
export interface KeyAddress {
  readonly namespace: string;
  readonly key: string;
}

/** A range that was opened; `describe` is asked when the simulation ends. */
export interface OpenRange {
  describe(): RangeQuery;
}

interface NamespaceParts {
  readonly reads: Map<string, KvRead>;
  readonly writes: Map<string, KvWrite>;
  readonly metadataWrites: Map<string, MetadataWrite>;
  readonly ranges: OpenRange[];
}

function emptyParts(): NamespaceParts {
  return { reads: new Map(), writes: new Map(), metadataWrites: new Map(), ranges: [] };
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

function build(namespace: string, parts: NamespaceParts): NamespaceRwset {
  return {
    namespace,
    reads: valuesInKeyOrder(parts.reads),
    ranges: distinctRanges(parts.ranges),
    writes: valuesInKeyOrder(parts.writes),
    metadataWrites: valuesInKeyOrder(parts.metadataWrites),
    collections: [],
  };
}

/**
 * Gathers what one simulation reads and writes (Fabric: `rwsetutil/rwset_builder.go`): the last
 * write of a key counts, everything comes out in key order.
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

  /** The sets gathered so far, namespaces in key order. */
  build(): NamespaceRwset[] {
    const built = new Map(
      [...this.#namespaces].map(([name, parts]) => [name, build(name, parts)] as const),
    );
    return valuesInKeyOrder(built);
  }
}
