import { beforeAll, describe, expect, test } from '@jest/globals';
import { TENDER_ID } from '@procurement/chaincode/test-support/procurement';
import { verifyProcedure } from '@procurement/client';
import { utf8 } from '@procurement/protocol';
import {
  afterThe,
  both,
  doubled,
  inArray,
  later,
  leftOut,
  type LieRow,
  otherHash,
  verifyOnPaper,
  Telling,
  without,
} from '../support/lies';
import {
  alsoWriting,
  answering,
  asking,
  blocksOf,
  changing,
  notWriting,
  writing,
} from '../support/paper-ledger';
import { amendedAndAwarded, bidKeyOfVendor, entriesOf } from '../support/paper-procedures';
import { markedInvalid } from '../support/tampered-blocks';

const HOUR_MS = 3600 * 1000;

const telling = new Telling();

beforeAll(
  () => telling.begin(async (published) => entriesOf(await amendedAndAwarded(published))),
  120_000,
);

describe('a procedure that was amended and awarded', () => {
  test('holds, with its latest bids and what was confirmed', async () => {
    expect(await telling.verify()).toMatchObject({
      bids: [1, 2, 3].map((vendor) => ({ bidKey: bidKeyOfVendor(vendor), state: 'OPENED' })),
      struck: [],
      lots: [
        { outcome: 'awarded', lotId: 'road', bidKey: bidKeyOfVendor(2) },
        { outcome: 'unsuccessful', lotId: 'bridge' },
      ],
      isConfigurationPinned: false,
    });
  });

  test.each<LieRow>([
    [
      'ENDORSEMENT',
      'a bid was endorsed without the auditor',
      changing('bid:submit', (entry) => ({
        ...entry,
        endorsedBy: [telling.paper.world.peers.VendorMSP, telling.paper.world.peers.MinistryMSP],
      })),
    ],
    [
      'ROLE',
      'a vendor publishes',
      changing(
        'tender:publish',
        telling.by((people) => people.vendors[0]!),
      ),
    ],
    [
      'AGENCY',
      'an officer of another agency publishes',
      changing(
        'tender:publish',
        telling.by((people) => people.otherOfficer),
      ),
    ],
    ['KEY_UNKNOWN', 'an officer acts who never registered', leftOut('key:register')],
    ['KEY_TAKEN', 'a key is registered twice', doubled('key:register')],
    [
      'REGISTER',
      'another key is registered than the one that signed',
      changing(
        'key:register',
        writing('key', (key) => ({ ...key, spki: otherHash })),
      ),
    ],
    [
      'FIRM_TAKEN',
      'a firm is registered twice',
      changing('vendor:register', asking({ vendorId: 'vendor-1' }), 1),
    ],
    [
      'FIRM_TAKEN',
      'a licence is registered twice',
      changing('vendor:register', asking({ licence: 'L-1' }), 1),
    ],
    [
      'REGISTER',
      'a firm gets another owner than the one that signed',
      changing(
        'vendor:register',
        writing('vendor', (vendor) => ({
          ...vendor,
          owner: { mspId: 'VendorMSP', spki: otherHash },
        })),
      ),
    ],
    [
      'STORE',
      'a store is registered for another organisation',
      changing(
        'store:register',
        writing('store', (store) => ({ ...store, mspId: 'VendorMSP' })),
      ),
    ],
    [
      'STORE',
      'a store is registered without its key',
      changing('store:register', asking({ storeId: 'another' })),
    ],
    ['PHASE', 'a bid comes after the close', afterThe('tender:close', 'bid:confirm')],
    ['PHASE', 'a tender is drafted twice', doubled('tender:create')],
    ['PHASE', 'a tender is opened by nothing', leftOut('opening:combine')],
    [
      'WRITES',
      'a confirmation changes the tender',
      changing('bid:confirm', alsoWriting(['tender', TENDER_ID], utf8('{}'))),
    ],
    [
      'WRITES',
      'a bid changes another tender',
      changing('bid:submit', alsoWriting(['bid-head', 'T-2', 'road', 'vendor-1'], utf8('{}'))),
    ],
    [
      'WRITES',
      'a bid removes a record',
      changing('bid:submit', alsoWriting(['bid', TENDER_ID, 'road', 'vendor-9'], new Uint8Array())),
    ],
    ['WRITES', 'a bid is answered and not recorded', changing('bid:submit', notWriting('bid'))],
    [
      'COMMITTEE',
      'a seat is registered by somebody else',
      changing(
        'opening:registerKey',
        writing('committee-key', (record) => ({
          ...record,
          registered: {
            ...(record['registered'] as object),
            by: { mspId: 'VendorMSP', spki: otherHash },
          },
        })),
      ),
    ],
    [
      'NOTICE',
      'another draft is recorded than was handed in',
      changing(
        'tender:create',
        writing('tender', (tender) => ({ ...tender, title: 'Another' })),
      ),
    ],
    [
      'NOTICE',
      'another notice is published',
      changing('tender:publish', answering({ noticeHash: otherHash })),
    ],
    [
      'NOTICE',
      'the close changes the notice',
      changing(
        'tender:close',
        writing('tender', (tender) => ({ ...tender, graceMs: 1 })),
      ),
    ],
    [
      'NOTICE',
      'another amendment is recorded than was handed in',
      changing('tender:amend', asking({ text: 'The site may not be visited.' })),
    ],
    [
      'EXTENSION',
      'an amendment makes the deadline earlier',
      changing(
        'tender:amend',
        both(
          asking({ deadline: '2027-03-01T03:30:00.000Z' }),
          writing(
            'tender',
            inArray('amendments', (one) => ({ ...one, deadline: '2027-03-01T03:30:00.000Z' })),
          ),
        ),
      ),
    ],
    [
      'OWNER',
      'another vendor confirms',
      changing(
        'bid:confirm',
        telling.by((people) => people.vendors[1]!),
      ),
    ],
    [
      'OWNER',
      'another vendor bids',
      changing(
        'bid:submit',
        telling.by((people) => people.vendors[1]!),
      ),
    ],
    [
      'BID',
      'a bid lies under the key of another',
      changing('bid:submit', answering({ bidKey: 'bid/MoIT-2027-014/bridge/vendor-1' })),
    ],
    [
      'BID',
      'another bid is recorded than was handed in',
      changing(
        'bid:submit',
        writing('bid', (bid) => ({ ...bid, envelopeHash: otherHash })),
      ),
    ],
    [
      'BID',
      'another version is noted as the latest',
      changing(
        'bid:submit',
        writing('bid-head', (head) => ({ ...head, version: 2 })),
      ),
    ],
    ['LATE', 'a bid is signed after the deadline', changing('bid:submit', later(HOUR_MS + 1), 3)],
    ['LATE', 'the notice is amended after it', changing('tender:amend', later(HOUR_MS + 1))],
    [
      'NOTICE',
      'a bid answers another notice',
      changing('bid:submit', asking({ noticeHash: otherHash })),
    ],
    ['VERSION', 'a version is left out', changing('bid:submit', asking({ version: 3 }), 3)],
    ['VERSION', 'a version is left out before it', leftOut('bid:submit', 1)],
    [
      'STANDING',
      'a confirmation is not recorded',
      changing(
        'bid:confirm',
        writing('bid-head', (head) => without(head, 'confirmed')),
      ),
    ],
  ])('is told with %s where %s', async (code, _, lie) => {
    expect(await telling.codeOf(lie)).toBe(code);
  });

  test('is told with STATE where a transaction that counts was marked as invalid', async () => {
    const blocks = await blocksOf(telling.paper, telling.entries);
    const at = telling.entries.findIndex(({ name }) => name === 'tender:amend') + 1;
    const hidden = blocks.map((block, number) => (number === at ? markedInvalid(block) : block));
    const options = { tenderId: TENDER_ID, roots: telling.paper.roots };
    await expect(verifyProcedure(hidden, options)).rejects.toMatchObject({ code: 'STATE' });
  });

  test('leaves out what the ledger did not take, and says so', async () => {
    const refused = {
      ...telling.entries.find(({ name }) => name === 'bid:submit')!,
      nonce: new Uint8Array(24),
    };
    const late = [...telling.entries, { ...refused, code: 'MVCC_READ_CONFLICT' as const }];
    expect((await verifyOnPaper(telling.paper, late)).leftOut).toHaveLength(1);
  });
});
