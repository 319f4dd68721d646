import { peer } from '@hyperledger/fabric-protos';
import { compareKeys } from '../state/key-order';
import { RangeSummary, sameSummary } from '../state/range-query-info';
import type { KvRead, MerkleSummary, NamespaceRwset, RangeQuery } from '../state/rwset';
import {
  hashedNamespace,
  sameVersion,
  type RowIterator,
  type StateReader,
  type StateRow,
  type Version,
} from '../state/versioned-value';
import type { ValidationCode } from './parsed-transaction';
import type { KeyUpdate, UpdateBatch } from './update-batch';

const CODES = peer.TxValidationCode;

/** The state before a block and what the block did to it so far. */
export interface StateInBlock {
  readonly state: StateReader;
  readonly updates: UpdateBatch;
}

function areReadsCurrent(
  namespace: string,
  reads: readonly KvRead[],
  { state, updates }: StateInBlock,
): boolean {
  return reads.every(({ key, version }) => {
    if (updates.find(namespace, key)) return false;
    return sameVersion(state.get(namespace, key)?.version, version);
  });
}

/** A row as far as a range check compares it. */
interface RowVersion {
  readonly key: string;
  readonly version: Version;
}

function isInRange(key: string, { startKey, endKey, exhausted }: RangeQuery): boolean {
  if (compareKeys(key, startKey) < 0) return false;
  if (endKey === '') return true;
  const toEnd = compareKeys(key, endKey);
  return exhausted ? toEnd < 0 : toEnd <= 0;
}

/** A key that only the state, only the block, or both have; the block's word counts. */
interface Merged {
  readonly row: StateRow | undefined;
  readonly change: readonly [string, KeyUpdate] | undefined;
}

/** Which of the two comes first, or both when they are about the same key. */
function pickFirst({ row, change }: Merged): Merged {
  if (!row || !change) return { row, change };
  const order = compareKeys(change[0], row.key);
  return { row: order >= 0 ? row : undefined, change: order <= 0 ? change : undefined };
}

function resultOf({ row, change }: Merged): RowVersion | undefined {
  if (!change) return row;
  const [key, { entry, version }] = change;
  return entry && { key, version };
}

/** The rows of a range over the state with the changes of the block laid over it. */
async function* mergedRows(
  rows: RowIterator,
  changes: readonly (readonly [string, KeyUpdate])[],
): AsyncGenerator<RowVersion, undefined> {
  let at = 0;
  let row = await rows.next();
  while (row ?? changes[at]) {
    const first = pickFirst({ row, change: changes[at] });
    const result = resultOf(first);
    if (result) yield result;
    if (first.change) at += 1;
    if (first.row) row = await rows.next();
  }
  return undefined;
}

async function matchesReads(
  expected: readonly KvRead[],
  rows: AsyncGenerator<RowVersion>,
): Promise<boolean> {
  let at = 0;
  for await (const row of rows) {
    const read = expected[at];
    if (read?.key !== row.key || !sameVersion(read.version, row.version)) return false;
    at += 1;
  }
  return at === expected.length;
}

async function matchesSummary(
  expected: MerkleSummary,
  rows: AsyncGenerator<RowVersion>,
): Promise<boolean> {
  if (expected.maxDegree < 2) return false;
  const summary = new RangeSummary(expected.maxDegree);
  for await (const { key, version } of rows) summary.add({ key, version });
  const { merkle } = summary.finish();
  return merkle !== undefined && sameSummary(merkle, expected);
}

async function isRangeCurrent(
  namespace: string,
  range: RangeQuery,
  { state, updates }: StateInBlock,
): Promise<boolean> {
  const changes = [...updates.changes(namespace)]
    .filter(([key]) => isInRange(key, range))
    .sort(([left], [right]) => compareKeys(left, right));
  const rows = state.range({
    namespace,
    startKey: range.startKey,
    endKey: range.endKey,
    includeEnd: !range.exhausted,
  });
  try {
    const merged = mergedRows(rows, changes);
    if (range.merkle) return await matchesSummary(range.merkle, merged);
    return await matchesReads(range.reads ?? [], merged);
  } finally {
    await rows.close();
  }
}

async function areRangesCurrent(set: NamespaceRwset, view: StateInBlock): Promise<boolean> {
  for (const range of set.ranges) {
    if (!(await isRangeCurrent(set.namespace, range, view))) return false;
  }
  return true;
}

/**
 * Whether what a transaction read is still so, over the state and the earlier valid transactions
 * of its block: keys, ranges, hashed keys, namespace by namespace
 * (Fabric: `txmgmt/validation/validator.go:validateTx`).
 * @returns 0, 11 MVCC_READ_CONFLICT or 12 PHANTOM_READ_CONFLICT
 */
export async function checkReads(
  sets: readonly NamespaceRwset[],
  view: StateInBlock,
): Promise<ValidationCode> {
  for (const set of sets) {
    if (!areReadsCurrent(set.namespace, set.reads, view)) return CODES.MVCC_READ_CONFLICT;
    if (set.ranges.length > 0 && !(await areRangesCurrent(set, view))) {
      return CODES.PHANTOM_READ_CONFLICT;
    }
    const hashed = set.collections.every(({ collection, reads }) =>
      areReadsCurrent(hashedNamespace(set.namespace, collection), reads, view),
    );
    if (!hashed) return CODES.MVCC_READ_CONFLICT;
  }
  return CODES.VALID;
}
