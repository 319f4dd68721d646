import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { common } from '@hyperledger/fabric-protos';
import { Committer } from '../commit/committer';
import { ChannelConfig } from '../config/channel-config';
import { Ledger } from '../state/ledger';
import { compareBlock, compareHistories, compareState, type Difference } from './differences';
import { RecordedLedger, RecordingError } from './recorded-ledger';
import { RecordedPrivateSource } from './recorded-private-source';

/** What came of a replay. */
export interface ReplayOutcome {
  readonly channelId: string;
  readonly blocks: number;
  readonly transactions: number;
  /** Number of transactions by `peer.TxValidationCode`. */
  readonly codes: ReadonlyMap<number, number>;
  /** The organizations whose ledgers were rebuilt; `channel` where none is recorded. */
  readonly organizations: readonly string[];
  /** The parts of the recording that were compared. */
  readonly compared: readonly string[];
  /** Absent when everything is as recorded. */
  readonly difference?: Difference;
}

/** One rebuilt ledger. */
interface ReplayedLedger {
  readonly organization: string;
  readonly ledger: Ledger;
  readonly committer: Committer;
}

const NO_ORGANIZATION = 'channel';

/**
 * Replays a recorded ledger through the validator of the embedded network, once for each
 * organization whose private data are recorded, and compares every validation code and commit hash,
 * the final state and the histories. It ends at the first difference.
 * @param folder in the format of `RecordedLedger`
 * @throws RecordingError when the folder holds no recorded ledger
 */
export async function replayLedger(folder: string): Promise<ReplayOutcome> {
  const recording = new RecordedLedger(folder);
  const temporary = await mkdtemp(join(tmpdir(), 'replay-'));
  const replayed: ReplayedLedger[] = [];
  try {
    return await replay(recording, { temporary, replayed });
  } finally {
    await Promise.all(replayed.map(({ ledger }) => ledger.close()));
    await rm(temporary, { recursive: true, force: true });
  }
}

async function replay(
  recording: RecordedLedger,
  { temporary, replayed }: { temporary: string; replayed: ReplayedLedger[] },
): Promise<ReplayOutcome> {
  const blocks = recording.blocks();
  const [genesis] = blocks;
  if (!genesis) throw new RecordingError(`${recording.folder} holds no blocks.`);
  const config = ChannelConfig.fromBlock(genesis);
  for (const organization of organizationsOf(recording)) {
    const ledger = await Ledger.open(join(temporary, organization));
    const source = new RecordedPrivateSource(recording.privateData()[organization] ?? []);
    const own = { mspId: organization };
    const committer = new Committer({ ledger, config: () => config, own, source });
    replayed.push({ organization, ledger, committer });
  }
  const codes = new Map<number, number>();
  const ofBlocks = await replayBlocks({ recording, blocks, replayed, codes });
  const difference = ofBlocks ?? (await compareEnd(recording, replayed));
  return {
    channelId: config.channelId,
    blocks: replayed[0]?.ledger.height ?? 0,
    transactions: [...codes.values()].reduce((sum, count) => sum + count, 0),
    codes,
    organizations: replayed.map(({ organization }) => organization),
    compared: comparedParts(recording),
    ...(difference && { difference }),
  };
}

function organizationsOf(recording: RecordedLedger): string[] {
  const named = Object.keys({ ...recording.privateData(), ...recording.expectedPrivate() });
  return named.length > 0 ? named : [NO_ORGANIZATION];
}

function comparedParts(recording: RecordedLedger): string[] {
  const parts: [string, unknown][] = [
    ['validation codes and commit hashes', true],
    ['public and hashed state', recording.expectedState()],
    ['private state', recording.expectedPrivate()],
    ['histories', Object.keys(recording.histories()).length > 0],
  ];
  return parts.filter(([, isThere]) => Boolean(isThere)).map(([name]) => name);
}

async function replayBlocks(parts: {
  readonly recording: RecordedLedger;
  readonly blocks: readonly common.Block[];
  readonly replayed: readonly ReplayedLedger[];
  readonly codes: Map<number, number>;
}): Promise<Difference | undefined> {
  const { blocks, replayed, codes } = parts;
  const expected = parts.recording.expectedBlocks();
  for (const block of blocks) {
    const results = await Promise.all(
      replayed.map(async ({ organization, ledger, committer }) => {
        const committed = await committer.commit(block);
        const { commitHash } = ledger;
        return { organization, committed: { ...committed, commitHash } };
      }),
    );
    for (const code of results[0]?.committed.codes ?? []) {
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    for (const { organization, committed } of results) {
      const record = expected.find(({ number }) => number === committed.number);
      const difference = record
        ? compareBlock(organization, committed, { record, block })
        : unexpectedBlock(committed.number);
      if (difference) return difference;
    }
  }
  const [recorded, found] = [String(expected.length), String(blocks.length)];
  if (recorded === found) return undefined;
  return { place: 'the recording', what: 'number of blocks', expected: recorded, found };
}

function unexpectedBlock(number: number): Difference {
  const place = `block ${String(number)}`;
  return { place, what: 'block', expected: 'no such block', found: 'a block' };
}

async function compareEnd(
  recording: RecordedLedger,
  replayed: readonly ReplayedLedger[],
): Promise<Difference | undefined> {
  const shared = recording.expectedState();
  const plain = recording.expectedPrivate();
  for (const { organization, ledger } of replayed) {
    const expected = shared && { ...shared, ...plain?.[organization] };
    const difference =
      (expected && (await compareState(organization, ledger, expected))) ??
      (await compareHistories(organization, ledger, recording));
    if (difference) return difference;
  }
  return undefined;
}
