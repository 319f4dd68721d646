import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeCanonical } from '@procurement/protocol';
import { type Lie, type LieRow, leftOut, Telling } from '../support/lies';
import { answering, asking, changing, type PaperEntry, writing } from '../support/paper-ledger';
import { entriesOf, withReplacedStoreKey } from '../support/paper-procedures';

const telling = new Telling();

beforeAll(
  () => telling.begin(async (published) => entriesOf(await withReplacedStoreKey(published))),
  120_000,
);

describe('a store that has lost its key', () => {
  test('has signed with each of its keys for as long as it had it', async () => {
    expect((await telling.verify()).steps).toMatchObject({ 'bid:submit': 2 });
  });

  /** The store's own gateway registers the new key, which nobody else has borne out. */
  const registeredAlone: Lie = (entries) => {
    const registered = entries.filter(({ name }) => name === 'store:register')[1]!;
    const asked = entries.find(({ name }) => name === 'store:replaceKey')!;
    const { publicKey, possession } = decodeCanonical(asked.input);
    const change = [
      asking({ publicKey, possession }),
      writing('store', (store) => ({ ...store, publicKey })),
    ];
    const alone = change.reduce<PaperEntry>((entry, each) => each(entry), {
      ...registered,
      nonce: new Uint8Array(24),
    });
    return [...entries.filter(({ name }) => name !== 'store:replaceKey').slice(0, -1), alone];
  };

  /** The bid with the receipt of the lost key is handed in last. */
  const handedInLate: Lie = (entries) => {
    const early = entries.find(({ name }) => name === 'bid:submit')!;
    return [...entries.filter((entry) => entry !== early), early];
  };

  test.each<LieRow>([
    ['RECEIPT', 'a bid comes with a receipt of the lost key', handedInLate],
    ['STORE', 'its gateway puts another key into the register', registeredAlone],
    [
      'STORE',
      'the new key did not sign',
      changing('store:replaceKey', asking({ possession: 'MAYCAQECAQE' })),
    ],
    [
      'STORE',
      'a store of no register gets a key',
      changing('store:replaceKey', asking({ storeId: 'nobody' })),
    ],
    [
      'STORE',
      'it moves to another address with that',
      changing(
        'store:replaceKey',
        writing('store', (store) => ({ ...store, url: 'https://elsewhere.example' })),
        1,
      ),
    ],
    ['TWO_WORDS', 'one organisation replaces its key', leftOut('store:replaceKey')],
    [
      'TWO_WORDS',
      'one organisation replaces its key and says so',
      changing('store:replaceKey', answering({ replaced: true })),
    ],
  ])('is told with %s where %s', async (code, _, lie) => {
    expect(await telling.codeOf(lie)).toBe(code);
  });
});
