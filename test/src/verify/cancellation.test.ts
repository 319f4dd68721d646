import { beforeAll, describe, expect, test } from '@jest/globals';
import { leftOut, type LieRow, Telling, without } from '../support/lies';
import { answering, changing, notWriting, writing } from '../support/paper-ledger';
import { cancelledByTwo, entriesOf } from '../support/paper-procedures';

const telling = new Telling();

beforeAll(
  () => telling.begin(async (published) => entriesOf(await cancelledByTwo(published))),
  120_000,
);

describe('a tender that two organisations cancelled', () => {
  test('holds', async () => {
    expect((await telling.verify()).steps).toMatchObject({ 'bid:submit': 1, 'tender:cancel': 2 });
  });

  test.each<LieRow>([
    ['TWO_WORDS', 'one organisation cancels', leftOut('tender:cancel')],
    [
      'TWO_WORDS',
      'the first one is told that its word is enough',
      changing('tender:cancel', answering({ cancelled: true })),
    ],
    [
      'TWO_WORDS',
      'nothing comes of the second word',
      changing('tender:cancel', notWriting('tender'), 1),
    ],
    [
      'TWO_WORDS',
      'the tender goes on after the second word',
      changing(
        'tender:cancel',
        writing('tender', (tender) => without(tender, 'cancelled')),
        1,
      ),
    ],
  ])('is told with %s where %s', async (code, _, lie) => {
    expect(await telling.codeOf(lie)).toBe(code);
  });
});
