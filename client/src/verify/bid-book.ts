/** The bids of one tender as the blocks bring them, and the list that the close must fix. */
import {
  bidKeyOf,
  type CommandInput,
  type CommandResult,
  currentNoticeHash,
  deadlineOf,
  type TenderRecord,
  vendorRecordSchema,
} from '@procurement/protocol';
import {
  type BidName,
  type Committee,
  type Envelope,
  SealError,
  verifyDeal,
} from '@procurement/sealed';
import { check } from '../check';

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

/** When a transaction was made, by its own time, and by whom. */
export interface Made {
  readonly atMs: number;
  readonly mspId: string;
  readonly spki: string;
}

/** The bids of one tender. */
export class BidBook {
  readonly #bids = new Map<string, KnownBid>();

  /** A submission, after every check that anyone can make. @throws {CheckFailed} */
  submit(submission: {
    readonly tender: TenderRecord;
    readonly committee: Committee;
    readonly input: CommandInput<'bid:submit'>;
    readonly result: CommandResult<'bid:submit'>;
    readonly vendor: unknown;
    readonly made: Made;
  }): void {
    const { tender, committee, input, result, made } = submission;
    const { tenderId, lotId, version } = input;
    const vendor = vendorRecordSchema.parse(submission.vendor);
    const isOwner = vendor.owner.mspId === made.mspId && vendor.owner.spki === made.spki;
    const { vendorId } = vendor;
    const bidKey = bidKeyOf({ tenderId, lotId, vendorId });
    check(isOwner && result.bidKey === bidKey, `${bidKey} was not handed in by its vendor`);
    requireInTime(tender, bidKey, made);
    const isNotice = input.noticeHash === currentNoticeHash(tender);
    check(isNotice, `${bidKey} answers another notice than the one published`);
    const last = this.#bids.get(bidKey)?.name.version ?? 0;
    check(version === last + 1, `${bidKey} has version ${version} after version ${last}`);
    const name: BidName = { lotId, vendorId, vendorSpki: made.spki, version };
    const envelope = input.envelope as Envelope;
    const holds = doesHold({ committee, bid: name, envelope }, result.envelopeHash);
    const { envelopeHash } = result;
    this.#bids.set(bidKey, {
      ...{ bidKey, name, envelope, envelopeHash, holds, withdrawn: false },
      ...{ noticeHash: input.noticeHash, answered: input.noticeHash },
      documents: input.documents ?? [],
    });
  }

  /** @throws {CheckFailed} */
  confirm(
    bidKey: string,
    tender: TenderRecord,
    made: Made & { readonly noticeHash: string },
  ): void {
    requireInTime(tender, bidKey, made);
    this.#change(bidKey, { answered: made.noticeHash });
  }

  /** @throws {CheckFailed} */
  withdraw(bidKey: string, tender: TenderRecord, made: Made): void {
    requireInTime(tender, bidKey, made);
    this.#change(bidKey, { withdrawn: true });
  }

  /** The bids that stand, in no order. */
  standing(): KnownBid[] {
    return [...this.#bids.values()].filter(({ withdrawn }) => !withdrawn);
  }

  #change(bidKey: string, change: Partial<KnownBid>): void {
    const bid = this.#bids.get(bidKey);
    check(bid !== undefined && !bid.withdrawn, `${bidKey} does not stand`);
    this.#bids.set(bidKey, { ...bid, ...change });
  }
}

function requireInTime(tender: TenderRecord, bidKey: string, { atMs }: Made): void {
  const isInTime = atMs <= Date.parse(deadlineOf(tender));
  check(isInTime, `${bidKey} was signed after the deadline`);
}

function doesHold(deal: Parameters<typeof verifyDeal>[0], envelopeHash: string): boolean {
  try {
    const found = verifyDeal(deal).envelopeHash;
    check(found === envelopeHash, `an envelope has another hash than ${envelopeHash}`);
    return true;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return false;
  }
}
