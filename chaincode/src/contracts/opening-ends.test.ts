import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeCanonical, encodeCanonical, toBase64url, utf8 } from '@procurement/protocol';
import { makeSelfOpen } from '@procurement/sealed';
import { LOTS, newPeople, type People, Procurement } from '../test-support/procurement';
import {
  type KeptBid,
  registerStores,
  sealedWithStores,
  type TestStore,
} from '../test-support/stores';

const road = { lotId: LOTS.road, rate: '500' };
const PERIOD_MS = 7 * 24 * 3600 * 1000;

let people: People;
let published: Procurement;
let stores: readonly TestStore[];
let closed: Procurement;
/** Vendors 1 and 2 by ref, vendor 3 on the ledger itself. */
let kept: readonly KeptBid[];

beforeAll(async () => {
  people = newPeople();
  published = await (await Procurement.start(people)).untilPublished();
  stores = await registerStores(published);
  const bids: KeptBid[] = [];
  closed = published.fork();
  for (const vendor of [1, 2, 3]) {
    const isByRef = vendor < 3;
    const bid = await sealedWithStores(published, stores, { vendor, offer: road, isByRef });
    await closed.submit(people.vendors[vendor - 1]!, 'bid:submit', bid.input);
    bids.push(bid);
  }
  kept = bids;
  await closed.close();
});

const keyOf = (vendor: number): string => kept[vendor - 1]!.bidKey;
const bytesOf = (vendor: number): string => toBase64url(kept[vendor - 1]!.sealed.ciphertext);

async function selfOpenOf(vendor: number, world = closed): Promise<Record<string, unknown>> {
  const bid = {
    ...{ lotId: LOTS.road, vendorId: `vendor-${vendor}`, version: 1 },
    vendorSpki: people.vendors[vendor - 1]!.spki,
  };
  const { seed } = kept[vendor - 1]!.sealed;
  const selfOpen = makeSelfOpen({ committee: await world.committee(), bid, seed });
  return { ...world.onTender, selfOpen };
}

async function statesOf(world: Procurement): Promise<unknown[]> {
  const { tenderId } = world;
  const { bids } = await world.ledger.query(people.auditor, 'bid:list', { tenderId });
  return (bids as { state: string; S?: string }[]).map(({ state, S }) => [state, S !== undefined]);
}

describe('combining bids that lie in stores', () => {
  test('opens them from the bytes that came with the command, and says whose are missing', async () => {
    const world = closed.fork();
    const { tenderId } = world;
    await world.postShares(1, 2, 3);
    const first = await world.combine();
    expect(first).toMatchObject({
      bids: [{ bidKey: keyOf(3), state: 'OPENED' }],
      refused: [1, 2].map((vendor) => ({ bidKey: keyOf(vendor), code: 'MISSING' })),
      remaining: 2,
    });
    expect(await refusalOfCombine(world, {})).toMatchObject({
      code: 'MISSING',
      args: { item: keyOf(1) },
    });
    const ciphertexts = { [keyOf(1)]: bytesOf(1), [keyOf(2)]: bytesOf(2) };
    const rest = await world.submit(people.auditor, 'opening:combine', { tenderId, ciphertexts });
    expect(rest).toMatchObject({ state: 'opened', remaining: 0, refused: [] });
    expect(await statesOf(world)).toEqual(Array(3).fill(['OPENED', true]));
  });

  test('refuses other bytes, and leaves the bid as it was', async () => {
    const world = closed.fork();
    await world.postShares(1, 2, 3);
    const input = { bidKeys: [keyOf(1)], ciphertexts: { [keyOf(1)]: bytesOf(2) } };
    expect(await refusalOfCombine(world, input)).toMatchObject({
      code: 'CT_HASH',
      args: { item: keyOf(1) },
    });
    const none = { bidKeys: [keyOf(1)] };
    expect(await refusalOfCombine(world, none)).toMatchObject({ code: 'MISSING' });
  });

  test('takes two ciphertexts, not three', async () => {
    const world = closed.fork();
    await world.postShares(1, 2, 3);
    const ciphertexts = { [keyOf(1)]: 'AA', [keyOf(2)]: 'AA', [keyOf(3)]: 'AA' };
    expect(await refusalOfCombine(world, { ciphertexts })).toMatchObject({
      code: 'LIMIT',
      args: { what: 'ciphertexts of a combine', limit: 2 },
    });
  });
});

async function refusalOfCombine(world: Procurement, input: object): Promise<unknown> {
  const whole = { ...world.onTender, ...input };
  return world.ledger.refusal(people.auditor, 'opening:combine', whole);
}

describe('a strike', () => {
  /** A bid whose deal no honest endorser would have taken. */
  function spoiled(vendor: number): Procurement {
    const world = closed.fork();
    const { state } = world.ledger;
    const pattern = new RegExp(`^\0bid\0.*vendor-${vendor}`);
    const [key, value] = state.entries().find(([name]) => pattern.test(name))!;
    const bid = decodeCanonical(value.toString());
    const envelope = bid['envelope'] as { z: string[] };
    const z = envelope.z.toReversed();
    state.overwrite(key, utf8(encodeCanonical({ ...bid, envelope: { ...envelope, z } })));
    return world;
  }

  test('takes a bid with a false deal off the list, under which shares lapse', async () => {
    const world = spoiled(2);
    const { tenderId } = world;
    await world.postShares(1, 2, 3);
    const before = await world.ledger.query(people.auditor, 'tender:get', { tenderId });
    const input = { tenderId, bidKey: keyOf(2) };
    const struck = await world.submit(people.vendors[3]!, 'opening:strike', input);
    expect(struck).toMatchObject({ bidKey: keyOf(2), state: 'closed', remaining: 2 });
    const { listHash } = struck;
    expect(listHash).not.toBe((before['listFixed'] as { listHash: string }).listHash);
    const after = await world.ledger.query(people.auditor, 'tender:get', { tenderId });
    expect(after['listFixed']).toMatchObject({ listHash });
    expect(await refusalOfCombine(world, {})).toMatchObject({ code: 'FEW' });
    const status = await world.ledger.query(people.auditor, 'opening:status', { tenderId });
    expect(status).toMatchObject({ ready: false, listHash });
    await world.postShares(1, 2, 3);
    const ciphertexts = { [keyOf(1)]: bytesOf(1) };
    await world.submit(people.auditor, 'opening:combine', { tenderId, ciphertexts });
    expect(await statesOf(world)).toEqual([
      ['OPENED', true],
      ['INVALID_DEAL', false],
      ['OPENED', true],
    ]);
    await world.evaluate();
    const { lots } = await world.ledger.query(people.auditor, 'award:get', { tenderId });
    const [{ ranks }] = lots as [{ ranks: { vendorId: string; ticket?: string }[] }];
    expect(ranks.every(({ ticket }) => ticket !== undefined)).toBe(true);
    expect(ranks.map(({ vendorId }) => vendorId).sort()).toEqual(['vendor-1', 'vendor-3']);
  });

  test('of a good bid is refused, in the same words as of one that nobody made', async () => {
    for (const bidKey of [keyOf(1), 'bid/MoIT-2027-014/road/vendor-9']) {
      const input = { ...closed.onTender, bidKey };
      expect(await closed.ledger.refusal(people.auditor, 'opening:strike', input)).toMatchObject({
        code: 'DEAL_HOLDS',
        args: { item: bidKey },
      });
    }
  });

  test('of the last bid without a final state opens the tender', async () => {
    const world = spoiled(3);
    const { tenderId } = world;
    await world.postShares(1, 2, 3);
    const ciphertexts = { [keyOf(1)]: bytesOf(1), [keyOf(2)]: bytesOf(2) };
    const bidKeys = [keyOf(1), keyOf(2)];
    await world.submit(people.auditor, 'opening:combine', { tenderId, bidKeys, ciphertexts });
    const input = { tenderId, bidKey: keyOf(3) };
    expect(await world.submit(people.auditor, 'opening:strike', input)).toMatchObject({
      state: 'opened',
      remaining: 0,
    });
  });
});

describe('a self-opening', () => {
  test('opens the bid of its vendor without the committee', async () => {
    const world = closed.fork();
    for (const vendor of [1, 2, 3]) {
      const ciphertext = vendor < 3 ? { ciphertext: bytesOf(vendor) } : {};
      const input = { ...(await selfOpenOf(vendor)), ...ciphertext };
      await world.submit(people.vendors[vendor - 1]!, 'opening:selfOpen', input);
    }
    expect(await statesOf(world)).toEqual(Array(3).fill(['OPENED', true]));
  });

  test('of another vendor, of no bid, of a finished one is refused', async () => {
    const world = closed.fork();
    const input = await selfOpenOf(3);
    expect(await world.ledger.refusal(people.vendors[0]!, 'opening:selfOpen', input)).toMatchObject(
      {
        code: 'STATE',
        args: { item: keyOf(3) },
      },
    );
    await world.submit(people.vendors[2]!, 'opening:selfOpen', input);
    const again = { ...(await selfOpenOf(3)), requestId: 'again' };
    expect(await world.ledger.refusal(people.vendors[2]!, 'opening:selfOpen', again)).toMatchObject(
      {
        code: 'STATE',
      },
    );
  });

  test('of a bid that was withdrawn is refused', async () => {
    const world = published.fork();
    const { tenderId } = world;
    await world.submit(people.vendors[2]!, 'bid:submit', kept[2]!.input);
    await world.submit(people.vendors[2]!, 'bid:withdraw', { tenderId, lotId: LOTS.road });
    await world.bid(1, road);
    await world.close();
    const input = await selfOpenOf(3, world);
    expect(await world.ledger.refusal(people.vendors[2]!, 'opening:selfOpen', input)).toMatchObject(
      {
        code: 'STATE',
      },
    );
  });

  test.each<[string, (selfOpen: Record<string, string>) => object, string]>([
    ['the secret of another bid', () => ({ S: 'e'.repeat(42) + 'A' }), 'POINT'],
    ['the identity', () => ({ S: 'A'.repeat(43) }), 'IDENTITY'],
    ['a proof of zeros', () => ({ proof: 'A'.repeat(86) }), 'SCALAR'],
  ])('with %s is refused', async (_name, change, code) => {
    const { selfOpen, ...rest } = await selfOpenOf(3);
    const changed = { ...(selfOpen as object), ...change(selfOpen as never) };
    const input = { ...rest, selfOpen: changed };
    const refusal = await closed.ledger.refusal(people.vendors[2]!, 'opening:selfOpen', input);
    expect(refusal).toMatchObject({ code });
  });

  test('of a bid by ref without its bytes is refused, and of other bytes too', async () => {
    const input = await selfOpenOf(1);
    const refusal = (change: object): Promise<unknown> =>
      closed.ledger.refusal(people.vendors[0]!, 'opening:selfOpen', { ...input, ...change });
    expect(await refusal({})).toMatchObject({ code: 'MISSING' });
    expect(await refusal({ ciphertext: bytesOf(2) })).toMatchObject({ code: 'CT_HASH' });
  });
});

describe('what cannot be opened', () => {
  async function ended(...seats: readonly number[]): Promise<Procurement> {
    const world = closed.fork();
    await world.postShares(...seats);
    world.ledger.nowMs += PERIOD_MS;
    return world;
  }

  test('is recorded only after the end of the opening, by the clock and by the signature', async () => {
    const world = await ended(1, 2, 3);
    const atMs = world.ledger.nowMs;
    world.ledger.nowMs -= 1;
    const refusal = world.ledger.refusal(people.auditor, 'opening:recordMissing', world.onTender, {
      atMs,
    });
    expect(await refusal).toMatchObject({ code: 'EARLY' });
  });

  test('is INVALID_MISSING where shares are there and bytes are not', async () => {
    const world = await ended(1, 2, 3);
    const { tenderId } = world;
    const recorded = await world.submit(people.officer, 'opening:recordMissing', { tenderId });
    expect(recorded).toMatchObject({
      bids: [1, 2].map((vendor) => ({ bidKey: keyOf(vendor), state: 'INVALID_MISSING' })),
      refused: [{ bidKey: keyOf(3), code: 'OPENABLE' }],
      remaining: 1,
    });
    await world.combine();
    expect(await statesOf(world)).toEqual([
      ['INVALID_MISSING', true],
      ['INVALID_MISSING', true],
      ['OPENED', true],
    ]);
    await world.evaluate();
    expect(await world.decide()).toMatchObject({ lots: [{ vendorId: 'vendor-3' }, {}] });
  });

  test('is UNOPENED where too few seats posted; a tie then needs a public lot', async () => {
    const world = await ended(1, 2);
    const { tenderId } = world;
    for (const vendor of [2, 3]) {
      const ciphertext = vendor < 3 ? { ciphertext: bytesOf(vendor) } : {};
      const input = { ...(await selfOpenOf(vendor)), ...ciphertext };
      await world.submit(people.vendors[vendor - 1]!, 'opening:selfOpen', input);
    }
    const recorded = await world.submit(people.vendors[3]!, 'opening:recordMissing', { tenderId });
    expect(recorded).toMatchObject({
      state: 'opened',
      bids: [{ bidKey: keyOf(1), state: 'UNOPENED' }],
    });
    expect(await statesOf(world)).toEqual([
      ['UNOPENED', false],
      ['OPENED', true],
      ['OPENED', true],
    ]);
    await world.evaluate();
    const { lots } = await world.ledger.query(people.auditor, 'award:get', { tenderId });
    const [{ ranks }] = lots as [{ ranks: { rank: number; ticket?: string }[] }];
    expect(ranks.map(({ rank, ticket }) => [rank, ticket])).toEqual([
      [1, undefined],
      [1, undefined],
    ]);
    expect(
      await world.ledger.refusal(people.officer, 'award:decide', world.onTender),
    ).toMatchObject({ code: 'TIE', args: { lotId: LOTS.road, bidKeys: [keyOf(2), keyOf(3)] } });
    const publicLots = [keyOf(3)];
    const award = await world.submit(people.officer, 'award:decide', { tenderId, publicLots });
    expect(award).toMatchObject({ lots: [{ bidKey: keyOf(3), publicLot: true }, {}] });
  });

  test('cannot be said of a bid that anyone can still open', async () => {
    const world = await ended(1, 2, 3);
    const input = { ...world.onTender, bidKeys: [keyOf(3)] };
    expect(
      await world.ledger.refusal(people.auditor, 'opening:recordMissing', input),
    ).toMatchObject({ code: 'OPENABLE', args: { item: keyOf(3) } });
  });
});
