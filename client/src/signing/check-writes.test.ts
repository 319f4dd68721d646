import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CommandAnswer,
  type CommandInput,
  encodeCanonical,
  utf8,
} from '@procurement/protocol';
import { envelopeHashOf, type Envelope, ready } from '@procurement/sealed';
import type { ProcurementApi } from '../api';
import { sealBid } from '../sealing';
import { type FakeTender, newFakeTender, spkiOf } from '../test-support/fake-tender';
import { checkWrites } from './check-writes';

const written = {
  lotId: 'L1',
  lines: [{ itemId: 'I1', quantity: '10', rate: '100', amount: '1000' }],
  total: '1000',
};

let fake: FakeTender;
let input: CommandInput<'bid:submit'>;
let other: CommandInput<'bid:submit'>;

beforeAll(async () => {
  await ready();
  fake = await newFakeTender();
  [input, other] = [await submission(), await submission()];
});

async function submission(): Promise<CommandInput<'bid:submit'>> {
  const api = {
    tender: () => fake.tender,
    committee: () => fake.view,
    bids: () => ({ tenderId: 'T-1', complete: false, bids: [] }),
    me: () => ({ mspId: 'VendorMSP', spki: spkiOf(9), role: 'vendor', vendorId: 'vendor-1' }),
  } as unknown as ProcurementApi;
  const sealed = await sealBid({ api, tenderId: 'T-1', written });
  return { ...sealed.submission, tenderId: 'T-1' };
}

function hashOf({ envelope }: CommandInput<'bid:submit'>): string {
  return envelopeHashOf(envelope as Envelope);
}

/** The record of a bid as the ledger writes it. */
function record(change: object = {}): Uint8Array {
  const { lotId, version, noticeHash, envelope } = input;
  const owner = { mspId: 'VendorMSP', spki: spkiOf(9) };
  const at = '2026-01-01T00:00:00.000Z';
  return utf8(
    encodeCanonical({
      ...{ schema: 'bid/1', tenderId: 'T-1', lotId, vendorId: 'vendor-1', version, owner },
      ...{ noticeHash, envelope: envelope as object, envelopeHash: hashOf(input) },
      submitted: { at, by: owner, transactionId: 'a'.repeat(64) },
      ...change,
    }),
  );
}

function answered(envelopeHash = hashOf(input)): CommandAnswer<'bid:submit'> {
  const result = { bidKey: 'bid/T-1/L1/vendor-1', version: 1, envelopeHash };
  return { repeated: false, result, transactionId: 'a'.repeat(64) };
}

function check(values: readonly Uint8Array[], answer = answered()): void {
  const writes = values.map((value, index) => ({ key: `key ${index}`, value }));
  checkWrites({ name: 'bid:submit', input, answer, writes });
}

describe('the writes of a bid', () => {
  test('are signed where the bid that was sealed here is among them', () => {
    check([utf8('no record'), record()]);
  });

  test.each<[string, () => readonly Uint8Array[]]>([
    ['nothing', () => []],
    ['no bid', () => [utf8('{"schema":"request/1"}')]],
    ['a bid of another tender', () => [record({ tenderId: 'T-2' })]],
    ['a bid for another lot', () => [record({ lotId: 'L2' })]],
    ['another version', () => [record({ version: 2 })]],
    ['another envelope', () => [record({ envelopeHash: hashOf(other) })]],
  ])('are not signed where they are %s', (_, values) => {
    expect(() => {
      check(values());
    }).toThrow(expect.objectContaining({ name: 'CheckFailed' }));
  });

  test('are not signed where the ledger says that it took another envelope', () => {
    expect(() => {
      check([record()], answered(hashOf(other)));
    }).toThrow('the ledger took another envelope');
  });
});
