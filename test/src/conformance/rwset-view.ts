import { ledger } from '@hyperledger/fabric-protos';

const { kvrwset } = ledger.rwset;
type KvVersion = ledger.rwset.kvrwset.Version | undefined;

/** Read and write sets as the recordings show them; versions are `<V1>`, `<V2>` as they appear. */
export function rwsetView(results: Uint8Array): object[] {
  return new RwsetReader().read(results);
}

/** The sets of a namespace, as text keys; empty where the transaction did not touch it. */
export function readKeysOf(results: Uint8Array, namespace: string): string[] {
  const set = ledger.rwset.TxReadWriteSet.deserializeBinary(results)
    .getNsRwsetList()
    .find((one) => one.getNamespace() === namespace);
  if (!set) return [];
  return kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8())
    .getReadsList()
    .map((read) => read.getKey());
}

class RwsetReader {
  readonly #versions: string[] = [];

  read(results: Uint8Array): object[] {
    return ledger.rwset.TxReadWriteSet.deserializeBinary(results)
      .getNsRwsetList()
      .map((set) => this.#namespace(set));
  }

  #namespace(set: ledger.rwset.NsReadWriteSet): object {
    const rwset = kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8());
    return {
      ns: set.getNamespace(),
      reads: rwset
        .getReadsList()
        .map((read) => ({ key: read.getKey(), version: this.#version(read.getVersion()) })),
      ranges: rwset.getRangeQueriesInfoList().map((range) => this.#range(range)),
      writes: rwset.getWritesList().map((write) => ({
        key: write.getKey(),
        isDelete: write.getIsDelete(),
        value: hex(write.getValue_asU8()),
      })),
      metadataWrites: rwset
        .getMetadataWritesList()
        .map((write) => ({ key: write.getKey(), entries: entriesOf(write.getEntriesList()) })),
      collections: set.getCollectionHashedRwsetList().map((one) => this.#collection(one)),
    };
  }

  #range(range: ledger.rwset.kvrwset.RangeQueryInfo): object {
    const summary = range.getReadsMerkleHashes();
    return {
      start: range.getStartKey(),
      end: range.getEndKey(),
      exhausted: range.getItrExhausted(),
      ...(summary && {
        merkle: {
          maxDegree: summary.getMaxDegree(),
          maxLevel: summary.getMaxLevel(),
          hashes: summary.getMaxLevelHashesList().length,
        },
      }),
      ...(!summary && {
        rawReads: (range.getRawReads()?.getKvReadsList() ?? []).map((read) => [
          read.getKey(),
          this.#version(read.getVersion()),
        ]),
      }),
    };
  }

  #collection(set: ledger.rwset.CollectionHashedReadWriteSet): object {
    const hashed = kvrwset.HashedRWSet.deserializeBinary(set.getHashedRwset_asU8());
    return {
      name: set.getCollectionName(),
      pvtRwsetHash: hex(set.getPvtRwsetHash_asU8()),
      hashedReads: hashed.getHashedReadsList().map((read) => ({
        keyHash: hex(read.getKeyHash_asU8()),
        version: this.#version(read.getVersion()),
      })),
      hashedWrites: hashed.getHashedWritesList().map((write) => ({
        keyHash: hex(write.getKeyHash_asU8()),
        valueHash: hex(write.getValueHash_asU8()),
        isDelete: write.getIsDelete(),
        isPurge: write.getIsPurge(),
      })),
      metadataWrites: hashed.getMetadataWritesList().map((write) => ({
        keyHash: hex(write.getKeyHash_asU8()),
        entries: entriesOf(write.getEntriesList()),
      })),
    };
  }

  #version(version: KvVersion): string | null {
    if (!version) return null;
    const text = `${version.getBlockNum()}.${version.getTxNum()}`;
    if (!this.#versions.includes(text)) this.#versions.push(text);
    return `<V${this.#versions.indexOf(text) + 1}>`;
  }
}

function entriesOf(entries: readonly ledger.rwset.kvrwset.KVMetadataEntry[]): unknown {
  return entries.map((entry) => [entry.getName(), hex(entry.getValue_asU8())]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
