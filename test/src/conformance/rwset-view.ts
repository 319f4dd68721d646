import { ledger } from '@hyperledger/fabric-protos';
import type { peer } from '@hyperledger/fabric-protos';
import { actionOf } from '@procurement/network/messages/transaction';

const { kvrwset } = ledger.rwset;
type KvVersion = ledger.rwset.kvrwset.Version | undefined;

/** The read and write sets of one namespace; versions are `<V1>`, `<V2>` as they appear. */
export interface NamespaceView {
  readonly ns: string;
  readonly reads: readonly { readonly key: string; readonly version: string | null }[];
  readonly ranges: readonly RangeView[];
  readonly writes: readonly object[];
  readonly metadataWrites: readonly object[];
  readonly collections: readonly object[];
}

/** A range that was read: its rows, or above 50 the hashes of them. */
export interface RangeView {
  readonly start: string;
  readonly end: string;
  readonly exhausted: boolean;
  readonly rawReads?: readonly (readonly [string, string | null])[];
  readonly merkle?: object;
}

/** The sets in an endorsed answer, as the recordings show them. @throws Error for another one */
export function rwsetOf(response: peer.ProposalResponse): NamespaceView[] {
  const payload = response.getPayload_asU8();
  if (payload.length === 0) throw new Error(response.getResponse()?.getMessage());
  return rwsetView(actionOf(payload).getResults_asU8());
}

/** Serialized sets, as the recordings show them. */
export function rwsetView(results: Uint8Array): NamespaceView[] {
  return new RwsetReader().read(results);
}

/**
 * Bytes of serialized sets whose versions all name the first transaction of a block, and a block of
 * one byte (below 128) or of two: so much of a version does not depend on chance.
 */
export function plainLengthOf(results: Uint8Array): number {
  const all = ledger.rwset.TxReadWriteSet.deserializeBinary(results);
  for (const set of all.getNsRwsetList()) {
    const rwset = kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8());
    const ranged = rwset
      .getRangeQueriesInfoList()
      .flatMap((range) => range.getRawReads()?.getKvReadsList() ?? []);
    for (const read of [...rwset.getReadsList(), ...ranged]) {
      if (read.hasVersion()) read.setVersion(plainVersion(read.getVersion()));
    }
    set.setRwset(rwset.serializeBinary());
    for (const collection of set.getCollectionHashedRwsetList()) {
      const hashed = kvrwset.HashedRWSet.deserializeBinary(collection.getHashedRwset_asU8());
      for (const read of hashed.getHashedReadsList()) {
        if (read.hasVersion()) read.setVersion(plainVersion(read.getVersion()));
      }
      collection.setHashedRwset(hashed.serializeBinary());
    }
  }
  return all.serializeBinary().length;
}

function plainVersion(version: KvVersion): ledger.rwset.kvrwset.Version {
  const plain = new kvrwset.Version();
  plain.setBlockNum((version?.getBlockNum() ?? 0) < 128 ? 1 : 128);
  return plain;
}

class RwsetReader {
  readonly #versions: string[] = [];

  read(results: Uint8Array): NamespaceView[] {
    return ledger.rwset.TxReadWriteSet.deserializeBinary(results)
      .getNsRwsetList()
      .map((set) => this.#namespace(set));
  }

  #namespace(set: ledger.rwset.NsReadWriteSet): NamespaceView {
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

  #range(range: ledger.rwset.kvrwset.RangeQueryInfo): RangeView {
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
        rawReads: (range.getRawReads()?.getKvReadsList() ?? []).map(
          (read) => [read.getKey(), this.#version(read.getVersion())] as const,
        ),
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
