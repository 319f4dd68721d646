import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeCanonical, utf8 } from '@procurement/protocol';
import {
  both,
  falseDeal,
  inArray,
  later,
  leftOut,
  type LieRow,
  otherHash,
  Telling,
  without,
} from '../support/lies';
import {
  answering,
  asking,
  changing,
  notWriting,
  type PaperEntry,
  writing,
} from '../support/paper-ledger';
import { amendedAndAwarded, bidKeyOfVendor, entriesOf } from '../support/paper-procedures';

const HOUR_MS = 3600 * 1000;
const PERIOD_MS = 7 * 24 * HOUR_MS;

const telling = new Telling();

beforeAll(
  () => telling.begin(async (published) => entriesOf(await amendedAndAwarded(published))),
  120_000,
);

/** Instead of the combine: nobody could open anything, said an hour after the opening's end. */
const recordedAsMissing = (entry: PaperEntry): PaperEntry => ({
  ...both(
    writing('bid-outcome', (outcome) => ({
      ...without(outcome, 'S', 'documentHash'),
      state: 'UNOPENED',
    })),
    notWriting('bid-document'),
  )(entry),
  name: 'opening:recordMissing',
  atMs: entry.atMs + PERIOD_MS + HOUR_MS,
});

describe('the close, the opening and the award of a procedure', () => {
  test.each<LieRow>([
    ['EARLY', 'the close comes early', changing('tender:close', later(-1))],
    [
      'LIST',
      'the close fixes another list',
      changing('tender:close', answering({ listHash: otherHash })),
    ],
    [
      'LIST',
      'the list that is recorded is shorter',
      changing(
        'tender:close',
        writing('bid-list', (list) => ({
          ...list,
          entries: (list['entries'] as object[]).slice(1),
        })),
      ),
    ],
    [
      'SEAT',
      'a seat posts the shares of another',
      changing(
        'opening:postShares',
        telling.by((people) => people.seats[1]!),
      ),
    ],
    [
      'OPEN',
      'a share is another',
      changing('opening:postShares', (entry) => {
        const { shares } = decodeCanonical(entry.input) as { shares: { S: string[] } };
        return asking({ shares: { ...shares, S: shares.S.toReversed() } })(entry);
      }),
    ],
    ['FEW', 'fewer seats than needed have posted', leftOut('opening:postShares')],
    ['STRIKE', 'a bid is opened whose deal is false', changing('bid:submit', falseDeal, 2)],
    [
      'OUTCOME',
      'a good bid is called unreadable',
      changing(
        'opening:combine',
        writing('bid-outcome', (one) => ({ ...one, state: 'INVALID_GCM' })),
      ),
    ],
    [
      'OUTCOME',
      'a text is another',
      changing('opening:combine', (entry) => {
        const texts = [...entry.writes].map(([key, value]): [string, Uint8Array] => {
          const text = Buffer.from(value).toString().replaceAll('"400"', '"300"');
          return [key, key.includes('bid-document') ? utf8(text) : value];
        });
        return { ...entry, writes: new Map(texts) };
      }),
    ],
    [
      'UNLISTED',
      'a bid is opened that is not listed',
      changing(
        'opening:combine',
        writing('bid-outcome', (one) => ({ ...one, bidKey: bidKeyOfVendor(4) })),
      ),
    ],
    [
      'OPENABLE',
      'a bid is called missing that the shares open',
      changing('opening:combine', recordedAsMissing),
    ],
    [
      'EVALUATION',
      'a bid is found not to answer the notice',
      changing(
        'award:evaluate',
        writing('bid-evaluation', (one) => ({ ...one, responsive: false })),
      ),
    ],
    [
      'EVALUATION',
      'a bid is left out of the evaluation',
      changing('award:evaluate', notWriting('bid-evaluation')),
    ],
    [
      'RANKING',
      'the bids stand in another order',
      changing(
        'award:evaluate',
        writing('ranking', (one) => ({ ...one, ranks: (one['ranks'] as object[]).toReversed() })),
      ),
    ],
    [
      'RANKING',
      'an amount in the ranking is another',
      changing(
        'award:evaluate',
        writing('ranking', (one) =>
          (one['ranks'] as object[]).length === 0
            ? one
            : inArray('ranks', (first) => ({ ...first, evaluatedAmount: '1' }))(one),
        ),
      ),
    ],
    ['RANKING', 'a lot is not ranked', changing('award:evaluate', notWriting('ranking'))],
    [
      'AWARD',
      'somebody else gets the lot',
      changing(
        'award:decide',
        writing(
          'award',
          inArray('lots', (lot) => ({ ...lot, bidKey: bidKeyOfVendor(1), vendorId: 'vendor-1' })),
        ),
      ),
    ],
    [
      'AWARD',
      'the amount of the award is another',
      changing(
        'award:decide',
        writing(
          'award',
          inArray('lots', (lot) => ({ ...lot, amount: '1' })),
        ),
      ),
    ],
    [
      'UNREADABLE',
      'a record is of no form',
      changing(
        'award:decide',
        writing('award', () => ({ schema: 'award/2' })),
      ),
    ],
  ])('is told with %s where %s', async (code, _, lie) => {
    expect(await telling.codeOf(lie)).toBe(code);
  });
});
