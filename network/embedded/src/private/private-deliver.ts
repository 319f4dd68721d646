import { peer, type ledger } from '@hyperledger/fabric-protos';
import type { SignedDatum } from '../policy/signature-policy';
import { valueBelow } from '../state/history';
import type { Ledger } from '../state/ledger';
import { LIFECYCLE, fieldKey } from '../state/lifecycle-keys';
import { privateRwsetMessage, type CollectionAddress } from '../state/private-rwset';
import type { PrivateRecord } from '../state/private-store';
import { implicitOrganization, type Collections } from './collections';

/** Serialized collections of a chaincode as they were before a block. */
async function collectionsBelow(
  chaincode: string,
  { ledger, blockNumber }: { ledger: Ledger; blockNumber: number },
): Promise<peer.StaticCollectionConfig[]> {
  const address = { namespace: LIFECYCLE, key: fieldKey(chaincode, 'Collections') };
  const snapshot = ledger.snapshot();
  try {
    const value = await valueBelow(snapshot, address, blockNumber);
    const data = peer.lifecycle.StateData.deserializeBinary(value ?? Buffer.of());
    const configs = peer.CollectionConfigPackage.deserializeBinary(data.getBytes_asU8());
    return configs.getConfigList().flatMap((one) => one.getStaticCollectionConfig() ?? []);
  } finally {
    snapshot.release();
  }
}

/** Only where reading is for members does it matter who asks. */
async function mayRead(
  { namespace, collection }: CollectionAddress,
  parts: { ledger: Ledger; blockNumber: number; collections: Collections; signed: SignedDatum },
): Promise<boolean> {
  if (implicitOrganization(collection) !== undefined) return true;
  const configs = await collectionsBelow(namespace, parts);
  const config = configs.find((one) => one.getName() === collection);
  if (!config) return false;
  return !config.getMemberOnlyRead() || parts.collections.isMember(config, parts.signed);
}

/**
 * The private data of a block that a client may see, by position of the transaction. Where reading
 * is not for members only, everybody who may read blocks sees what this peer has. What counts is
 * the definition of the collection before the block
 * (Fabric: `core/peer/deliverevents.go:getPrivateData, CheckCollectionPolicy`).
 */
export async function privateDataOfBlock(parts: {
  readonly ledger: Ledger;
  readonly collections: Collections;
  readonly blockNumber: number;
  readonly signed: SignedDatum;
}): Promise<ReadonlyMap<number, ledger.rwset.TxPvtReadWriteSet>> {
  const byTransaction = new Map<number, PrivateRecord[]>();
  for (const record of await parts.ledger.privateStore.recordsOf(parts.blockNumber)) {
    if (!(await mayRead(record, parts))) continue;
    const { index } = record.place;
    byTransaction.set(index, [...(byTransaction.get(index) ?? []), record]);
  }
  return new Map(
    [...byTransaction].map(([index, records]) => [index, privateRwsetMessage(records)]),
  );
}
