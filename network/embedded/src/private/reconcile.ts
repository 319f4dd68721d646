import { common, peer } from '@hyperledger/fabric-protos';
import { parseTransaction } from '../commit/parsed-transaction';
import { UpdateBatch } from '../commit/update-batch';
import { sha256 } from '../../../crypto/hashes';
import type { Ledger } from '../state/ledger';
import type { Operation } from '../state/ledger-check';
import { decodePrivateWrites } from '../state/private-rwset';
import { forgetMissing, keepRecord, scheduleKey } from '../state/private-store';
import type { RecordAddress } from '../state/private-store-keys';
import type { KvWrite } from '../state/rwset';
import { hashedKey } from '../state/rwset-builder';
import { hashedNamespace, privateNamespace } from '../state/versioned-value';
import { expiryOf } from './expiry';
import type { PrivateCommitParts, PrivateEffects } from './private-commit';
import { noPrivateSource, type WantedRecord } from './private-source';
import { isPurged } from './purges';
import { wantedOf } from './wanted';

interface LateRecord extends WantedRecord {
  readonly isValid: boolean;
}

/** What the block says about private writes that are missing. */
function lateRecord(ledger: Ledger, address: RecordAddress): LateRecord | undefined {
  const { blockNumber, index } = address.place;
  const block = common.Block.deserializeBinary(ledger.blockBytes(blockNumber) ?? Buffer.of());
  const envelope = block.getData()?.getDataList_asU8()[index];
  const filter = block.getMetadata()?.getMetadataList_asU8()[
    common.BlockMetadataIndex.TRANSACTIONS_FILTER
  ];
  const wanted = envelope && wantedOf(parseTransaction(envelope), address.place);
  const found = wanted?.find(
    ({ namespace, collection }) =>
      namespace === address.namespace && collection === address.collection,
  );
  return found && { ...found, isValid: filter?.[index] === peer.TxValidationCode.VALID };
}

/** Late values go to the state only where their hashes still stand there. */
function applyLate(late: LateRecord, writes: readonly KvWrite[], ledger: Ledger): UpdateBatch {
  const updates = new UpdateBatch(ledger.state);
  const { namespace, collection, place } = late;
  for (const { key, value, isDelete } of late.isValid ? writes : []) {
    const hash = ledger.state.get(hashedNamespace(namespace, collection), hashedKey(key));
    if (isDelete || !hash || !sha256(value).equals(hash.value)) continue;
    const { version } = hash;
    if (version.blockNumber < place.blockNumber) continue;
    const entry = { value, version, metadata: new Uint8Array() };
    updates.put(privateNamespace(namespace, collection), key, { version, entry });
  }
  return updates;
}

function withoutPurged(late: LateRecord, writes: readonly KvWrite[], ledger: Ledger): KvWrite[] {
  return writes.filter(({ key }) => {
    const purgedAt = ledger.privateStore.purgedAt({ ...late, keyHash: hashedKey(key) });
    return purgedAt === undefined || !isPurged(late.place, purgedAt);
  });
}

/**
 * Looks again for private writes that this peer should have and nobody could give it when their
 * block came. What was purged or expired meanwhile stays out
 * (Fabric: `gossip/privdata/reconcile.go`, `txmgr/lockbased_txmgr.go:RemoveStaleAndCommit…`).
 * @returns what to write, undefined when they are still missing
 */
export async function reconcile(
  address: RecordAddress,
  { ledger, collections, source = noPrivateSource }: PrivateCommitParts,
): Promise<PrivateEffects | undefined> {
  const late = lateRecord(ledger, address);
  if (!late) return { updates: [], operations: [forgetMissing(address)] };
  const rwset = await source.find(late);
  if (!rwset) return undefined;
  const found = decodePrivateWrites(rwset);
  const writes = withoutPurged(late, found.writes, ledger);
  const writtenAt = late.place.blockNumber;
  const expiry = expiryOf(collections.find(ledger.state, late), writtenAt);
  const operations: Operation[] = [
    forgetMissing(late),
    ...keepRecord(late, { ...found, writes }, expiry),
  ];
  if (expiry !== undefined) {
    for (const { key } of writes.filter(({ isDelete }) => !isDelete)) {
      const hashed = { ...late, keyHash: hashedKey(key) };
      operations.push(scheduleKey(expiry, { address: hashed, writtenAt, key }));
    }
  }
  return { updates: applyLate(late, writes, ledger).updates(), operations };
}
