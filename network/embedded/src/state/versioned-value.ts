/** The height at which a key was last written (Fabric: `version.Height`). */
export interface Version {
  /** Number of the block. */
  readonly blockNumber: number;
  /** Position of the transaction in the block, from 0. */
  readonly txNumber: number;
}

/** What the state holds for one key. */
export interface VersionedValue {
  readonly value: Uint8Array;
  readonly version: Version;
  /** Serialized `kvrwset.KVMetadataWrite{entries}`, empty when the key has no metadata. */
  readonly metadata: Uint8Array;
}

/** A row of a range, in key order. */
export interface StateRow extends VersionedValue {
  readonly key: string;
}

/** Both absent, or both the same height. */
export function sameVersion(left: Version | undefined, right: Version | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.blockNumber === right.blockNumber && left.txNumber === right.txNumber;
}

/** A range of keys in one namespace; `startKey` is included, `endKey` is not. */
export interface KeyRange {
  readonly namespace: string;
  /** '' = from the first key. */
  readonly startKey: string;
  /** '' = to the last key. */
  readonly endKey: string;
  /** The end is part of the range, as in the re-check of an unfinished scan. Default false. */
  readonly includeEnd?: boolean;
}

/** Rows that are read one at a time; whoever opens it closes it. */
export interface RowIterator {
  /** The next row, or undefined at the end. */
  next(): Promise<StateRow | undefined>;
  close(): Promise<void>;
}

/** Committed state, as the simulator and the validator read it. */
export interface StateReader {
  get(namespace: string, key: string): VersionedValue | undefined;
  range(range: KeyRange): RowIterator;
}

const DELIMITER = '$$h';
const PRIVATE_DELIMITER = '$$p';

/** The namespace under which a peer keeps the plain data of a private collection. */
export function privateNamespace(namespace: string, collection: string): string {
  return `${namespace}${PRIVATE_DELIMITER}${collection}`;
}

/**
 * The namespace under which the hashes of a private collection are kept, as in Fabric's state
 * database (`privacyenabledstate/db.go`). Keys in it are SHA-256 of the plain key in lower-case
 * hex, values SHA-256 of the plain value.
 */
export function hashedNamespace(namespace: string, collection: string): string {
  return `${namespace}${DELIMITER}${collection}`;
}

/** Whether the keys of a namespace of the state are hashes. */
export function isHashedNamespace(name: string): boolean {
  return name.includes(DELIMITER);
}

/** Splits a namespace of hashes; undefined when it is a public one. */
export function splitHashedNamespace(
  name: string,
): { namespace: string; collection: string } | undefined {
  const at = name.indexOf(DELIMITER);
  if (at < 0) return undefined;
  return { namespace: name.slice(0, at), collection: name.slice(at + DELIMITER.length) };
}
