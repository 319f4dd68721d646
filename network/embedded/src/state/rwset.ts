import { ledger } from '@hyperledger/fabric-protos';
import type { Version } from './versioned-value';

const { kvrwset } = ledger.rwset;
type KvVersion = ledger.rwset.kvrwset.Version;

/** A key that was read and the version it had; no version = the key did not exist. */
export interface KvRead {
  readonly key: string;
  readonly version?: Version;
}

/** A write; an empty value deletes the key (Fabric: `rwsetutil.IsKVWriteDelete`). */
export interface KvWrite {
  readonly key: string;
  readonly isDelete: boolean;
  readonly value: Uint8Array;
}

/** New metadata of a key; no entries = the metadata is removed. */
export interface MetadataWrite {
  readonly key: string;
  readonly entries: readonly MetadataEntry[];
}

/** One entry of a key's metadata, such as its validation parameter. */
export interface MetadataEntry {
  readonly name: string;
  readonly value: Uint8Array;
}

/** Hashes in place of more than 50 rows of a range. */
export interface MerkleSummary {
  readonly maxDegree: number;
  readonly maxLevel: number;
  readonly hashes: readonly Uint8Array[];
}

/** A range that was read. `endKey` is the last row seen unless `exhausted`. */
export interface RangeQuery {
  readonly startKey: string;
  readonly endKey: string;
  readonly exhausted: boolean;
  /** Either the rows themselves or `merkle`; both absent in a range without rows. */
  readonly reads: readonly KvRead[] | undefined;
  readonly merkle: MerkleSummary | undefined;
}

/** Write of a private key, by hashes; keys are lower-case hex of SHA-256. */
export interface HashedWrite extends KvWrite {
  readonly isPurge: boolean;
}

/** Hashes of what a transaction did in one private collection. */
export interface CollectionRwset {
  readonly collection: string;
  readonly reads: readonly KvRead[];
  readonly writes: readonly HashedWrite[];
  readonly metadataWrites: readonly MetadataWrite[];
  /** SHA-256 of the serialized private write set; empty when nothing was written. */
  readonly privateHash: Uint8Array;
}

/** What a transaction read and wrote in one namespace. */
export interface NamespaceRwset {
  readonly namespace: string;
  readonly reads: readonly KvRead[];
  readonly ranges: readonly RangeQuery[];
  readonly writes: readonly KvWrite[];
  readonly metadataWrites: readonly MetadataWrite[];
  readonly collections: readonly CollectionRwset[];
}

function versionOf(version: KvVersion | undefined): Version | undefined {
  if (version === undefined) return undefined;
  return { blockNumber: version.getBlockNum(), txNumber: version.getTxNum() };
}

function readOf(key: string, version: KvVersion | undefined): KvRead {
  const known = versionOf(version);
  return known === undefined ? { key } : { key, version: known };
}

function decodeReads(reads: readonly ledger.rwset.kvrwset.KVRead[]): KvRead[] {
  return reads.map((read) => readOf(read.getKey(), read.getVersion()));
}

function decodeEntries(entries: readonly ledger.rwset.kvrwset.KVMetadataEntry[]): MetadataEntry[] {
  return entries.map((entry) => ({ name: entry.getName(), value: entry.getValue_asU8() }));
}

function decodeRange(info: ledger.rwset.kvrwset.RangeQueryInfo): RangeQuery {
  const summary = info.getReadsMerkleHashes();
  const raw = info.getRawReads();
  return {
    startKey: info.getStartKey(),
    endKey: info.getEndKey(),
    exhausted: info.getItrExhausted(),
    reads: summary ? undefined : decodeReads(raw?.getKvReadsList() ?? []),
    merkle: summary && {
      maxDegree: summary.getMaxDegree(),
      maxLevel: summary.getMaxLevel(),
      hashes: summary.getMaxLevelHashesList_asU8(),
    },
  };
}

/** Reads one write; an empty value counts as a delete. */
export function decodeWrite(write: ledger.rwset.kvrwset.KVWrite): KvWrite {
  const value = write.getValue_asU8();
  return { key: write.getKey(), value, isDelete: write.getIsDelete() || value.length === 0 };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function decodeHashedWrite(write: ledger.rwset.kvrwset.KVWriteHash): HashedWrite {
  const value = write.getValueHash_asU8();
  return {
    key: hex(write.getKeyHash_asU8()),
    value,
    isDelete: write.getIsDelete() || value.length === 0 || write.getIsPurge(),
    isPurge: write.getIsPurge(),
  };
}

function decodeCollection(set: ledger.rwset.CollectionHashedReadWriteSet): CollectionRwset {
  const hashed = kvrwset.HashedRWSet.deserializeBinary(set.getHashedRwset_asU8());
  return {
    collection: set.getCollectionName(),
    reads: hashed
      .getHashedReadsList()
      .map((read) => readOf(hex(read.getKeyHash_asU8()), read.getVersion())),
    writes: hashed.getHashedWritesList().map(decodeHashedWrite),
    metadataWrites: hashed.getMetadataWritesList().map((write) => ({
      key: hex(write.getKeyHash_asU8()),
      entries: decodeEntries(write.getEntriesList()),
    })),
    privateHash: set.getPvtRwsetHash_asU8(),
  };
}

function decodeNamespace(set: ledger.rwset.NsReadWriteSet): NamespaceRwset {
  const kv = kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8());
  return {
    namespace: set.getNamespace(),
    reads: decodeReads(kv.getReadsList()),
    ranges: kv.getRangeQueriesInfoList().map(decodeRange),
    writes: kv.getWritesList().map(decodeWrite),
    metadataWrites: kv
      .getMetadataWritesList()
      .map((write) => ({ key: write.getKey(), entries: decodeEntries(write.getEntriesList()) })),
    collections: set.getCollectionHashedRwsetList().map(decodeCollection),
  };
}

/**
 * Reads a serialized `rwset.TxReadWriteSet` (the `results` of a chaincode action).
 * @throws Error when the bytes, or a set inside them, are not valid protobuf
 */
export function decodeRwset(bytes: Uint8Array): NamespaceRwset[] {
  const set = ledger.rwset.TxReadWriteSet.deserializeBinary(bytes);
  return set.getNsRwsetList().map(decodeNamespace);
}

function encodeVersion(version: Version): KvVersion {
  const message = new kvrwset.Version();
  message.setBlockNum(version.blockNumber);
  message.setTxNum(version.txNumber);
  return message;
}

/** The `kvrwset.KVRead` message of a read; the range hashes are taken over these. */
export function encodeRead(read: KvRead): ledger.rwset.kvrwset.KVRead {
  const message = new kvrwset.KVRead();
  message.setKey(read.key);
  if (read.version) message.setVersion(encodeVersion(read.version));
  return message;
}

function encodeRange(range: RangeQuery): ledger.rwset.kvrwset.RangeQueryInfo {
  const message = new kvrwset.RangeQueryInfo();
  message.setStartKey(range.startKey);
  message.setEndKey(range.endKey);
  message.setItrExhausted(range.exhausted);
  // A range without rows says nothing about reads (rwsetutil/query_results_helper.go:Done).
  if (range.reads && range.reads.length > 0) {
    const reads = new kvrwset.QueryReads();
    reads.setKvReadsList(range.reads.map(encodeRead));
    message.setRawReads(reads);
  }
  if (range.merkle) {
    const summary = new kvrwset.QueryReadsMerkleSummary();
    summary.setMaxDegree(range.merkle.maxDegree);
    summary.setMaxLevel(range.merkle.maxLevel);
    summary.setMaxLevelHashesList([...range.merkle.hashes]);
    message.setReadsMerkleHashes(summary);
  }
  return message;
}

function encodeEntries(entries: readonly MetadataEntry[]): ledger.rwset.kvrwset.KVMetadataEntry[] {
  return entries.map((entry) => {
    const message = new kvrwset.KVMetadataEntry();
    message.setName(entry.name);
    message.setValue(entry.value);
    return message;
  });
}

function encodeMetadataWrite(write: MetadataWrite): ledger.rwset.kvrwset.KVMetadataWrite {
  const message = new kvrwset.KVMetadataWrite();
  message.setKey(write.key);
  message.setEntriesList(encodeEntries(write.entries));
  return message;
}

/** The `kvrwset.KVWrite` message of a write. */
export function encodeWrite(write: KvWrite): ledger.rwset.kvrwset.KVWrite {
  const message = new kvrwset.KVWrite();
  message.setKey(write.key);
  message.setIsDelete(write.isDelete);
  message.setValue(write.value);
  return message;
}

function encodeHashedRwset(set: CollectionRwset): Uint8Array {
  const message = new kvrwset.HashedRWSet();
  message.setHashedReadsList(
    set.reads.map((read) => {
      const hashed = new kvrwset.KVReadHash();
      hashed.setKeyHash(Buffer.from(read.key, 'hex'));
      if (read.version) hashed.setVersion(encodeVersion(read.version));
      return hashed;
    }),
  );
  message.setHashedWritesList(
    set.writes.map((write) => {
      const hashed = new kvrwset.KVWriteHash();
      hashed.setKeyHash(Buffer.from(write.key, 'hex'));
      hashed.setIsDelete(write.isDelete);
      hashed.setValueHash(write.value);
      hashed.setIsPurge(write.isPurge);
      return hashed;
    }),
  );
  message.setMetadataWritesList(
    set.metadataWrites.map((write) => {
      const hashed = new kvrwset.KVMetadataWriteHash();
      hashed.setKeyHash(Buffer.from(write.key, 'hex'));
      hashed.setEntriesList(encodeEntries(write.entries));
      return hashed;
    }),
  );
  return message.serializeBinary();
}

function encodeCollection(set: CollectionRwset): ledger.rwset.CollectionHashedReadWriteSet {
  const message = new ledger.rwset.CollectionHashedReadWriteSet();
  message.setCollectionName(set.collection);
  message.setHashedRwset(encodeHashedRwset(set));
  message.setPvtRwsetHash(set.privateHash);
  return message;
}

function encodeNamespace(set: NamespaceRwset): ledger.rwset.NsReadWriteSet {
  const kv = new kvrwset.KVRWSet();
  kv.setReadsList(set.reads.map(encodeRead));
  kv.setRangeQueriesInfoList(set.ranges.map(encodeRange));
  kv.setWritesList(set.writes.map(encodeWrite));
  kv.setMetadataWritesList(set.metadataWrites.map(encodeMetadataWrite));
  const message = new ledger.rwset.NsReadWriteSet();
  message.setNamespace(set.namespace);
  message.setRwset(kv.serializeBinary());
  message.setCollectionHashedRwsetList(set.collections.map(encodeCollection));
  return message;
}

/**
 * Serializes to `rwset.TxReadWriteSet`. Byte for byte what a Fabric peer writes, provided the
 * namespaces, keys and collections are already in key order; every endorser must get the same.
 */
export function encodeRwset(sets: readonly NamespaceRwset[]): Buffer {
  const message = new ledger.rwset.TxReadWriteSet();
  message.setDataModel(ledger.rwset.TxReadWriteSet.DataModel.KV);
  message.setNsRwsetList(sets.map(encodeNamespace));
  return Buffer.from(message.serializeBinary());
}

/**
 * Metadata as the state stores it: `KVMetadataWrite` with entries only
 * (Fabric: `statemetadata.Serialize`).
 */
export function encodeMetadata(entries: readonly MetadataEntry[]): Uint8Array {
  return encodeMetadataWrite({ key: '', entries }).serializeBinary();
}

/** Entries of stored metadata; none for empty bytes. */
export function decodeMetadata(bytes: Uint8Array): MetadataEntry[] {
  if (bytes.length === 0) return [];
  return decodeEntries(kvrwset.KVMetadataWrite.deserializeBinary(bytes).getEntriesList());
}
