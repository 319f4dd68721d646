import { compareKeys } from '../state/key-order';
import {
  encodeMetadata,
  type MetadataWrite,
  type KvWrite,
  type NamespaceRwset,
} from '../state/rwset';
import {
  hashedNamespace,
  splitHashedNamespace,
  type StateReader,
  type Version,
  type VersionedValue,
} from '../state/versioned-value';
import type { StateUpdate } from '../state/ledger';

const NOTHING = new Uint8Array();

/** What a block does to a key: a new entry, or a delete that still has a version. */
export interface KeyUpdate {
  readonly version: Version;
  readonly entry: VersionedValue | undefined;
}

interface KeyOperation {
  write?: KvWrite;
  metadata?: MetadataWrite;
}

function operationsOf(
  writes: readonly KvWrite[],
  metadataWrites: readonly MetadataWrite[],
): Map<string, KeyOperation> {
  const operations = new Map<string, KeyOperation>();
  for (const write of writes) operations.set(write.key, { write });
  for (const metadata of metadataWrites) {
    const operation = operations.get(metadata.key);
    if (operation) operation.metadata = metadata;
    else operations.set(metadata.key, { metadata });
  }
  return operations;
}

/**
 * The changes of the valid transactions of a block so far, over the state before the block
 * (Fabric: `txmgmt/validation/tx_ops.go`, `statedb.UpdateBatch`).
 */
export class UpdateBatch {
  readonly #state: StateReader;
  readonly #namespaces = new Map<string, Map<string, KeyUpdate>>();

  constructor(state: StateReader) {
    this.#state = state;
  }

  /** What the block does to a key, undefined when nothing so far. */
  find(namespace: string, key: string): KeyUpdate | undefined {
    return this.#namespaces.get(namespace)?.get(key);
  }

  /** The changes in one namespace, in no order. */
  changes(namespace: string): ReadonlyMap<string, KeyUpdate> {
    return this.#namespaces.get(namespace) ?? new Map<string, KeyUpdate>();
  }

  /** The namespaces of the state that the block changes so far. */
  namespaces(): string[] {
    return [...this.#namespaces.keys()];
  }

  /** Sets what the block does to a key, whatever it did before. */
  put(namespace: string, key: string, update: KeyUpdate): void {
    let changes = this.#namespaces.get(namespace);
    if (!changes) this.#namespaces.set(namespace, (changes = new Map<string, KeyUpdate>()));
    changes.set(key, update);
  }

  /** Adds the writes of a valid transaction. */
  apply(sets: readonly NamespaceRwset[], version: Version): void {
    for (const set of sets) {
      this.#applyAll(set.namespace, operationsOf(set.writes, set.metadataWrites), version);
      for (const collection of set.collections) {
        const name = hashedNamespace(set.namespace, collection.collection);
        const operations = operationsOf(collection.writes, collection.metadataWrites);
        this.#applyAll(name, operations, version);
      }
    }
  }

  #applyAll(namespace: string, operations: Map<string, KeyOperation>, version: Version): void {
    for (const [key, operation] of operations) {
      const entry = this.#entryAfter({ namespace, key }, operation, version);
      if (entry !== 'unchanged') this.put(namespace, key, { version, entry });
    }
  }

  /** A value keeps the key's metadata, metadata keep its value, a delete removes both. */
  #entryAfter(
    { namespace, key }: { namespace: string; key: string },
    { write, metadata }: KeyOperation,
    version: Version,
  ): VersionedValue | undefined | 'unchanged' {
    if (write?.isDelete === true) return undefined;
    if (write && metadata) {
      return { value: write.value, version, metadata: storedMetadata(metadata) };
    }
    const latest = this.#latest({ namespace, key });
    if (write) return { value: write.value, version, metadata: latest?.metadata ?? NOTHING };
    if (!metadata || !latest) return 'unchanged';
    return { value: latest.value, version, metadata: storedMetadata(metadata) };
  }

  #latest({ namespace, key }: { namespace: string; key: string }): VersionedValue | undefined {
    const earlier = this.find(namespace, key);
    return earlier ? earlier.entry : this.#state.get(namespace, key);
  }

  /** The changes for the ledger. */
  updates(): StateUpdate[] {
    return [...this.#namespaces].flatMap(([namespace, changes]) =>
      [...changes].map(([key, { entry }]) => ({ namespace, key, entry })),
    );
  }

  /**
   * The bytes of the changes that go into the commit hash: serialized `txmgr.Updates`, keys in
   * order, public before hashed (Fabric: `txmgr/update_batch_bytes.go`).
   */
  bytes(): Buffer {
    const names = [...this.#namespaces.keys()].sort(compareStateNamespaces);
    const parts: Buffer[] = [];
    let namespaceBefore = '';
    for (const name of names) {
      const split = splitHashedNamespace(name) ?? { namespace: name, collection: '' };
      const first = {
        namespace: split.namespace === namespaceBefore ? '' : split.namespace,
        collection: split.collection,
      };
      parts.push(...encodeChanges(this.changes(name), first));
      namespaceBefore = split.namespace;
    }
    return Buffer.concat(parts);
  }
}

function storedMetadata({ entries }: MetadataWrite): Uint8Array {
  return entries.length === 0 ? NOTHING : encodeMetadata(entries);
}

function compareStateNamespaces(left: string, right: string): number {
  const a = splitHashedNamespace(left) ?? { namespace: left, collection: '' };
  const b = splitHashedNamespace(right) ?? { namespace: right, collection: '' };
  return compareKeys(a.namespace, b.namespace) || compareKeys(a.collection, b.collection);
}

function encodeChanges(
  changes: ReadonlyMap<string, KeyUpdate>,
  first: { namespace: string; collection: string },
): Buffer[] {
  const hashed = first.collection !== '';
  return [...changes]
    .sort(([left], [right]) => compareKeys(left, right))
    .map(([key, { version, entry }], index) => {
      const fields = [
        ...(index === 0 ? [textField(1, first.namespace), textField(2, first.collection)] : []),
        field(3, Buffer.from(key, hashed ? 'hex' : 'utf8')),
        entry ? Buffer.of() : Buffer.of(0x20, 1),
        field(5, entry?.value ?? NOTHING),
        field(
          6,
          Buffer.concat([orderedVarint(version.blockNumber), orderedVarint(version.txNumber)]),
        ),
      ];
      return field(1, Buffer.concat(fields));
    });
}

/** Unsigned LEB128, protobuf's varint. */
export function varint(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) digits.push((rest % 0x80) | 0x80);
  return Buffer.from([...digits, rest]);
}

/** A length-delimited field; nothing for an empty one, as proto3 writes it. */
function field(number: number, bytes: Uint8Array): Buffer {
  if (bytes.length === 0) return Buffer.of();
  return Buffer.concat([Buffer.of((number << 3) | 2), varint(bytes.length), bytes]);
}

function textField(number: number, text: string): Buffer {
  return field(number, Buffer.from(text, 'utf8'));
}

/** Count of the significant bytes, then those (Fabric: `EncodeOrderPreservingVarUint64`). */
function orderedVarint(value: number): Buffer {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([digits.length, ...digits]);
}
