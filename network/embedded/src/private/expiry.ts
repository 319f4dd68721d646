import type { peer } from '@hyperledger/fabric-protos';
import type { ParsedBlock } from '../commit/parsed-block';
import type { UpdateBatch } from '../commit/update-batch';
import type { CollectionDirectory } from '../state/collections';
import type { Ledger } from '../state/ledger';
import type { Operation } from '../state/ledger-check';
import { scheduleKey, type ExpiringKey } from '../state/private-store';
import { hashedKey } from '../state/rwset-builder';
import {
  hashedNamespace,
  privateNamespace,
  splitHashedNamespace,
  type StateReader,
  type Version,
} from '../state/versioned-value';

/**
 * The block with which data written in a block leave; undefined = never
 * (Fabric: `pvtdatapolicy/btlpolicy.go:ComputeExpiringBlock`).
 */
export function expiryOf(
  config: peer.StaticCollectionConfig | undefined,
  writtenAt: number,
): number | undefined {
  const blockToLive = config?.getBlockToLive() ?? 0;
  return blockToLive === 0 ? undefined : writtenAt + blockToLive + 1;
}

/** The plain keys that a block writes, by state namespace and hash. */
function plainKeys(namespace: string, later: UpdateBatch): Map<string, string> {
  return new Map([...later.changes(namespace).keys()].map((key) => [hashedKey(key), key]));
}

/** Notes when the hashes that a block writes, and their plain keys where known, will leave. */
export function scheduleExpiries(parts: {
  readonly block: { readonly parsed: ParsedBlock; readonly updates: UpdateBatch };
  readonly later: UpdateBatch;
  readonly ledger: Ledger;
  readonly collections: CollectionDirectory;
}): Operation[] {
  const { block, later, ledger, collections } = parts;
  const writtenAt = block.parsed.number;
  return block.updates.namespaces().flatMap((name) => {
    const collection = splitHashedNamespace(name);
    const expiry = collection && expiryOf(collections.find(ledger.state, collection), writtenAt);
    if (!collection || expiry === undefined) return [];
    const keys = plainKeys(privateNamespace(collection.namespace, collection.collection), later);
    return [...block.updates.changes(name)]
      .filter(([, { entry }]) => entry !== undefined)
      .map(([keyHash]) => {
        const address = { ...collection, keyHash };
        return scheduleKey(expiry, { address, writtenAt, key: keys.get(keyHash) ?? '' });
      });
  });
}

/** After every transaction of its block. */
function endOf(blockNumber: number): Version {
  return { blockNumber, txNumber: Number.MAX_SAFE_INTEGER };
}

/** What of a key leaves: its hash with the value, the stale value alone, or nothing any more. */
function leaving(
  { address, writtenAt, key }: ExpiringKey,
  state: StateReader,
): { hash: boolean; value: boolean } {
  const { namespace, collection, keyHash } = address;
  const hash = state.get(hashedNamespace(namespace, collection), keyHash);
  if (hash?.version.blockNumber === writtenAt) return { hash: true, value: key !== '' };
  const value = key === '' ? undefined : state.get(privateNamespace(namespace, collection), key);
  return { hash: false, value: value?.version.blockNumber === writtenAt };
}

/**
 * Takes out of the state and the private store what leaves with a block, unless the block writes
 * it anew (Fabric: `pvtstatepurgemgmt/purge_mgr.go`).
 */
export async function applyExpiry(parts: {
  readonly number: number;
  readonly ledger: Ledger;
  /** Public and hashed changes of the block. */
  readonly updates: UpdateBatch;
  /** Changes that are no part of the commit hash; gets the deletes. */
  readonly later: UpdateBatch;
}): Promise<readonly Operation[]> {
  const { number, ledger, updates, later } = parts;
  const { privateStore, state } = ledger;
  const gone = { version: endOf(number), entry: undefined };
  const { keys, operations } = await privateStore.expiring(number);
  for (const expiring of keys) {
    const { namespace, collection, keyHash } = expiring.address;
    const what = leaving(expiring, state);
    const hashes = hashedNamespace(namespace, collection);
    if (what.hash && !updates.find(hashes, keyHash)) later.put(hashes, keyHash, gone);
    const values = privateNamespace(namespace, collection);
    if (what.value && !later.find(values, expiring.key)) later.put(values, expiring.key, gone);
  }
  return operations;
}
