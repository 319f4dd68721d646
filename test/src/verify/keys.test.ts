import { beforeAll, describe, expect, test } from '@jest/globals';
import { APPROVAL_PERIOD_MS, decodeCanonical, encodeCanonical, utf8 } from '@procurement/protocol';
import {
  afterThe,
  later,
  leftOut,
  type LieRow,
  otherHash,
  Telling,
  without,
} from '../support/lies';
import {
  alsoWriting,
  answering,
  asking,
  changing,
  notWriting,
  type PaperEntry,
  writing,
} from '../support/paper-ledger';
import { entriesOf, withChangedKeys } from '../support/paper-procedures';

const telling = new Telling();

beforeAll(
  () => telling.begin(async (published) => entriesOf(await withChangedKeys(published))),
  120_000,
);

describe('keys that were renewed, recovered and revoked', () => {
  test('hold', async () => {
    expect((await telling.verify()).steps).toMatchObject({ 'bid:submit': 1 });
  });

  const withPossession = (entry: PaperEntry): PaperEntry => {
    const [other] = telling.entries.filter(({ name }) => name === 'vendor:renewKey');
    const { possession } = decodeCanonical(other!.input);
    return asking({ possession })(entry);
  };

  test.each<LieRow>([
    [
      'KEY_REVOKED',
      'a bid is signed with a key renewed before',
      afterThe('vendor:renewKey', 'bid:submit'),
    ],
    [
      'KEY_REVOKED',
      'an officer acts whose key two organisations ended',
      (entries) => [
        ...entries,
        {
          ...entries.find(({ name }) => name === 'vendor:recoverKey')!,
          nonce: new Uint8Array(24),
          signer: telling.signerOf((people) => people.otherOfficer),
        },
      ],
    ],
    [
      'OWNER',
      'somebody else renews the key',
      changing(
        'vendor:renewKey',
        telling.by((people) => people.vendors[2]!),
      ),
    ],
    [
      'POSSESSION',
      'the new key is not signed for',
      changing('vendor:renewKey', asking({ possession: 'MAYCAQECAQE' })),
    ],
    [
      'POSSESSION',
      'the recovered key is not signed for',
      changing('vendor:recoverKey', withPossession),
    ],
    [
      'REGISTER',
      'the old key stays in force',
      changing(
        'vendor:renewKey',
        writing('key', (key) => without(key, 'revoked')),
      ),
    ],
    [
      'REGISTER',
      'the firm gets another key than the new one',
      changing(
        'vendor:renewKey',
        writing('vendor', (vendor) => ({
          ...vendor,
          owner: { mspId: 'VendorMSP', spki: otherHash },
        })),
      ),
    ],
    ['TWO_WORDS', 'one organisation recovers a key', leftOut('vendor:recoverKey')],
    [
      'TWO_WORDS',
      'one organisation recovers a key and says so',
      changing('vendor:recoverKey', answering({ recovered: true })),
    ],
    [
      'TWO_WORDS',
      'one organisation changes the firm and does not say so',
      changing(
        'vendor:recoverKey',
        alsoWriting(['vendor', 'vendor-2'], utf8(encodeCanonical({ schema: 'vendor/1' }))),
      ),
    ],
    ['TWO_WORDS', "one organisation ends another's key", leftOut('key:revoke')],
    [
      'TWO_WORDS',
      'the word of the first organisation has lapsed when the second comes',
      changing('key:revoke', later(APPROVAL_PERIOD_MS + 1), 1),
    ],
    [
      'REGISTER',
      'another key ends than the one that was meant',
      changing(
        'key:revoke',
        writing('key', (key) => ({ ...key, spki: otherHash })),
        2,
      ),
    ],
    ['REGISTER', 'the end of a key is not recorded', changing('key:revoke', notWriting('key'), 2)],
  ])('are told with %s where %s', async (code, _, lie) => {
    expect(await telling.codeOf(lie)).toBe(code);
  });
});
