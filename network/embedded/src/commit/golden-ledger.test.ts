import { beforeAll, expect, test } from '@jest/globals';
import { common } from '@hyperledger/fabric-protos';
import { ChannelConfig } from '../config/channel-config';
import { identitiesOf } from '../policy/signature-policy';
import { blockDataHash, blockHeaderHash, headerParts } from '../state/block-hashes';
import { decodeRwset, encodeRwset } from '../state/rwset';
import { RecordedLedger, type RecordedBlock } from '../replay/recorded-ledger';
import { replayLedger } from '../replay/replay-ledger';
import { describeWithGolden, ledgerFolder } from '../test-support/golden';
import { decodeEnvelope } from './envelope';
import { parseTransaction } from './parsed-transaction';

function envelopesOf(block: common.Block): Uint8Array[] {
  return block.getData()?.getDataList_asU8() ?? [];
}

/** Replays a whole channel ledger that was recorded from real peers. */
describeWithGolden('the ledger of a real peer', () => {
  let expected: readonly RecordedBlock[];
  let blocks: common.Block[];
  let config: ChannelConfig;

  function endorserTransactions(): Uint8Array[] {
    return blocks.flatMap((block, number) =>
      envelopesOf(block).filter((_, at) => {
        const recordedTransaction = expected[number]?.transactions[at];
        return recordedTransaction?.headerType === 3 && recordedTransaction.code === 0;
      }),
    );
  }

  beforeAll(() => {
    const recording = new RecordedLedger(ledgerFolder);
    expected = recording.expectedBlocks();
    blocks = recording.blocks();
    config = ChannelConfig.fromBlock(blocks[0] ?? new common.Block());
  });

  test('has the header and data hashes this program computes', () => {
    const hashes = blocks.map((block) => ({
      header: blockHeaderHash(headerParts(block)).toString('hex'),
      data: blockDataHash(envelopesOf(block)).toString('hex'),
    }));
    expect(hashes).toEqual(
      expected.map(({ headerHash, dataHash }) => ({ header: headerHash, data: dataHash })),
    );
  });

  test('has read/write sets that are the same bytes after decoding and encoding', () => {
    const results = endorserTransactions().map((envelope) =>
      Buffer.from(decodeEnvelope(envelope).action.getResults_asU8()),
    );
    expect(results.length).toBeGreaterThan(200);
    const unequal = results.filter((result) => !encodeRwset(decodeRwset(result)).equals(result));
    expect(unequal).toEqual([]);
  });

  test('has transactions whose ids, proposal hashes and signatures verify', () => {
    for (const envelope of endorserTransactions()) {
      const { header, formCode, bindingCode, actionCode, action } = parseTransaction(envelope);
      expect([formCode, bindingCode, actionCode]).toEqual([0, 0, 0]);
      const creator = config.msps.deserialize(header?.creator ?? Buffer.of());
      expect(creator.verify(header?.payload ?? Buffer.of(), header?.signature ?? Buffer.of())).toBe(
        true,
      );
      const identities = identitiesOf(action?.endorsements ?? [], config.msps);
      expect(identities.length).toBeGreaterThan(0);
    }
  });

  test('replays to the same codes, commit hashes, states and histories', async () => {
    const { difference, ...summary } = await replayLedger(ledgerFolder);
    expect(difference).toBeUndefined();
    expect(summary).toMatchObject({
      channelId: 'procurement',
      blocks: expected.length,
      transactions: expected.flatMap((block) => block.transactions).length,
      organizations: ['MinistryMSP', 'VendorMSP', 'AuditorMSP'],
      compared: [
        'validation codes and commit hashes',
        'public and hashed state',
        'private state',
        'histories',
      ],
    });
  });
});
