/** A bid as it is handed in, answered and written by the ledger, honest or not. */
import {
  type CommandAnswer,
  type CommandInput,
  encodeCanonical,
  utf8,
} from '@procurement/protocol';
import { type Envelope, envelopeHashOf, ready } from '@procurement/sealed';
import { sealBid } from '../sealing';
import { apiOf, type FakeTender, newFakeTender, spkiOf, written } from './fake-tender';

/** One vendor's bid, and another envelope of the same bid. */
export class WrittenBid {
  readonly input: CommandInput<'bid:submit'>;
  readonly envelopeHash: string;
  readonly otherHash: string;

  private constructor(input: CommandInput<'bid:submit'>, other: CommandInput<'bid:submit'>) {
    this.input = input;
    this.envelopeHash = envelopeHashOf(input.envelope as Envelope);
    this.otherHash = envelopeHashOf(other.envelope as Envelope);
  }

  static async make(): Promise<WrittenBid> {
    await ready();
    const fake = await newFakeTender();
    return new WrittenBid(await submission(fake), await submission(fake));
  }

  /** The record as the ledger writes it. */
  record(change: object = {}): Uint8Array {
    const { lotId, version, noticeHash, envelope } = this.input;
    const owner = { mspId: 'VendorMSP', spki: spkiOf(9) };
    const submitted = { at: '2026-01-01T00:00:00.000Z', by: owner, transactionId: 'a'.repeat(64) };
    return utf8(
      encodeCanonical({
        ...{ schema: 'bid/1', tenderId: 'T-1', lotId, vendorId: 'vendor-1', version, owner },
        ...{ noticeHash, envelope: envelope as object, envelopeHash: this.envelopeHash },
        ...{ submitted, ...change },
      }),
    );
  }

  /** What the chaincode answers. */
  answer(envelopeHash = this.envelopeHash): CommandAnswer<'bid:submit'> {
    const result = { bidKey: 'bid/T-1/L1/vendor-1', version: 1, envelopeHash };
    return { repeated: false, result, transactionId: 'a'.repeat(64) };
  }
}

async function submission(fake: FakeTender): Promise<CommandInput<'bid:submit'>> {
  const sealed = await sealBid({ api: apiOf(fake), tenderId: 'T-1', written });
  return { ...sealed.submission, tenderId: 'T-1' };
}
