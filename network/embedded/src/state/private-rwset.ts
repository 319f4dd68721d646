import { ledger } from '@hyperledger/fabric-protos';
import { decodeWrite, encodeWrite, type KvWrite } from './rwset';

const { kvrwset } = ledger.rwset;

/** Names one private collection of one chaincode. */
export interface CollectionAddress {
  readonly namespace: string;
  readonly collection: string;
}

/** What a transaction wrote in one private collection, in plain. */
export interface PrivateWriteSet extends CollectionAddress {
  /** Serialized `kvrwset.KVRWSet` with writes and metadata writes; its SHA-256 is on the ledger. */
  readonly rwset: Uint8Array;
}

/** The content of a private write set. */
export interface PrivateWrites {
  readonly writes: readonly KvWrite[];
  /** Keys whose metadata are written; the metadata themselves stand with the hashes only. */
  readonly metadataKeys: readonly string[];
}

/**
 * Serializes private writes, byte for byte as a Fabric peer does if the keys are in key order
 * (Fabric: `rwsetutil/rwset_builder.go:collPvtRwBuilder.build`).
 */
export function encodePrivateWrites({ writes, metadataKeys }: PrivateWrites): Uint8Array {
  const message = new kvrwset.KVRWSet();
  message.setWritesList(writes.map(encodeWrite));
  message.setMetadataWritesList(
    metadataKeys.map((key) => {
      const write = new kvrwset.KVMetadataWrite();
      write.setKey(key);
      return write;
    }),
  );
  return message.serializeBinary();
}

/** Reads private writes. @throws Error when the bytes are no `KVRWSet` */
export function decodePrivateWrites(rwset: Uint8Array): PrivateWrites {
  const message = kvrwset.KVRWSet.deserializeBinary(rwset);
  return {
    writes: message.getWritesList().map(decodeWrite),
    metadataKeys: message.getMetadataWritesList().map((write) => write.getKey()),
  };
}

/** The message for the private write sets of one transaction, grouped by namespace in their order. */
export function privateRwsetMessage(
  sets: readonly PrivateWriteSet[],
): ledger.rwset.TxPvtReadWriteSet {
  const namespaces = new Map<string, ledger.rwset.NsPvtReadWriteSet>();
  for (const { namespace, collection, rwset } of sets) {
    const entry = namespaces.get(namespace) ?? new ledger.rwset.NsPvtReadWriteSet();
    entry.setNamespace(namespace);
    namespaces.set(namespace, entry);
    const written = new ledger.rwset.CollectionPvtReadWriteSet();
    written.setCollectionName(collection);
    written.setRwset(rwset);
    entry.addCollectionPvtRwset(written);
  }
  const message = new ledger.rwset.TxPvtReadWriteSet();
  message.setDataModel(ledger.rwset.TxReadWriteSet.DataModel.KV);
  message.setNsPvtRwsetList([...namespaces.values()]);
  return message;
}

/** The private write sets in a message. */
export function privateWriteSetsOf(message: ledger.rwset.TxPvtReadWriteSet): PrivateWriteSet[] {
  return message.getNsPvtRwsetList().flatMap((entry) =>
    entry.getCollectionPvtRwsetList().map((written) => ({
      namespace: entry.getNamespace(),
      collection: written.getCollectionName(),
      rwset: written.getRwset_asU8(),
    })),
  );
}
