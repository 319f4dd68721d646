import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeCanonical } from '@procurement/protocol';
import {
  both,
  doubled,
  falseDeal,
  later,
  leftOut,
  type Lie,
  type LieRow,
  otherHash,
  Telling,
  without,
} from '../support/lies';
import { answering, asking, changing, notWriting, writing } from '../support/paper-ledger';
import { bidKeyOfVendor, endedInEveryWay, entriesOf } from '../support/paper-procedures';

const HOUR_MS = 3600 * 1000;

const telling = new Telling();

beforeAll(
  () =>
    telling.begin(async (published) => {
      const { procurement, spoil } = await endedInEveryWay(published);
      return spoil(entriesOf(procurement));
    }),
  120_000,
);

describe('bids that ended in every way', () => {
  test('hold: struck, withdrawn, opened by the vendor, and without bytes', async () => {
    expect(await telling.verify()).toMatchObject({
      struck: [bidKeyOfVendor(3)],
      bids: [
        { bidKey: bidKeyOfVendor(1), state: 'INVALID_MISSING' },
        { bidKey: bidKeyOfVendor(2), state: 'OPENED' },
      ],
      lots: [{ outcome: 'awarded', vendorId: 'vendor-2' }, { outcome: 'unsuccessful' }],
      steps: { 'bid:withdraw': 2, 'opening:strike': 1, 'opening:selfOpen': 1 },
    });
  });

  /** The bid that was struck, as it would stand if it had been good. */
  const goodDeal: Lie = changing('bid:submit', falseDeal, 2);

  test.each<LieRow>([
    ['STRIKE', 'a good bid is struck', goodDeal],
    [
      'LIST',
      'the list after the strike is another',
      changing('opening:strike', answering({ listHash: otherHash })),
    ],
    [
      'LIST',
      'the struck bid stays in the list that is recorded',
      changing(
        'opening:strike',
        writing('bid-list', ({ entries, struck, ...list }) => ({
          ...list,
          entries: [
            ...(entries as object[]),
            without((struck as never[])[0]!, 'listHash', 'struck'),
          ],
        })),
      ),
    ],
    [
      'OUTCOME',
      'the struck bid is called opened',
      changing(
        'opening:strike',
        writing('bid-outcome', (one) => ({ ...one, state: 'OPENED' })),
      ),
    ],
    [
      'UNLISTED',
      'a bid is struck that is not listed',
      changing('opening:strike', answering({ bidKey: bidKeyOfVendor(4) })),
    ],
    ['LIST', 'the false bid is never struck', leftOut('opening:strike')],
    [
      'OWNER',
      'another vendor withdraws',
      changing(
        'bid:withdraw',
        telling.by((people) => people.vendors[0]!),
      ),
    ],
    [
      'LATE',
      'a withdrawal is signed after the deadline',
      changing('bid:withdraw', later(HOUR_MS + 1)),
    ],
    [
      'STANDING',
      'a withdrawal leaves no tombstone',
      changing(
        'bid:withdraw',
        writing('bid-head', (head) => without(head, 'withdrawn')),
      ),
    ],
    ['STANDING', 'a bid is withdrawn twice', doubled('bid:withdraw')],
    [
      'LIST',
      'a withdrawn bid is missing from a list that it belongs to',
      (entries) => {
        const last = entries.findLast(({ name }) => name === 'bid:withdraw');
        return entries.filter((entry) => entry !== last);
      },
    ],
    [
      'VERSION',
      'a bid takes the number of a withdrawn one',
      changing('bid:submit', asking({ version: 1 }), 4),
    ],
    [
      'RECEIPT',
      'what lies in stores has no receipts',
      changing('bid:submit', asking({ receipts: [] })),
    ],
    [
      'RECEIPT',
      'both receipts are of one store',
      changing('bid:submit', (entry) => {
        const { receipts } = decodeCanonical(entry.input) as { receipts: object[] };
        return asking({ receipts: [receipts[0], receipts[0]] })(entry);
      }),
    ],
    [
      'RECEIPT',
      'a receipt is of another bid',
      (entries) => {
        const [first, second] = entries.filter(({ name }) => name === 'bid:submit');
        const { receipts } = decodeCanonical(second!.input);
        return changing(
          'bid:submit',
          asking({ receipts }),
        )([...entries].map((one) => (one === first ? first : one)));
      },
    ],
    [
      'RECEIPT',
      'a receipt is signed with another key',
      changing('bid:submit', (entry) => {
        const { receipts } = decodeCanonical(entry.input) as { receipts: { signature: string }[] };
        const [one, two] = receipts;
        const swapped = [
          { ...one, signature: two!.signature },
          { ...two, signature: one!.signature },
        ];
        return asking({ receipts: swapped })(entry);
      }),
    ],
    ['RECEIPT', 'a store that signed is in no register', leftOut('store:register')],
    [
      'RECEIPT',
      'the envelope names other stores',
      changing('bid:submit', (entry) => {
        const { envelope } = decodeCanonical(entry.input) as { envelope: object };
        const other = { ...envelope, ref: ['store-auditor', 'store-vendors'] };
        return both(
          asking({ envelope: other }),
          writing('bid', (bid) => ({ ...bid, envelope: other })),
        )(entry);
      }),
    ],
    [
      'RECEIPT',
      'there are receipts of nothing',
      changing(
        'bid:submit',
        (entry) => {
          const [first] = telling.entries.filter(({ name }) => name === 'bid:submit');
          const { receipts } = decodeCanonical(first!.input);
          return asking({ receipts })(entry);
        },
        3,
      ),
    ],
    [
      'OWNER',
      'another vendor opens what is not its own',
      changing(
        'opening:selfOpen',
        telling.by((people) => people.vendors[0]!),
      ),
    ],
    [
      'SELF',
      'the secret of a self-opening is not proved',
      changing('opening:selfOpen', (entry) => {
        const { selfOpen } = decodeCanonical(entry.input) as { selfOpen: { proof: string } };
        const proof = Buffer.from(selfOpen.proof, 'base64url');
        proof[0] = (proof[0] ?? 0) ^ 1;
        return asking({ selfOpen: { ...selfOpen, proof: proof.toString('base64url') } })(entry);
      }),
    ],
    [
      'CT_HASH',
      'the bytes of a self-opening are others',
      changing('opening:selfOpen', (entry) => {
        const { ciphertext } = decodeCanonical(entry.input) as { ciphertext: string };
        const bytes = Buffer.from(ciphertext, 'base64url');
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        return asking({ ciphertext: bytes.toString('base64url') })(entry);
      }),
    ],
    [
      'OUTCOME',
      'a self-opened bid gets another state',
      changing(
        'opening:selfOpen',
        writing('bid-outcome', (one) => ({ ...one, state: 'INVALID_FORM' })),
      ),
    ],
    ['ENDED', 'a bid is opened by its vendor twice', doubled('opening:selfOpen')],
    [
      'EARLY',
      'bids are called missing before the opening has ended',
      changing('opening:recordMissing', later(-1)),
    ],
    [
      'OUTCOME',
      'a bid without bytes is called unopened',
      changing(
        'opening:recordMissing',
        writing('bid-outcome', (one) => ({ ...without(one, 'S'), state: 'UNOPENED' })),
      ),
    ],
    [
      'OUTCOME',
      'a bid without bytes gets another secret',
      changing(
        'opening:recordMissing',
        writing('bid-outcome', (one) => ({ ...one, S: otherHash })),
      ),
    ],
    [
      'ENDED',
      'a listed bid has no final state at the evaluation',
      changing('opening:recordMissing', notWriting('bid-outcome')),
    ],
  ])('are told with %s where %s', async (code, _, lie) => {
    expect(await telling.codeOf(lie)).toBe(code);
  });
});
