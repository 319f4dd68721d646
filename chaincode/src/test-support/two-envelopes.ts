/** A procurement whose bids have two envelopes. */
import type { BidDocument } from '@procurement/protocol';
import type { Offer, Procurement } from './procurement';

/** The two tenders of one procurement, on one ledger. */
export class Pair {
  readonly first: Procurement;
  readonly second: Procurement;

  constructor(first: Procurement, second: Procurement) {
    this.first = first;
    this.second = second;
  }

  fork(): Pair {
    const first = this.first.fork();
    return new Pair(first, this.second.on(first.ledger));
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
