/** Our own vectors: what a later version of this code must still give, to the byte. */
import { encodeCanonical } from '@procurement/protocol';
import { drawn, bidOf, listedIn, sealedBy, tenderOf, type TestTender } from './tenders';
import { combineShares } from '../combine';
import { sharesFrom } from '../open';
import { selfOpenFrom } from '../self-open';
import { ticket } from '../tie';
import type { OwnVectors, SealVector } from './own-files';

const SIZES = [
  { n: 3, t: 2 },
  { n: 5, t: 3 },
  { n: 9, t: 5 },
  { n: 15, t: 8 },
];
const VENDORS = ['vendor-1', 'vendor-2', '.estimate'];

/** Makes every vector from the names that it consists of. */
export async function makeOwnVectors(): Promise<OwnVectors> {
  const vectors = await Promise.all(SIZES.map(async (size) => vectorsOf(tenderOf(size))));
  return { source: 'seeded by test-support/tenders.ts', vectors: vectors.flat() };
}

async function vectorsOf(of: TestTender): Promise<SealVector[]> {
  const { committee, tender, secrets } = of;
  const bids = await Promise.all(
    VENDORS.map(async (vendor) => sealedBy(committee, bidOf(vendor), { lot: 'L1', vendor })),
  );
  const list = listedIn(committee, bids);
  const deals = list.bids.map(({ sealed }) => sealed.envelope);
  const messages = secrets.slice(0, committee.t).map((secret, index) => {
    const seat = index + 1;
    const random = drawn(`${committee.tenderId}/opening/${seat}`).subarray(0, 32);
    const opening = { committee, listHash: list.listHash, deals, chunk: 0, seat, secret, random };
    return sharesFrom(opening)!;
  });
  const opened = list.bids.map((_, index) =>
    combineShares(
      committee,
      messages.map(({ seat, S }) => ({ seat, S: S[index]! })),
    ),
  );
  return list.bids.map(({ bid, sealed }, index) => {
    const random = drawn(`${committee.tenderId}/self/${index}`).subarray(0, 32);
    const { bidKey } = list.entries[index]!;
    return {
      name: `(${committee.n},${committee.t}) ${bid.vendorId}`,
      tender,
      committeeHash: committee.committeeHash,
      bid,
      listHash: list.listHash,
      index,
      envelope: sealed.text,
      envelopeHash: sealed.envelopeHash,
      shares: messages.map((message) => encodeCanonical(message)),
      deals: deals.map(({ Y }) => ({ Y })),
      secret: opened[index]!,
      selfOpen: encodeCanonical(selfOpenFrom({ committee, bid, seed: sealed.seed, random })!),
      plain: encodeCanonical({ lot: 'L1', vendor: bid.vendorId }),
      ticket: ticket({ tender, listHash: list.listHash, bidKey, secrets: opened }),
    };
  });
}
