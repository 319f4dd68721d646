import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeCanonical, utf8 } from '@procurement/protocol';
import {
  afterThe,
  both,
  type Change,
  later,
  leftOut,
  type Lie,
  type LieRow,
  Telling,
  without,
} from '../support/lies';
import { answering, asking, changing, notWriting, writing } from '../support/paper-ledger';
import {
  awardedInTwoEnvelopes,
  cancelledInTwoEnvelopes,
  entriesOf,
  failure,
  TWO_ENVELOPES_ID,
} from '../support/paper-procedures';

const firstId = `${TWO_ENVELOPES_ID}.technical`;
const secondId = `${TWO_ENVELOPES_ID}.financial`;
const telling = new Telling(secondId);

beforeAll(
  () => telling.begin(async (published) => entriesOf(await awardedInTwoEnvelopes(published))),
  120_000,
);

/** Only the record of one of the two tenders is another one. */
function inTender(tenderId: string, change: (tender: Record<string, unknown>) => object): Change {
  return writing('tender', (tender) => (tender['tenderId'] === tenderId ? change(tender) : tender));
}

/** The transactions of one of the two tenders, of which one is changed. */
function ofTender(tenderId: string, name: string, change: Change, which = 0): Lie {
  return (entries) => {
    const own = entries.filter((one) => one.name === name && one.input.includes(tenderId));
    const due = own[which];
    if (due === undefined) throw new RangeError(`no transaction ${name} of ${tenderId}`);
    return entries.map((entry) => (entry === due ? change(entry) : entry));
  };
}

interface Result {
  readonly bidKey: string;
  readonly passed: boolean;
}

/** A result of the technical evaluation is another one than what follows. */
const resultOf = (vendor: number, change: object): Change =>
  writing('technical-evaluation', (record) => ({
    ...record,
    results: (record['results'] as Result[]).map((result) =>
      result.bidKey.endsWith(`vendor-${vendor}`) ? { ...result, ...change } : result,
    ),
  }));

const excludingMore: Change = writing('bid-list', (list) => {
  const [first, ...entries] = list['entries'] as object[];
  return { ...list, entries, excluded: [first, ...(list['excluded'] as object[])] };
});

describe('a procurement of two envelopes', () => {
  test('holds, whichever of its tenders is asked for', async () => {
    const bid = (vendor: string): string => `bid/${secondId}/road/${vendor}`;
    expect(await telling.verify()).toMatchObject({
      tenderId: secondId,
      bids: ['.estimate', 'vendor-1', 'vendor-2'].map((vendor) => ({
        ...{ bidKey: bid(vendor), state: 'OPENED' },
      })),
      excluded: [bid('vendor-3'), bid('vendor-4')],
      technical: [
        ...['.estimate', 'vendor-1', 'vendor-2'].map((vendorId) => ({ vendorId, passed: true })),
        { vendorId: 'vendor-3', passed: false, reason: failure },
        { vendorId: 'vendor-4', passed: false, defects: [{ code: 'NOT_A_BID_DOCUMENT' }] },
      ],
      lots: [{ outcome: 'awarded', vendorId: 'vendor-1' }, { outcome: 'unsuccessful' }],
    });
    expect(await telling.verify(firstId)).toMatchObject({ tenderId: firstId, lots: [] });
  });

  test.each<LieRow>([
    [
      'ENVELOPE',
      'the second asks for something else',
      ofTender(
        secondId,
        'tender:create',
        both(
          (entry) => {
            const { tender } = decodeCanonical(entry.input) as { tender: object };
            return asking({ tender: { ...tender, currency: 'USD' } })(entry);
          },
          writing('tender', (tender) => ({ ...tender, currency: 'USD' })),
        ),
      ),
    ],
    [
      'ENVELOPE',
      'the second is published after the first',
      (entries) => {
        const [second, first] = entries.filter(
          ({ name, input }) => name === 'tender:publish' && input.includes(TWO_ENVELOPES_ID),
        );
        return entries
          .filter((entry) => entry !== second)
          .flatMap((entry) => (entry === first ? [first, second!] : [entry]));
      },
    ],
    [
      'ENVELOPE',
      'the second stays open after the close of the first',
      ofTender(
        firstId,
        'tender:close',
        inTender(secondId, (tender) => without(tender, 'closed')),
      ),
    ],
    ['EARLY', 'the first closes early', ofTender(firstId, 'tender:close', later(-1))],
    [
      'PHASE',
      'a second envelope comes after the close of the first',
      (entries) => {
        const bids = entries.filter(({ name }) => name === 'bid:submit');
        const moved = bids.find(({ input }) => input.includes(secondId));
        return entries
          .filter((entry) => entry !== moved)
          .flatMap((entry) => (entry.name === 'tender:close' ? [entry, moved!] : [entry]));
      },
    ],
    [
      'OWNER',
      'a vendor gives the estimate',
      ofTender(
        secondId,
        'bid:submit',
        (entry) => telling.by(({ vendors }) => vendors[0]!)(entry),
        4,
      ),
    ],
    ['TWO_WORDS', 'one organisation judges', leftOut('award:recordTechnical')],
    [
      'TWO_WORDS',
      'the two judge differently',
      changing('award:recordTechnical', asking({ failed: [] }), 1),
    ],
    [
      'TWO_WORDS',
      'the first word is told to be enough',
      changing('award:recordTechnical', answering({ recorded: true })),
    ],
    [
      'EVALUATION',
      'somebody passes who was named',
      changing('award:recordTechnical', resultOf(3, { passed: true }), 1),
    ],
    [
      'EVALUATION',
      'somebody passes whose envelope is no offer',
      changing('award:recordTechnical', resultOf(4, { passed: true, defects: [] }), 1),
    ],
    [
      'EVALUATION',
      'somebody fails without a reason',
      changing('award:recordTechnical', resultOf(2, { passed: false }), 1),
    ],
    [
      'EVALUATION',
      'it could be judged again',
      changing(
        'award:recordTechnical',
        inTender(firstId, (tender) => without(tender, 'evaluated')),
        1,
      ),
    ],
    ['LIST', 'a passed bid is excluded', changing('award:recordTechnical', excludingMore, 1)],
    [
      'LIST',
      'the excluded are forgotten',
      changing(
        'award:recordTechnical',
        writing('bid-list', (list) => without(list, 'excluded')),
        1,
      ),
    ],
    ['WRITES', 'no list is fixed', changing('award:recordTechnical', notWriting('bid-list'), 1)],
    [
      'WRITES',
      'the list of the first is written anew',
      changing(
        'award:recordTechnical',
        (entry) => {
          const [key, value] = [...entry.writes].find(([name]) => name.includes('bid-list'))!;
          const own = key.replace(secondId, firstId);
          return { ...entry, writes: new Map([...entry.writes, [own, value]]) };
        },
        1,
      ),
    ],
    [
      'PHASE',
      'shares come before the judgement',
      (entries) => {
        const posted = entries.find(
          ({ name, input }) => name === 'opening:postShares' && input.includes(secondId),
        )!;
        const rest = entries.filter((entry) => entry !== posted);
        const at = rest.findIndex(({ name }) => name === 'award:recordTechnical');
        return [...rest.slice(0, at), posted, ...rest.slice(at)];
      },
    ],
    [
      'RANKING',
      'the estimate gets a place',
      changing(
        'award:evaluate',
        writing('ranking', (ranking) => {
          const ranks = ranking['ranks'] as { bidKey: string; vendorId: string }[];
          const [first] = ranks;
          if (first === undefined) return ranking;
          const bidKey = first.bidKey.replace('vendor-1', '.estimate');
          return { ...ranking, ranks: [{ ...first, bidKey, vendorId: '.estimate' }, ...ranks] };
        }),
      ),
    ],
    [
      'EARLY',
      'the second are recorded as missing at once, since the first took so long',
      ofTender(secondId, 'opening:combine', (entry) => ({
        ...notWriting('bid-document')(entry),
        name: 'opening:recordMissing',
      })),
    ],
    ['PHASE', 'the award comes before the evaluation', afterThe('award:decide', 'award:evaluate')],
  ])('is told with %s where %s', async (code, _, lie) => {
    expect(await telling.codeOf(lie)).toBe(code);
  });
});

describe('two envelopes that are cancelled', () => {
  const cancelling = new Telling(secondId);

  beforeAll(
    () =>
      cancelling.begin(async (published) => entriesOf(await cancelledInTwoEnvelopes(published))),
    120_000,
  );

  test('end together, and not one by one', async () => {
    expect(await cancelling.verify()).toMatchObject({ tenderId: secondId, lots: [] });
    const alone = changing(
      'tender:cancel',
      (entry) => ({
        ...entry,
        writes: new Map(
          [...entry.writes].filter(([key]) => !key.includes(`\u0000tender\u0000${secondId}`)),
        ),
      }),
      1,
    );
    expect(await cancelling.codeOf(alone)).toBe('TWO_WORDS');
  });

  test.each<LieRow>([
    ['ENVELOPE', 'the first gets more time than the second', leftOut('tender:amend')],
    [
      'ENVELOPE',
      'their procurement had a tender of its own before',
      (entries) => {
        const create = entries.find(
          ({ name, input }) => name === 'tender:create' && input.includes(firstId),
        )!;
        const single = (text: string): string => text.replaceAll(firstId, TWO_ENVELOPES_ID);
        const before = {
          ...create,
          input: single(create.input),
          nonce: Uint8Array.from(create.nonce, (byte) => byte ^ 1),
          answer: JSON.parse(single(JSON.stringify(create.answer))) as object,
          writes: new Map(
            [...create.writes].map(([key, value]) => [
              single(key),
              utf8(single(Buffer.from(value).toString())),
            ]),
          ),
        };
        return entries.flatMap((entry) => (entry === create ? [before, entry] : [entry]));
      },
    ],
  ])('are told with %s where %s', async (code, _, lie) => {
    expect(await cancelling.codeOf(lie)).toBe(code);
  });
});
