import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Trail } from '@procurement/client';
import type { QueryResult } from '@procurement/protocol';
import { bidders, bill } from '@procurement/tools/demonstration/scenario';
import type { System } from './procedure';
import { lineMinor, readAnew, type Reading } from './recompute';
import { mistypedAmount, Story } from './story';

type Award = QueryResult<'award:get'>;

/**
 * Takes a tender from notice to award over HTTP on a system, and looks at everything that there is
 * to see of it.
 * @param options.start gives a running system, which is stopped at the end
 * @param options.tenderId new on that system's ledger
 */
export function shouldRunATender(options: {
  readonly start: () => Promise<System>;
  readonly tenderId: string;
}): void {
  const { start, tenderId } = options;
  let system: System;
  let story: Story;
  let award: Award;
  let reading: Reading;
  let trail: Trail;

  beforeAll(async () => {
    system = await start();
    story = new Story(system, tenderId);
    await story.run();
    const { auditor } = system.people;
    award = await auditor.award(story.tenderId);
    reading = await readAnew(auditor, story.tenderId);
    trail = await auditor.trail(story.tenderId);
  }, 300_000);

  afterAll(async () => {
    await system.stop();
  });

  /** What a bidder's bid comes to by the scenario alone. */
  function amountOf(vendorId: string, lotId: string): bigint {
    const level = bidders.find((bidder) => bidder.vendorId === vendorId)?.level[lotId] ?? 0n;
    return bill
      .filter((line) => line.lotId === lotId)
      .map(({ quantity, baseRate }) => lineMinor(quantity, (baseRate * level) / 1000n))
      .reduce((sum, amount) => sum + amount, 0n);
  }

  function lot(lotId: string): Award['lots'][number] {
    const found = award.lots.find((one) => one.lotId === lotId);
    if (found === undefined) throw new RangeError(`no lot ${lotId}`);
    return found;
  }

  function bid(lotId: string, vendorId: string): Award['lots'][number]['bids'][number] {
    const found = lot(lotId).bids.find((one) => one.vendorId === vendorId);
    if (found === undefined) throw new RangeError(`no bid of ${vendorId}`);
    return found;
  }

  function view(moment: string, person: string): Readonly<Record<string, string>> {
    const seen = story.views.get(moment)?.[person];
    if (seen === undefined) throw new RangeError(`${person} did not look at ${moment}`);
    return seen;
  }

  test('takes every state in turn', () => {
    expect(story.states).toEqual([
      ...['draft', 'published', 'closed', 'opened', 'evaluating', 'awarded'],
    ]);
  });

  test('awards each lot to the lowest evaluated amount, and none where nobody bid', () => {
    const { tenderId } = story;
    const [winner] = reading.ranking.get('road') ?? [];
    expect(award.lots.map((one) => one.award)).toEqual([
      {
        ...{ outcome: 'awarded', lotId: 'bridge', currency: 'BTN', vendorId: 'vendor-2' },
        bidKey: `bid/${tenderId}/bridge/vendor-2`,
        amount: amountOf('vendor-2', 'bridge').toString(),
      },
      {
        ...{ outcome: 'awarded', lotId: 'road', currency: 'BTN', vendorId: winner?.vendorId },
        bidKey: winner?.bidKey,
        amount: amountOf('vendor-1', 'road').toString(),
      },
      { outcome: 'unsuccessful', lotId: 'signs' },
    ]);
    expect(lot('bridge').ranks.map(({ vendorId }) => vendorId)).toEqual([
      ...['vendor-2', 'vendor-3', 'vendor-1'],
    ]);
  });

  test('evaluates every bid to what its lines come to', () => {
    const examined = award.lots.flatMap(({ bids }) => bids);
    expect(examined).toHaveLength(8);
    for (const { vendorId, lotId, responsive, evaluatedAmount } of examined) {
      if (responsive) expect(evaluatedAmount).toBe(amountOf(vendorId, lotId).toString());
    }
  });

  test('decides between equal amounts by the lower ticket', () => {
    const equal = ['vendor-1', 'vendor-4'].map((vendorId) => bid('road', vendorId));
    expect(new Set(equal.map(({ evaluatedAmount }) => evaluatedAmount)).size).toBe(1);
    const [lower] = equal.sort((left, right) =>
      Buffer.compare(
        Buffer.from(left.ticket ?? '', 'base64url'),
        Buffer.from(right.ticket ?? '', 'base64url'),
      ),
    );
    expect(lot('road').award).toMatchObject({ vendorId: lower?.vendorId });
    for (const { bidKey, ticket } of reading.bids) {
      const drawn = award.lots.flatMap(({ bids }) => bids).find((one) => one.bidKey === bidKey);
      expect(drawn?.ticket).toBe(ticket.toString('base64url'));
    }
  });

  test('keeps what was typed beside what was computed, and the computed counts', () => {
    const road = bid('road', 'vendor-2');
    const first = bill.find(({ lotId }) => lotId === 'road');
    const computed = lineMinor(first?.quantity ?? '', ((first?.baseRate ?? 0n) * 1015n) / 1000n);
    expect(road.differences).toEqual([
      { itemId: first?.itemId, typed: mistypedAmount, computed: computed.toString() },
    ]);
    const bridge = bid('bridge', 'vendor-3');
    const total = amountOf('vendor-3', 'bridge');
    expect(bridge).toMatchObject({
      responsive: true,
      typedTotal: ((total * 9n) / 10n).toString(),
      evaluatedAmount: total.toString(),
    });
  });

  test('keeps a bid that names an item twice out of the ranking, and says why', () => {
    expect(bid('bridge', 'vendor-5')).toMatchObject({
      ...{ state: 'OPENED', responsive: false },
      defects: [{ code: 'ITEM_REPEATED', itemId: 'B1' }],
    });
    const ranked = award.lots.flatMap(({ ranks }) => ranks.map(({ vendorId }) => vendorId));
    expect(ranked).not.toContain('vendor-5');
  });

  test('comes to the award that anyone works out from the record', async () => {
    const record = await system.people.auditor.record(story.tenderId);
    expect(record.tender.listFixed?.listHash).toBe(reading.listHash);
    for (const { bidKey, document } of reading.bids) {
      const kept = record.bids.find((one) => one.bidKey === bidKey)?.document ?? '';
      expect(JSON.parse(kept)).toEqual(document);
    }
    const ranks = record.lots.map(({ lotId, ranks: told }) => [
      lotId,
      told.map(({ bidKey, evaluatedAmount }) => [bidKey, evaluatedAmount]),
    ]);
    expect(ranks).toEqual(
      [...reading.ranking].map(([lotId, bids]) => [
        lotId,
        bids.map(({ bidKey, amount }) => [bidKey, amount.toString()]),
      ]),
    );
    expect(record.award?.lots).toEqual(award.lots.map((one) => one.award));
  });

  test('counts a replaced bid in its last version only', async () => {
    const { bids } = await system.people.auditor.bids(story.tenderId);
    const replaced = bids.filter(({ bidKey }) => bidKey.endsWith('/bridge/vendor-2'));
    expect(replaced.map(({ version }) => version)).toEqual([2]);
  });

  test('answers a repeated request with the first answer and changes nothing', () => {
    expect(story.again).toEqual({ ...story.firstBid, repeated: true });
    expect(story.reused).toMatchObject({
      ...{ status: 409, code: 'REQUEST_REUSED' },
      args: { transactionId: story.firstBid.transactionId },
    });
    for (const [before, after] of story.heights) expect(after).toBe(before);
  });

  describe('its trail', () => {
    test('lists every step in order, with block, transaction and what became of it', () => {
      expect(trail.complete).toBe(true);
      expect(
        trail.entries.map(({ command, transactionId, blockNumber, validationCode }) => {
          return { command, transactionId, blockNumber, validationCode };
        }),
      ).toEqual(
        story.steps.map(({ command, transactionId, blockNumber, validationCode }) => {
          return { command, transactionId, blockNumber, validationCode };
        }),
      );
    });

    test('names who signed, by organisation and certificate', async () => {
      for (const [index, { person }] of story.steps.entries()) {
        const { mspId, spki } = await story.api(person).me();
        const signer = trail.entries[index]?.signer;
        expect(signer).toMatchObject({ mspId, spki });
        expect(signer?.subject).toMatch(new RegExp(`^CN=${person},`));
      }
    });

    test('shows the transaction that lost a race as invalid, and its winner', () => {
      const keys = trail.entries.filter(({ command }) => command === 'opening:registerKey');
      expect(keys.slice(0, 3).map(({ validationCode }) => validationCode)).toEqual([
        ...['VALID', 'MVCC_READ_CONFLICT', 'VALID'],
      ]);
    });

    test('tells times that do not run backwards, and what each step changed', () => {
      const times = trail.entries
        .filter(({ validationCode }) => validationCode === 'VALID')
        .map(({ at }) => at);
      expect([...times].sort()).toEqual(times);
      const award = trail.entries.find(({ command }) => command === 'award:decide');
      expect(award?.changes.map(({ record }) => record)).toEqual(
        expect.arrayContaining([`award/${story.tenderId}`, `tender/${story.tenderId}`]),
      );
      expect(award?.event).toMatchObject({ name: 'TenderAwarded' });
    });
  });

  describe('before the opening', () => {
    const outsiders = ['tashi', 'auditor', 'ministry-seat-1'];

    test.each(outsiders)('%s reads the same with eight bids as with none', (person) => {
      expect(view('all bids', person)).toEqual(view('no bid', person));
    });

    test('a vendor reads the same whether others bid or not', () => {
      const own = view('own bids', 'vendor-1');
      expect(view('all bids', 'vendor-1')).toEqual(own);
      const bids = own[`/api/v1/tenders/${story.tenderId}/bids`] ?? '';
      expect(bids.match(/"bidKey":/g)).toHaveLength(2);
    });

    test.each([
      ...[['closed', 'tashi'] as const, ['closed', 'auditor'] as const],
      ...[['closed', 'vendor-1'] as const, ['closed', 'vendor-4'] as const],
      ...[['shares', 'tashi'] as const, ['shares', 'auditor'] as const],
      ...[['shares', 'vendor-1'] as const, ['shares', 'vendor-4'] as const],
    ])('at the moment "%s" %s is told no name of another bidder', async (moment, person) => {
      const text = JSON.stringify(view(moment, person));
      for (const { vendorId, name } of bidders.filter(({ vendorId: id }) => id !== person)) {
        const { spki } = await story.api(vendorId).me();
        for (const word of [`"${vendorId}`, `/${vendorId}`, name, spki]) {
          expect(text).not.toContain(word);
        }
      }
      const others = story.steps.filter(
        ({ command, person: who }) => command === 'bid:submit' && who !== person,
      );
      for (const { transactionId } of others) expect(text).not.toContain(transactionId);
    });

    test('nobody but a seat holder gets the list, and nobody a number', () => {
      const opening = `/api/v1/tenders/${story.tenderId}/opening`;
      for (const person of ['tashi', 'auditor', 'vendor-1', 'vendor-4']) {
        expect(view('closed', person)[opening]).not.toMatch(/"list"|"count/);
        expect(view('shares', person)[opening]).not.toMatch(/"list"|"count/);
      }
      expect(view('closed', 'ministry-seat-1')[opening]).toContain('"count":8');
      const { entries } = parsedTrail('closed', 'tashi');
      expect(entries.filter(({ command }) => command === 'bid:submit')).toEqual([]);
      const close = entries.find(({ command }) => command === 'tender:close');
      expect(close).toMatchObject({ changes: [], event: { name: 'TenderClosed' } });
      expect(close?.event).not.toHaveProperty('payload');
      // The distance from an earlier block would be a number of transactions.
      expect(close).not.toHaveProperty('blockNumber');
    });

    test('a guess at a bid is refused alike whether there is one or not', () => {
      const few = { status: 409, code: 'FEW', args: { item: 'shares' } };
      expect(story.guesses).toEqual([few, few]);
    });

    function parsedTrail(moment: string, person: string): Trail {
      const text = view(moment, person)[`/api/v1/tenders/${story.tenderId}/trail`] ?? '';
      return JSON.parse(text.slice(text.indexOf('{'))) as Trail;
    }
  });

  test.each(['vendor-1', 'vendor-4', 'tashi'])(
    'after the opening %s reads everything',
    (person) => {
      const seen = view('opened', person);
      const tender = `/api/v1/tenders/${story.tenderId}`;
      for (const path of [`${tender}/bids`, `${tender}/record`, `${tender}/opening`]) {
        for (const { vendorId } of bidders) expect(seen[path]).toContain(`"${vendorId}"`);
      }
      expect(seen[`${tender}/opening`]).toContain('"counts":{"invalid":0,"listed":8,"opened":8}');
      expect(seen[`${tender}/trail`]).toContain('"complete":true');
      expect(seen[`${tender}/trail`]?.match(/"command":"bid:submit"/g)).toHaveLength(9);
    },
  );
}
