import { describe, expect, test } from '@jest/globals';
import { testBlock } from '../test-support/blocks';
import type { TestTransaction } from '../test-support/blocks';
import { newTestCertificate } from '../test-support/certificates';
import { certificateFacts } from '../identity/certificate';
import { decodeBlock } from './block-decoder';
import { MemoryTrail } from './memory-trail';
import type { TrailEntry } from './trail-index';
import { visibleTrail } from './visibility';
import type { VisibleEntry } from './visibility';

const officer = newTestCertificate({ name: 'tashi', mspId: 'MinistryMSP' }).certificate;
const vendor1 = newTestCertificate({ name: 'vendor-1', mspId: 'VendorMSP' }).certificate;
const vendor2 = newTestCertificate({ name: 'vendor-2', mspId: 'VendorMSP' }).certificate;
const AT = '2026-01-02T03:04:05.678Z';

let transactions = 0;
function transaction(
  certificate: string,
  command: string,
  more: Partial<TestTransaction> = {},
): TestTransaction {
  transactions += 1;
  return {
    transactionId: transactions.toString(16).padStart(64, '0'),
    mspId: certificate === officer ? 'MinistryMSP' : 'VendorMSP',
    certificate,
    at: AT,
    args: [command, JSON.stringify({ requestId: 'r', tenderId: 'T-1' })],
    ...more,
  };
}

describe('a block', () => {
  test('is told transaction by transaction', () => {
    const publish = transaction(officer, 'tender:publish', {
      writes: { '\0tender\0T-1\0': '{}', plain: 'x', '\0gone\0T-1\0': '' },
      event: { name: 'TenderPublished', payload: { tenderId: 'T-1' } },
    });

    expect(decodeBlock(testBlock(7, [publish]))).toEqual([
      {
        at: AT,
        signer: { mspId: 'MinistryMSP', ...certificateFacts(officer) },
        command: 'tender:publish',
        tenderId: 'T-1',
        blockNumber: '7',
        transactionId: publish.transactionId,
        validationCode: 'VALID',
        changes: [
          { record: 'tender/T-1', removed: false },
          { record: 'plain', removed: false },
          { record: 'gone/T-1', removed: true },
        ],
        event: { name: 'TenderPublished', payload: { tenderId: 'T-1' } },
      },
    ]);
  });

  test('tells of invalid transactions with their code', () => {
    const codes = [11, 10, 254].map((code) => transaction(vendor1, 'bid:submit', { code }));
    expect(decodeBlock(testBlock(1, codes)).map((entry) => entry.validationCode)).toEqual([
      'MVCC_READ_CONFLICT',
      'ENDORSEMENT_POLICY_FAILURE',
      'NOT_VALIDATED',
    ]);
  });

  test('with an envelope that cannot be read still tells of the others', () => {
    const block = testBlock(1, ['\xff\xff\xff', transaction(officer, 'tender:close')]);
    expect(decodeBlock(block).map((entry) => entry.command)).toEqual(['tender:close']);
  });

  test.each([
    ['tender', { tender: { tenderId: 'T-9' } }],
    ['key', { key: { tenderId: 'T-9' } }],
    ['shares', { shares: { tenderId: 'T-9' } }],
  ])('names the tender inside a command that brings a %s', (_, input) => {
    const args = ['x:y', JSON.stringify({ requestId: 'r', ...input })];
    const [entry] = decodeBlock(testBlock(1, [transaction(officer, '', { args })]));
    expect(entry?.tenderId).toBe('T-9');
  });
});

describe('the index', () => {
  const block = (number: number): { number: bigint; bytes: Uint8Array } => ({
    number: BigInt(number),
    bytes: testBlock(number, [transaction(officer, 'tender:publish')]),
  });

  test('keeps the transactions of each tender in the order of the ledger', async () => {
    const trail = new MemoryTrail();
    trail.apply(block(0));
    trail.apply(block(1));
    const entries = await trail.entries('T-1');
    expect(entries.map((entry) => entry.blockNumber)).toEqual(['0', '1']);
    expect(await trail.entries('T-2')).toEqual([]);
  });

  test.each(['tender:close', 'tender:cancel', 'award:recordTechnical'])(
    'has a %s of one envelope with both, under the tender that it names',
    async (command) => {
      const trail = new MemoryTrail();
      const args = [command, JSON.stringify({ requestId: 'r', tenderId: 'T-1.technical' })];
      trail.apply({ number: 0n, bytes: testBlock(0, [transaction(officer, '', { args })]) });
      for (const tenderId of ['T-1.technical', 'T-1.financial']) {
        const entries = await trail.entries(tenderId);
        expect(entries).toMatchObject([{ command, tenderId: 'T-1.technical' }]);
      }
      expect(await trail.entries('T-1')).toEqual([]);
    },
  );

  test('has a bid with its own envelope alone', async () => {
    const trail = new MemoryTrail();
    const args = ['bid:submit', JSON.stringify({ requestId: 'r', tenderId: 'T-1.technical' })];
    trail.apply({ number: 0n, bytes: testBlock(0, [transaction(vendor1, '', { args })]) });
    expect(await trail.entries('T-1.financial')).toEqual([]);
  });

  test('takes a block that comes again only once, and refuses a gap', async () => {
    const trail = new MemoryTrail();
    trail.apply(block(0));
    trail.apply(block(0));
    expect(await trail.entries('T-1')).toHaveLength(1);
    expect(() => {
      trail.apply(block(2));
    }).toThrow(RangeError);
  });

  test('tells when it has reached a block, or that it has not in time', async () => {
    const trail = new MemoryTrail();
    const reached = trail.reached(1n, 60_000);
    const missed = trail.reached(9n, 1);
    trail.apply(block(0));
    trail.apply(block(1));
    expect(await Promise.all([reached, missed, trail.reached(0n, 0)])).toEqual([true, false, true]);
  });
});

describe('before the opening', () => {
  // Vendors have names that no hash can hold by chance.
  const chunk = (number: number): Partial<TestTransaction> => ({
    event: { name: 'SharesPosted', payload: { tenderId: 'T-1', seat: 1, chunk: number } },
    writes: { '\0shares\0T-1\0': 'x' },
  });
  const all: TrailEntry[] = decodeBlock(
    testBlock(1, [
      transaction(officer, 'tender:publish', { writes: { '\0tender\0T-1\0': 'x' } }),
      transaction(vendor1, 'bid:submit', { writes: { '\0bid\0T-1\0vendor:1\0': 'x' } }),
      transaction(vendor2, 'bid:submit', { writes: { '\0bid\0T-1\0vendor:2\0': 'x' } }),
      transaction(vendor2, 'bid:submit', { code: 11 }),
      transaction(officer, 'tender:close', {
        writes: { '\0list\0T-1\0': 'x' },
        event: { name: 'TenderClosed', payload: { listHash: 'h' } },
      }),
      transaction(officer, 'opening:postShares', chunk(0)),
      transaction(officer, 'opening:postShares', chunk(1)),
      transaction(vendor2, 'opening:combine', { writes: { '\0outcome\0T-1\0vendor:1\0': 'x' } }),
    ]),
  );
  const spkiOf = (certificate: string): string => certificateFacts(certificate).spki;
  const viewed = (certificate: string, mspId: string, opened = false): readonly VisibleEntry[] =>
    visibleTrail(all, { mspId, spki: spkiOf(certificate), opened }).entries;

  test('a vendor sees its own bid and of no other that there is one', () => {
    const entries = viewed(vendor1, 'VendorMSP');
    expect(entries.map((entry) => entry.command)).toEqual([
      'tender:publish',
      'bid:submit',
      'tender:close',
      'opening:postShares',
    ]);
    expect(JSON.stringify(entries)).not.toContain('vendor:2');
    expect(JSON.stringify(entries)).not.toContain(spkiOf(vendor2));
  });

  test('the ministry sees no bid at all', () => {
    const text = JSON.stringify(viewed(officer, 'MinistryMSP'));
    for (const sign of ['bid:submit', 'vendor:1', 'vendor:2', spkiOf(vendor1), spkiOf(vendor2)]) {
      expect(text).not.toContain(sign);
    }
  });

  test.each([
    ...['bid:confirm', 'bid:withdraw', 'opening:strike', 'opening:selfOpen'],
    'opening:recordMissing',
  ])('nobody but its signer sees a %s', (command) => {
    const entries = decodeBlock(testBlock(1, [transaction(vendor2, command)]));
    const seenBy = (certificate: string): number =>
      visibleTrail(entries, { mspId: 'VendorMSP', spki: spkiOf(certificate), opened: false })
        .entries.length;
    expect([seenBy(vendor1), seenBy(vendor2)]).toEqual([0, 1]);
  });

  test('closing and opening are shown without what would tell the number of bids', () => {
    const close = viewed(officer, 'MinistryMSP').find(({ command }) => command === 'tender:close');
    expect(close?.changes).toEqual([]);
    expect(close?.event).toEqual({ name: 'TenderClosed' });
  });

  test('the technical evaluation is shown without the list of second envelopes that it fixes', () => {
    const args = ['award:recordTechnical', JSON.stringify({ tenderId: 'T-1.technical' })];
    const fixing = transaction(officer, '', {
      args,
      writes: { '\0bid-list\0T-1.financial\0': 'x' },
      event: { name: 'TechnicalEvaluationRecorded', payload: { listHash: 'h' } },
    });
    const viewer = { mspId: 'VendorMSP', spki: spkiOf(vendor1), opened: false };
    const [entry] = visibleTrail(decodeBlock(testBlock(1, [fixing])), viewer).entries;
    const { changes, event, blockNumber } = entry!;
    expect({ changes, event, blockNumber }).toEqual({
      ...{ changes: [], event: { name: 'TechnicalEvaluationRecorded' }, blockNumber: undefined },
    });
  });

  test('an official estimate is seen by the officer who handed it in, and by no other', () => {
    const other = newTestCertificate({ name: 'karma', mspId: 'MinistryMSP' }).certificate;
    const entries = decodeBlock(testBlock(1, [transaction(officer, 'bid:submit')]));
    const seenBy = (certificate: string): number =>
      visibleTrail(entries, { mspId: 'MinistryMSP', spki: spkiOf(certificate), opened: false })
        .entries.length;
    expect([seenBy(officer), seenBy(other)]).toEqual([1, 0]);
  });

  test("others' steps after the publication are shown without their place in the chain", () => {
    const places = viewed(vendor1, 'VendorMSP').map(({ blockNumber }) => blockNumber);
    expect(places).toEqual(['1', '1', undefined, undefined]);
  });

  test('the same key under another organization is somebody else', () => {
    const commands = viewed(vendor1, 'AuditorMSP').map((entry) => entry.command);
    expect(commands).not.toContain('bid:submit');
  });

  test('and after it everybody sees everything', () => {
    expect(viewed(officer, 'MinistryMSP', true)).toEqual(all);
    const own = visibleTrail(all, { mspId: 'VendorMSP', spki: 'x', opened: false });
    expect(own.complete).toBe(false);
  });
});
