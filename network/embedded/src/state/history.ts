import { decodeEnvelope } from '../commit/envelope';
import { common } from '@hyperledger/fabric-protos';
import type { StateSnapshot } from './snapshot';
import type { TransactionPlace } from './ledger-keys';

/** One change of a key by a valid transaction. */
export interface KeyModification {
  readonly txId: string;
  /** Empty when the key was deleted. */
  readonly value: Uint8Array;
  readonly isDelete: boolean;
  /** Timestamp of the transaction's channel header. */
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
}

function envelopeAt(snapshot: StateSnapshot, place: TransactionPlace): Uint8Array | undefined {
  const bytes = snapshot.blockBytes(place.blockNumber);
  if (!bytes) return undefined;
  return common.Block.deserializeBinary(bytes).getData()?.getDataList_asU8()[place.index];
}

function timestampOf(header: common.ChannelHeader): KeyModification['timestamp'] {
  const timestamp = header.getTimestamp();
  return { seconds: timestamp?.getSeconds() ?? 0, nanos: timestamp?.getNanos() ?? 0 };
}

function modificationIn(
  envelope: Uint8Array,
  address: { namespace: string; key: string },
): KeyModification | undefined {
  const { channelHeader, rwset } = decodeEnvelope(envelope);
  const set = rwset.find(({ namespace }) => namespace === address.namespace);
  const write = set?.writes.find(({ key }) => key === address.key);
  if (!write) return undefined;
  const { value, isDelete } = write;
  const txId = channelHeader.getTxId();
  return { txId, value, isDelete, timestamp: timestampOf(channelHeader) };
}

/**
 * The changes of a public key, newest first (Fabric: `history/query_executer.go`). History is no
 * read: it leaves no trace in the read set.
 */
export async function* historyOfKey(
  snapshot: StateSnapshot,
  address: { namespace: string; key: string },
): AsyncGenerator<KeyModification, undefined> {
  for (const place of await snapshot.writersOf(address.namespace, address.key)) {
    const envelope = envelopeAt(snapshot, place);
    const modification = envelope && modificationIn(envelope, address);
    if (modification) yield modification;
  }
  return undefined;
}

/** The value of a public key as it was before a block, undefined when there was none. */
export async function valueBelow(
  snapshot: StateSnapshot,
  address: { namespace: string; key: string },
  blockNumber: number,
): Promise<Uint8Array | undefined> {
  const places = await snapshot.writersOf(address.namespace, address.key);
  const place = places.find((one) => one.blockNumber < blockNumber);
  const envelope = place && envelopeAt(snapshot, place);
  return envelope && modificationIn(envelope, address)?.value;
}
