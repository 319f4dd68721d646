/** A procurement whose bids have two envelopes. */
import type { BidDocument } from '@procurement/protocol';
import type { Procurement } from './procurement';
import type { Offer } from './sealed-bids';

/** The two tenders of one procurement, on one ledger. */
export class Pair {
  readonly first: Procurement;
  readonly second: Procurement;

  constructor(first: Procurement, second: Procurement) {
    this.first = first;
    this.second = second;
  }

  /**
   * @param start on whose ledger, with whose people
   * @param procurementId by default that of `start`, which then has no tender of its own
   */
  static of(start: Procurement, procurementId?: string): Pair {
    return new Pair(
      start.envelope('technical', procurementId),
      start.envelope('financial', procurementId),
    );
  }

  fork(): Pair {
    const first = this.first.fork();
    return new Pair(first, this.second.on(first.ledger));
  }

  async create(): Promise<void> {
    await this.first.create();
    await this.second.create();
  }

  /** Both tenders, from their drafts. */
  async publish(): Promise<void> {
    await this.first.registerKeys();
    await this.second.registerKeys();
    await this.second.publish();
    await this.first.publish();
  }

  /** The first envelopes opened, and judged by the buyer and the auditor. */
  async judge(failed: readonly object[]): Promise<void> {
    const { people, tenderId } = this.first;
    await this.first.postShares(1, 3, 5);
    await this.first.combine();
    for (const person of [people.officer, people.auditor]) {
      await this.first.submit(person, 'award:recordTechnical', { tenderId, failed });
    }
  }
}

/** A first envelope: the same names, and no amounts. */
export function withoutAmounts(offer: Offer): Offer {
  const change = ({ v, tenderId, lotId, vendorId, noticeHash }: BidDocument): object => ({
    ...{ v, tenderId, lotId, vendorId, noticeHash },
    ...{ statement: 'Two graders, one crew.', documents: [] },
  });
  return { ...offer, change };
}
