import { peer, type common } from '@hyperledger/fabric-protos';
import { sha256 } from '../../../crypto/hashes';
import { historyOfKey } from '../state/history';
import type { CommittedBlock, Ledger } from '../state/ledger';
import { blockDataHash, blockHeaderHash, headerParts } from '../state/block-hashes';
import { isHashedNamespace } from '../state/versioned-value';
import type { StateEntry } from '../state/snapshot';
import type {
  RecordedBlock,
  RecordedEntry,
  RecordedLedger,
  RecordedState,
} from './recorded-ledger';

/** The first thing that a replay found otherwise than recorded. */
export interface Difference {
  /** Whose ledger, where it is in it: `MinistryMSP, block 27, transaction 3 (…)`. */
  readonly place: string;
  /** Such as `validation code`. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

function nameOfCode(code: number | undefined): string {
  const named = Object.entries(peer.TxValidationCode).find(([, value]) => value === code);
  return `${named?.[0] ?? 'no code'} (${String(code)})`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A block as this program committed it. */
export interface ReplayedBlock extends CommittedBlock {
  /** Empty for block 0. */
  readonly commitHash: Uint8Array;
}

/** A block as a peer recorded it. */
export interface RecordedCommit {
  readonly record: RecordedBlock;
  /** With the peer's metadata. */
  readonly block: common.Block;
}

/** What was found in place of a block's record, undefined when they agree. */
export function compareBlock(
  organization: string,
  committed: ReplayedBlock,
  { record, block }: RecordedCommit,
): Difference | undefined {
  const place = `${organization}, block ${String(committed.number)}`;
  return (
    compareHeader(place, committed, record) ??
    compareTransactions(place, committed, record) ??
    compareCommitHash(place, committed, record) ??
    compareBytes(place, committed, block)
  );
}

function compareHeader(
  place: string,
  { block }: CommittedBlock,
  recorded: RecordedBlock,
): Difference | undefined {
  const header = headerParts(block);
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  const hashes = {
    'data hash': [recorded.dataHash, hex(blockDataHash(envelopes))],
    'previous hash': [recorded.previousHash, hex(header.previousHash)],
    'header hash': [recorded.headerHash, hex(blockHeaderHash(header))],
    'number of transactions': [String(recorded.transactions.length), String(envelopes.length)],
  } as const;
  for (const [what, [expected, found]] of Object.entries(hashes)) {
    if (expected !== found) return { place, what, expected, found };
  }
  return undefined;
}

function compareTransactions(
  place: string,
  { codes, txIds }: CommittedBlock,
  recorded: RecordedBlock,
): Difference | undefined {
  for (const [index, { txid, code, label }] of recorded.transactions.entries()) {
    const where = `${place}, transaction ${String(index)} (${label})`;
    const id = txIds[index] ?? '';
    if (id !== txid) return { place: where, what: 'transaction id', expected: txid, found: id };
    if (codes[index] === code) continue;
    const [expected, found] = [nameOfCode(code), nameOfCode(codes[index])];
    return { place: where, what: 'validation code', expected, found };
  }
  return undefined;
}

/** The hash covers codes and state changes of this and all earlier blocks. */
function compareCommitHash(
  place: string,
  { commitHash }: ReplayedBlock,
  recorded: RecordedBlock,
): Difference | undefined {
  const [expected, found] = [recorded.commitHash ?? '', hex(commitHash)];
  return expected === found ? undefined : { place, what: 'commit hash', expected, found };
}

/** The whole block as it is stored, metadata included. */
function compareBytes(
  place: string,
  { bytes }: ReplayedBlock,
  block: common.Block,
): Difference | undefined {
  const [expected, found] = [hex(sha256(block.serializeBinary())), hex(sha256(bytes))];
  return expected === found ? undefined : { place, what: 'SHA-256 of the block', expected, found };
}

function recordedForm({ namespace, key, value, version, metadata }: StateEntry): RecordedEntry {
  const encoding = isHashedNamespace(namespace) ? 'hex' : 'utf8';
  return {
    key: hex(Buffer.from(key, encoding)),
    value: hex(value),
    version: [version.blockNumber, version.txNumber],
    ...(metadata.length > 0 && { metadata: hex(metadata) }),
  };
}

async function stateOf(ledger: Ledger): Promise<Map<string, Map<string, RecordedEntry>>> {
  const state = new Map<string, Map<string, RecordedEntry>>();
  for await (const entry of ledger.state.entries()) {
    const entries = state.get(entry.namespace) ?? new Map<string, RecordedEntry>();
    state.set(entry.namespace, entries);
    const form = recordedForm(entry);
    entries.set(form.key, form);
  }
  return state;
}

function describe(entry: RecordedEntry | undefined): string {
  if (!entry) return 'no such key';
  const { value, version, metadata } = entry;
  const [block, index] = version;
  const written = `value ${value} of block ${String(block)}, transaction ${String(index)}`;
  return metadata === undefined ? written : `${written}, metadata ${metadata}`;
}

/** Names in both, in order, so that the first difference is always the same one. */
function allKeys(left: Iterable<string>, right: Iterable<string>): string[] {
  return [...new Set([...left, ...right])].sort();
}

/**
 * Compares the whole state of a ledger.
 * @param expected public and hashed namespaces, and the private ones of the organization
 */
export async function compareState(
  organization: string,
  ledger: Ledger,
  expected: RecordedState,
): Promise<Difference | undefined> {
  const state = await stateOf(ledger);
  // Fabric keeps the channel configuration under the empty namespace; here it is in block 0.
  const names = allKeys(Object.keys(expected), state.keys()).filter((name) => name !== '');
  for (const name of names) {
    const recorded = new Map((expected[name] ?? []).map((entry) => [entry.key, entry]));
    const found = state.get(name) ?? new Map<string, RecordedEntry>();
    for (const key of allKeys(recorded.keys(), found.keys())) {
      const [wanted, seen] = [describe(recorded.get(key)), describe(found.get(key))];
      if (wanted === seen) continue;
      const keyText = Buffer.from(key, 'hex').toString('utf8');
      const shown = isHashedNamespace(name) ? key : JSON.stringify(keyText);
      const place = `${organization}, final state, namespace ${name}, key ${shown}`;
      return { place, what: 'entry', expected: wanted, found: seen };
    }
  }
  return undefined;
}

/** Compares the recorded histories. */
export async function compareHistories(
  organization: string,
  ledger: Ledger,
  recording: RecordedLedger,
): Promise<Difference | undefined> {
  const snapshot = ledger.snapshot();
  try {
    for (const [namespace, histories] of Object.entries(recording.histories())) {
      for (const [key, recorded] of Object.entries(histories)) {
        const changes = [];
        for await (const change of historyOfKey(snapshot, { namespace, key })) {
          const { txId, isDelete, value, timestamp } = change;
          const seconds = String(timestamp.seconds);
          const text = Buffer.from(value).toString('utf8');
          changes.push({ txId, isDelete, value: text, timestamp: { ...timestamp, seconds } });
        }
        const [expected, found] = [JSON.stringify(recorded), JSON.stringify(changes)];
        const place = `${organization}, history of ${namespace}, key ${JSON.stringify(key)}`;
        if (expected !== found) return { place, what: 'changes', expected, found };
      }
    }
    return undefined;
  } finally {
    snapshot.release();
  }
}
