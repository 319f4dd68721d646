import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { Committer } from '../commit/committer';
import { ChannelConfig } from '../config/channel-config';
import { compareState } from '../replay/differences';
import { RecordedLedger } from '../replay/recorded-ledger';
import { RecordedPrivateSource } from '../replay/recorded-private-source';
import { Ledger } from '../state/ledger';
import { describeWithGolden, ledgerFolder } from '../test-support/golden';
import { noPrivateSource, type PrivateSource } from './private-source';

const MINISTRY = 'MinistryMSP';

describeWithGolden('a peer that commits without private data', () => {
  let folder: string;
  let ledger: Ledger;
  let committer: Committer;
  let recording: RecordedLedger;
  let current: PrivateSource = noPrivateSource;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reconcile-'));
    ledger = await Ledger.open(folder);
    recording = new RecordedLedger(ledgerFolder);
    const blocks = recording.blocks();
    const config = ChannelConfig.fromBlock(blocks[0] ?? new common.Block());
    const source: PrivateSource = { find: (wanted) => current.find(wanted) };
    const own = { mspId: MINISTRY };
    committer = new Committer({ ledger, config: () => config, own, source });
    for (const block of blocks) await committer.commit(block);
  });

  afterAll(async () => {
    await ledger.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('notes what is missing, and finds nothing where nobody has it', async () => {
    const missing = await ledger.privateStore.missing();
    expect(missing.length).toBeGreaterThan(40);
    expect(await committer.reconcile()).toBe(missing.length);
  });

  test('ends in the recorded state once somebody has it, purges and expiries included', async () => {
    current = new RecordedPrivateSource(recording.privateData()[MINISTRY] ?? []);
    await committer.reconcile();
    const expected = {
      ...recording.expectedState(),
      ...recording.expectedPrivate()?.[MINISTRY],
    };
    expect(await compareState(MINISTRY, ledger, expected)).toBeUndefined();
  });

  test('keeps what it found by block and transaction', async () => {
    const recorded = recording.privateData()[MINISTRY] ?? [];
    for (const { block, tx, ns } of recorded) {
      const kept = (await ledger.privateStore.recordsOf(block)).filter(
        ({ place }) => place.index === tx,
      );
      expect(kept.map(({ namespace, collection }) => [namespace, collection])).toEqual(
        ns.flatMap((one) => one.collections.map(({ name }) => [one.ns, name])),
      );
    }
  });
});
