/** The bids of one tender as the blocks bring them, and the list that the close must fix. */
import {
  type BidHeadRecord,
  bidHeadRecordSchema,
  bidRecordSchema,
  type CommandInput,
  currentNoticeHash,
  deadlineOf,
  type TenderRecord,
} from '@procurement/protocol';
import {
  type BidName,
  type Committee,
  type Envelope,
  SealError,
  verifyDeal,
} from '@procurement/sealed';
import { check } from '../check';
import type { Placed } from './chain';
import type { Made, Step } from './step';
import { isSameText, recordIn } from './written';

/** A bid that was handed in: its latest version. */
export interface KnownBid {
  readonly bidKey: string;
  readonly name: BidName;
  readonly envelope: Envelope;
  readonly envelopeHash: string;
  readonly noticeHash: string;
  readonly answered: string;
  readonly documents: NonNullable<CommandInput<'bid:submit'>['documents']>;
  readonly withdrawn: boolean;
  /** Whether the committee can open it; a bid of which that is false has to be struck. */
  readonly holds: boolean;
}

/** The bids of one tender. */
export class BidBook {
  readonly #bids = new Map<string, KnownBid>();

  /** A submission, after every check that anyone can make. @throws {CheckFailed} */
  submit(submission: {
    readonly tender: TenderRecord;
    readonly committee: Committee;
    readonly bidKey: string;
    readonly vendorId: string;
    readonly step: Step<'bid:submit'>;
  }): void {
    const { tender, committee, bidKey, vendorId } = submission;
    const { input, result, made, placed } = submission.step;
    const { lotId, version } = input;
    requireInTime(tender, bidKey, made);
    const isNotice = input.noticeHash === currentNoticeHash(tender);
    check(isNotice, `${bidKey} answers another notice than the one published`, 'NOTICE');
    const last = this.#bids.get(bidKey)?.name.version ?? 0;
    const isNext = version === last + 1;
    check(isNext, `${bidKey} has version ${version} after version ${last}`, 'VERSION');
    const name: BidName = { lotId, vendorId, vendorSpki: made.spki, version };
    const envelope = input.envelope as Envelope;
    checkRecorded(placed, { envelope, name, envelopeHash: result.envelopeHash });
    const holds = doesHold({ committee, bid: name, envelope }, result.envelopeHash);
    const { envelopeHash } = result;
    this.#bids.set(bidKey, {
      ...{ bidKey, name, envelope, envelopeHash, holds, withdrawn: false },
      ...{ noticeHash: input.noticeHash, answered: input.noticeHash },
      documents: input.documents ?? [],
    });
  }

  /** @throws {CheckFailed} */
  confirm(tender: TenderRecord, { result, made, placed }: Step<'bid:confirm'>): void {
    const { bidKey, noticeHash } = result;
    requireInTime(tender, bidKey, made);
    const isNotice = noticeHash === currentNoticeHash(tender);
    check(isNotice, `${bidKey} was confirmed for another notice`, 'NOTICE');
    this.#change(bidKey, { answered: noticeHash });
    const { confirmed, withdrawn } = headIn(placed);
    const isSame = confirmed?.noticeHash === noticeHash && withdrawn === undefined;
    check(isSame, `${bidKey} was not recorded as confirmed`, 'STANDING');
  }

  /** A tombstone takes the bid's place. @throws {CheckFailed} */
  withdraw(tender: TenderRecord, { result, made, placed }: Step<'bid:withdraw'>): void {
    const { bidKey } = result;
    requireInTime(tender, bidKey, made);
    this.#change(bidKey, { withdrawn: true });
    const { withdrawn, version } = headIn(placed);
    const { name } = this.#bids.get(bidKey) ?? {};
    const isSame = withdrawn !== undefined && version === name?.version;
    check(isSame, `${bidKey} was not recorded as withdrawn`, 'STANDING');
  }

  /** The bids that stand, in no order. */
  standing(): KnownBid[] {
    return [...this.#bids.values()].filter(({ withdrawn }) => !withdrawn);
  }

  #change(bidKey: string, change: Partial<KnownBid>): void {
    const bid = this.#bids.get(bidKey);
    check(bid !== undefined && !bid.withdrawn, `${bidKey} does not stand`, 'STANDING');
    this.#bids.set(bidKey, { ...bid, ...change });
  }
}

function requireInTime(tender: TenderRecord, bidKey: string, { atMs }: Made): void {
  const isInTime = atMs <= Date.parse(deadlineOf(tender));
  check(isInTime, `${bidKey} was signed after the deadline`, 'LATE');
}

function headIn(placed: Placed): BidHeadRecord {
  return bidHeadRecordSchema.parse(recordIn(placed, 'bid-head'));
}

/** What was recorded is what was handed in, and what the next transactions will find. */
function checkRecorded(
  placed: Placed,
  due: { readonly envelope: Envelope; readonly name: BidName; readonly envelopeHash: string },
): void {
  const { envelope, name, envelopeHash } = due;
  const bid = bidRecordSchema.parse(recordIn(placed, 'bid'));
  const head = headIn(placed);
  const isSame =
    isSameText(bid.envelope, envelope) &&
    bid.owner.spki === name.vendorSpki &&
    [bid, head].every((one) => isNamed(one, name) && one.envelopeHash === envelopeHash) &&
    head.withdrawn === undefined &&
    head.confirmed === undefined;
  check(isSame, `another bid of ${name.vendorId} was recorded than was handed in`, 'BID');
}

function isNamed(record: Omit<BidName, 'vendorSpki'>, name: BidName): boolean {
  const { lotId, vendorId, version } = name;
  return record.lotId === lotId && record.vendorId === vendorId && record.version === version;
}

function doesHold(deal: Parameters<typeof verifyDeal>[0], envelopeHash: string): boolean {
  try {
    const found = verifyDeal(deal).envelopeHash;
    check(found === envelopeHash, `an envelope has another hash than ${envelopeHash}`, 'BID');
    return true;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return false;
  }
}
