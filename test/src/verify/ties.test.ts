import { beforeAll, describe, expect, test } from '@jest/globals';
import { inArray, type LieRow, Telling, without } from '../support/lies';
import { asking, changing, writing } from '../support/paper-ledger';
import { bidKeyOfVendor, decidedByPublicLot, entriesOf } from '../support/paper-procedures';

const telling = new Telling();

beforeAll(
  () => telling.begin(async (published) => entriesOf(await decidedByPublicLot(published))),
  120_000,
);

describe('a tie that a public lot decides', () => {
  test('holds, and says what was drawn', async () => {
    const { bids, lots } = await telling.verify();
    expect(bids.map(({ state }) => state)).toEqual(['OPENED', 'OPENED', 'UNOPENED']);
    expect(lots[0]).toMatchObject({ outcome: 'awarded', vendorId: 'vendor-2', publicLot: true });
  });

  test.each<LieRow>([
    ['TIE', 'nobody drew', changing('award:decide', asking({ publicLots: [] }))],
    [
      'TIE',
      'both were drawn',
      changing('award:decide', asking({ publicLots: [1, 2].map(bidKeyOfVendor) })),
    ],
    [
      'TIE',
      'a bid was drawn that nobody opened',
      changing('award:decide', asking({ publicLots: [bidKeyOfVendor(3)] })),
    ],
    [
      'AWARD',
      'the other one was drawn',
      changing('award:decide', asking({ publicLots: [bidKeyOfVendor(1)] })),
    ],
    [
      'AWARD',
      'the award does not say that there was a draw',
      changing(
        'award:decide',
        writing(
          'award',
          inArray('lots', (lot) => without({ ...lot }, 'publicLot')),
        ),
      ),
    ],
    [
      'RANKING',
      'one of the two stands before the other',
      changing(
        'award:evaluate',
        writing('ranking', (one) => ({
          ...one,
          ranks: (one['ranks'] as object[]).map((rank, index) => ({ ...rank, rank: index + 1 })),
        })),
      ),
    ],
    [
      'OUTCOME',
      'the bid that nobody opened is called opened without a text',
      changing(
        'opening:recordMissing',
        writing('bid-outcome', (one) => ({ ...one, state: 'OPENED' })),
      ),
    ],
  ])('is told with %s where %s', async (code, _, lie) => {
    expect(await telling.codeOf(lie)).toBe(code);
  });
});
