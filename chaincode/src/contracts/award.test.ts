import { beforeAll, describe, expect, test } from '@jest/globals';
import type { BidDocument, LotResult } from '@procurement/protocol';
import { compareTickets, ticket } from '@procurement/sealed';
import { CHAINCODE, CHANNEL } from '../test-support/ledger';
import { LOTS, newPeople, type People, Procurement } from '../test-support/procurement';
import type { Offer } from '../test-support/sealed-bids';

let people: People;
let published: Procurement;

beforeAll(async () => {
  people = newPeople();
  published = await (await Procurement.start(people)).untilPublished();
});

/** The road lot after these vendors' bids were opened and evaluated; vendor n is offer n. */
async function evaluated(offers: readonly Omit<Offer, 'lotId'>[]): Promise<{
  readonly procurement: Procurement;
  readonly road: LotResult;
}> {
  const procurement = published.fork();
  for (const [index, offer] of offers.entries()) {
    await procurement.bid(index + 1, { lotId: LOTS.road, ...offer });
  }
  await procurement.open();
  await procurement.evaluate();
  const { lots } = await procurement.ledger.query(people.vendors[0]!, 'award:get', {
    tenderId: procurement.tenderId,
  });
  return { procurement, road: (lots as LotResult[])[0]! };
}

describe('the evaluation', () => {
  test('counts quantity times rate where typed sums differ, and keeps both', async () => {
    const { road } = await evaluated([
      { rate: '500' },
      {
        rate: '400',
        change: (document: BidDocument) => ({
          ...document,
          lines: document.lines.map((line) => ({ ...line, amount: '1' })),
          total: '2',
        }),
      },
    ]);
    expect(road.ranks.map(({ vendorId }) => vendorId)).toEqual(['vendor-2', 'vendor-1']);
    expect(road.bids[1]).toMatchObject({
      vendorId: 'vendor-2',
      responsive: true,
      typedTotal: '2',
      evaluatedAmount: '624250',
      differences: [
        { itemId: 'earthwork', typed: '1', computed: '500200' },
        { itemId: 'asphalt', typed: '1', computed: '124050' },
      ],
    });
  });

  test('orders equal amounts by the ticket over every listed bid', async () => {
    const { procurement, road } = await evaluated([
      { rate: '500' },
      { rate: '500' },
      { rate: '500', change: () => ({ nonsense: true }) },
      { rate: '500' },
    ]);
    const { tenderId, ledger } = procurement;
    const secrets = ledger.state
      .entries()
      .filter(([key]) => key.startsWith('\0bid-outcome\0'))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, value]) => (JSON.parse(value.toString()) as { S: string }).S);
    const tender = await ledger.query(people.auditor, 'tender:get', { tenderId });
    const { listHash } = tender['listFixed'] as { listHash: string };
    const drawn = [1, 2, 4].map((vendor) => {
      const bidKey = `bid/${tenderId}/road/vendor-${vendor}`;
      const name = { channel: CHANNEL, chaincode: CHAINCODE, tenderId };
      return { bidKey, ticket: ticket({ tender: name, listHash, bidKey, secrets }) };
    });
    const due = drawn.sort((left, right) => compareTickets(left.ticket, right.ticket));
    expect(road.ranks.map(({ bidKey }) => bidKey)).toEqual(due.map(({ bidKey }) => bidKey));
    expect(new Set(road.ranks.map(({ evaluatedAmount }) => evaluatedAmount)).size).toBe(1);
  });

  const first = 'earthwork';
  const oneLine = (change: object) => (document: BidDocument) => ({
    ...document,
    lines: document.lines.map((line) => (line.itemId === first ? { ...line, ...change } : line)),
  });

  test.each<[string, (document: BidDocument) => object, object[]]>([
    ['no bid document', () => ({ hello: 'world' }), [{ code: 'NOT_A_BID_DOCUMENT' }]],
    ['a member too many', (bid) => ({ ...bid, discount: '5' }), [{ code: 'NOT_A_BID_DOCUMENT' }]],
    ['a number as amount', (bid) => ({ ...bid, total: 5 }), [{ code: 'NOT_A_BID_DOCUMENT' }]],
    ['another tender', (bid) => ({ ...bid, tenderId: 'T' }), [{ code: 'OTHER_TENDER' }]],
    ['another lot', (bid) => ({ ...bid, lotId: 'bridge' }), [{ code: 'OTHER_LOT' }]],
    ['another vendor', (bid) => ({ ...bid, vendorId: 'v' }), [{ code: 'OTHER_VENDOR' }]],
    [
      'another notice',
      (bid) => ({ ...bid, noticeHash: 'A'.repeat(43) }),
      [{ code: 'OTHER_NOTICE' }],
    ],
    ['another currency', (bid) => ({ ...bid, currency: 'USD' }), [{ code: 'OTHER_CURRENCY' }]],
    [
      'an item left out',
      (bid) => ({ ...bid, lines: bid.lines.slice(1) }),
      [{ code: 'ITEM_MISSING', itemId: 'earthwork' }],
    ],
    [
      'an item twice',
      (bid) => ({ ...bid, lines: [...bid.lines, ...bid.lines.slice(0, 1)] }),
      [{ code: 'ITEM_REPEATED', itemId: 'earthwork' }],
    ],
    [
      'an item of another lot',
      oneLine({ itemId: 'girder' }),
      [
        { code: 'ITEM_UNKNOWN', itemId: 'girder' },
        { code: 'ITEM_MISSING', itemId: 'earthwork' },
      ],
    ],
    [
      'another quantity',
      oneLine({ quantity: '1250.4' }),
      [{ code: 'OTHER_QUANTITY', itemId: 'earthwork' }],
    ],
    ['an amount beyond measure', oneLine({ rate: '9'.repeat(18) }), [{ code: 'AMOUNT_TOO_LARGE' }]],
  ])('finds a bid with %s not responsive', async (_name, change, defects) => {
    const { road } = await evaluated([{ rate: '500' }, { rate: '1', change }]);
    expect(road.bids[1]).toMatchObject({ vendorId: 'vendor-2', responsive: false, defects });
    expect(road.ranks.map(({ vendorId }) => vendorId)).toEqual(['vendor-1']);
  });

  test('takes a quantity in another spelling', async () => {
    const { road } = await evaluated([{ rate: '500', change: oneLine({ quantity: '1250.500' }) }]);
    expect(road.ranks).toHaveLength(1);
  });

  test('refuses to begin before every listed bid has its final state', async () => {
    const procurement = published.fork();
    await procurement.bid(1, { lotId: LOTS.road, rate: '500' });
    await procurement.close();
    const reject = procurement.ledger.refusal(
      people.officer,
      'award:evaluate',
      procurement.onTender,
    );
    expect(await reject).toMatchObject({ code: 'PHASE', args: { current: 'closed' } });
  });
});

describe('the award', () => {
  test('takes no amount from anybody', async () => {
    const { procurement } = await evaluated([{ rate: '500' }]);
    const input = { ...procurement.onTender, amount: '1' };
    const reject = procurement.ledger.refusal(people.officer, 'award:decide', input);
    expect(await reject).toMatchObject({
      code: 'FORMAT',
      args: { path: 'amount', problem: 'unknown' },
    });
  });

  test('leaves a lot without responsive bids unsuccessful', async () => {
    const { procurement } = await evaluated([{ rate: '500', change: () => ({ junk: true }) }]);
    expect(await procurement.decide()).toMatchObject({
      lots: [{ outcome: 'unsuccessful' }, { outcome: 'unsuccessful' }],
    });
  });

  test('raced by two officers is made once', async () => {
    const { procurement } = await evaluated([{ rate: '500' }]);
    const { ledger } = procurement;
    const one = await ledger.endorse(people.officer, 'award:decide', procurement.onTender);
    const two = await ledger.endorse(people.officer, 'award:decide', procurement.onTender);
    expect([ledger.commit(one), ledger.commit(two)]).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  });

  test('of a tender cancelled before the opening never comes; bids stay sealed', async () => {
    const procurement = published.fork();
    await procurement.bid(1, { lotId: LOTS.road, rate: '500' });
    await procurement.close();
    const { ledger, tenderId } = procurement;
    await procurement.cancel();
    const { bids } = await ledger.query(people.auditor, 'bid:list', { tenderId });
    expect(bids).toEqual([]);
    const list = await ledger.refusal(people.auditor, 'opening:list', { tenderId });
    expect(list).toMatchObject({ code: 'SEAT' });
  });
});
