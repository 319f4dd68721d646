import { expect } from '@jest/globals';
import type { CaseGroup, ConformanceCase } from '../conformance-case';
import { evaluate, evaluateOutcome } from '../gateway-calls';
import type { Outcome } from '../outcomes';
import { rwsetOf } from '../rwset-view';
import type { World } from '../world';

/** Attribute values whose order in UTF-8 is not that of JavaScript strings. */
const attributes = ['a', 'b', 'é', '€', '\ue000', '\uffee', '😀', '𐀀', 'z', 'A', '~'];
const inByteOrder = ['A', 'a', 'b', 'z', '~', 'é', '€', '\ue000', '\uffee', '𐀀', '😀'];

const ownWrites: CaseGroup = {
  title: 'what a transaction writes',
  prepare: (world) => world.prepare(['put', 's1', 'one']),
  cases: [
    {
      id: '19a',
      title: 'a read does not see',
      observe: async (world) => ({ payload: await evaluate(world, ['putThenGet', 's1', 'two']) }),
      expected: { payload: 'one' },
    },
    {
      id: '19b',
      title: 'a read does not see, nor what it deletes',
      observe: async (world) => ({ payload: await evaluate(world, ['delThenGet', 's1']) }),
      expected: { payload: 'one' },
    },
    {
      id: '19c',
      title: 'a range does not see',
      observe: (world) => evaluateJson(world, ['putThenRange', 's0', 'n', 's', 't']),
      expected: { rows: [{ key: 's1', value: 'one' }] },
    },
    {
      id: '19d',
      title: 'twice under one key is written once',
      observe: async (world) => rwsetOf(await world.run(['putTwice', 's2', 'a', 'b'])),
      expected: [{ ns: '_lifecycle' }, { ns: 'probe', writes: [{ key: 's2', value: '62' }] }],
    },
    {
      id: '21',
      title: 'with no bytes is a delete',
      observe: async (world) => {
        await world.prepare(['put', 'k21', 'v']);
        const [, set] = rwsetOf(await world.run(['put', 'k21', '']));
        await world.prepare(['put', 'k21', '']);
        return { set, length: await evaluate(world, ['getLen', 'k21']) };
      },
      expected: { set: { writes: [{ key: 'k21', isDelete: true, value: '' }] }, length: '0' },
    },
  ],
};

const keys: CaseGroup = {
  title: 'a key',
  cases: [
    {
      id: '20',
      title: 'that is not there has an empty value',
      observe: async (world) => ({ payload: await evaluate(world, ['getLen', 'nokey']) }),
      expected: { payload: '0' },
    },
    {
      id: '20b',
      title: 'that is not there is read without a version',
      observe: async (world) => rwsetOf(await world.run(['get', 'nokey'])),
      expected: [{ ns: '_lifecycle' }, { reads: [{ key: 'nokey', version: null }] }],
    },
    {
      id: '20c',
      title: 'may be empty',
      observe: async (world) => ({
        simulate: await evaluateOutcome(world, ['put', '', 'x']),
        get: await evaluateOutcome(world, ['get', '']),
      }),
      expected: { simulate: { ok: true }, get: { ok: true, result: '' } },
    },
    {
      id: '30',
      title: 'has a history: newest first, with deletes, of valid transactions only',
      observe: async (world) => {
        for (const value of ['1', '2']) await world.prepare(['put', 'k30', value]);
        const invalid = await world.orderForged(['put', 'k30', 'x'], { by: [] });
        await world.prepare(['del', 'k30']);
        const found = await evaluateJson(world, ['history', 'k30']);
        return { invalid: invalid.validationCode, found };
      },
      expected: {
        invalid: 10,
        found: [
          { isDelete: true, value: '' },
          { isDelete: false, value: '2' },
          { isDelete: false, value: '1' },
        ],
      },
    },
  ],
};

const ranges: CaseGroup = {
  title: 'a range',
  prepare: async (world) => {
    await world.prepare(['putMany', 'r', '10', 'v']);
    await world.prepare(['putMany', 'm', '250', 'v']);
  },
  cases: [
    {
      id: '22',
      title: 'has its start and not its end',
      observe: (world) => evaluateJson(world, ['range', 'r0002', 'r0005']),
      expected: { rows: [{ key: 'r0002' }, { key: 'r0003' }, { key: 'r0004' }] },
    },
    {
      id: '22b',
      title: 'is a read of every row and of its end',
      observe: async (world) => rwsetOf(await world.run(['range', 'r0002', 'r0005'])),
      expected: [{}, { reads: [], ranges: [{ end: 'r0005', exhausted: true }] }],
    },
    {
      id: '22c',
      title: 'that was left is a read of all that the peer had fetched',
      observe: async (world) =>
        rwsetOf(await world.run(['rangeFirstWrite', 'r0000', 'r0009', '2', 'w', 'x'])),
      expected: [{}, { ranges: [{ end: 'r0009', exhausted: true }], writes: [{ key: 'w' }] }],
    },
    {
      id: '22d',
      title: 'whose start comes after its end is empty',
      observe: (world) => evaluateOutcome(world, ['range', 'r0005', 'r0002']),
      expected: { ok: true, result: '{"rows":[]}' },
    },
    {
      id: '23',
      title: 'without start and end has all simple keys',
      observe: async (world) => {
        const { rows } = await evaluateJson(world, ['range', '', '']);
        const found = rows.map(({ key }) => Buffer.from(key));
        return {
          anyComposite: found.some((key) => key[0] === 0),
          n: found.length > 0,
          sorted: found.every((key, at) => at === 0 || Buffer.compare(found[at - 1]!, key) < 0),
        };
      },
      expected: { anyComposite: false, n: true, sorted: true },
    },
    {
      id: '23b',
      title: 'must not start with U+0000',
      observe: (world) => evaluateOutcome(world, ['range', '\u0000t', 'z']),
      expected: { grpcCode: 2, message: expect.stringContaining('contains a null character') },
    },
    {
      id: '25',
      title: 'of 250 rows is complete',
      observe: async (world) => ({ payload: await evaluate(world, ['rangeCount', 'm', 'n']) }),
      expected: { payload: '250' },
    },
    {
      id: '25b',
      title: 'of more than 50 rows is summed up in hashes',
      observe: observeRangeSummaries,
      expected: { 50: { rawReads: 50 }, 51: { merkle: { maxLevel: 1, hashes: 1 } } },
    },
    {
      id: '26',
      title: 'in pages has the next key as bookmark, the last page none',
      observe: observePages,
      expected: { sizes: [4, 4, 2], bookmarks: ['r0004', 'r0008', ''] },
    },
    {
      id: '27',
      title: 'in pages forbids a later write',
      observe: (world) => evaluateOutcome(world, ['pageThenPut', 'r', 's', '2', 'k']),
      expected: {
        grpcCode: 2,
        message: expect.stringContaining('already performed a paginated query. Writes are not'),
      },
    },
    {
      id: '28',
      title: 'in pages is forbidden after a write',
      observe: (world) => evaluateOutcome(world, ['putThenPage', 'r', 's', '2', 'k']),
      expected: {
        grpcCode: 2,
        message: expect.stringContaining('are supported only in a read-only transaction'),
      },
    },
    {
      id: '29',
      title: 'by content is not supported',
      observe: async (world) => ({
        plain: await evaluateOutcome(world, ['richQuery', '{"selector":{}}']),
        page: await evaluateOutcome(world, ['richQueryPage', '{"selector":{}}', '2']),
      }),
      expected: {
        plain: { message: expect.stringContaining('ExecuteQuery not supported for leveldb') },
        page: {
          message: expect.stringContaining('ExecuteQueryWithMetadata not supported for leveldb'),
        },
      },
    },
  ],
};

const compositeKeys: CaseGroup = {
  title: 'a composite key',
  prepare: async (world) => {
    const pairs = [...attributes.map((one) => ['p', one]), ['pp', 'x']];
    const transactions = pairs.map((pair) =>
      world.forged(['putComposite', 'ord', JSON.stringify(pair), 'v']),
    );
    const placed = await world.commit(...(await Promise.all(transactions)));
    if (placed.some(({ code }) => code !== 0)) throw new Error('not all keys were written');
  },
  cases: [
    {
      id: '24a',
      title: 'is found in the order of its UTF-8 bytes',
      observe: async (world) => {
        const found = await partial(world, ['p']);
        return { order: found.map(([, second]) => second) };
      },
      expected: { order: inByteOrder },
    },
    {
      id: '24b',
      title: 'is found by whole attributes',
      observe: async (world) => ({
        all: (await partial(world, [])).length,
        p: (await partial(world, ['p'])).length,
        pp: (await partial(world, ['pp'])).map((one) => one.join('/')),
        full: (await partial(world, ['pp', 'x'])).map((one) => one.join('/')),
        none: await partial(world, ['absent']),
      }),
      expected: { all: 12, p: 11, pp: ['pp/x'], full: ['pp/x'], none: [] },
    },
    compositeBytes('24c', 'begins and separates with zero bytes', ['a', '1'], '00740061003100'),
    {
      id: '24d',
      title: 'may hold U+0000',
      observe: (world) => evaluateOutcome(world, ['putComposite', 't', '["a\\u0000b"]', 'v']),
      expected: { ok: true, result: '00740061006200' },
    },
    {
      id: '24e',
      title: 'may hold U+10FFFF',
      observe: (world) => evaluateOutcome(world, ['putComposite', 't', '["a\u{10ffff}b"]', 'v']),
      expected: { ok: true, result: '00740061f48fbfbf6200' },
    },
  ],
};

/** Reading and writing, ranges, pages and histories. */
export function stateCases(): readonly CaseGroup[] {
  return [ownWrites, keys, ranges, compositeKeys];
}

interface Rows {
  readonly rows: readonly { readonly key: string; readonly value: string }[];
}

async function evaluateJson(world: World, call: readonly [string, ...string[]]): Promise<Rows> {
  return JSON.parse(await evaluate(world, call)) as Rows;
}

async function partial(world: World, prefix: readonly string[]): Promise<string[][]> {
  const found = await evaluate(world, ['partial', 'ord', JSON.stringify(prefix)]);
  return JSON.parse(found) as string[][];
}

function compositeBytes(
  id: string,
  title: string,
  parts: readonly string[],
  hex: string,
): ConformanceCase {
  return {
    id,
    title,
    observe: async (world) => ({
      hex: await evaluate(world, ['putComposite', 't', JSON.stringify(parts), 'v']),
    }),
    expected: { hex },
  };
}

async function observePages(world: World): Promise<object> {
  const sizes: number[] = [];
  const bookmarks: string[] = [];
  do {
    const bookmark = bookmarks.at(-1) ?? '';
    const page = JSON.parse(
      await evaluate(world, ['rangePage', 'r0000', 'r0010', '4', bookmark]),
    ) as Rows & { metadata: { fetchedRecordsCount: number; bookmark: string } };
    sizes.push(page.metadata.fetchedRecordsCount);
    bookmarks.push(page.metadata.bookmark);
  } while (bookmarks.at(-1) !== '');
  return { sizes, bookmarks };
}

async function observeRangeSummaries(world: World): Promise<Outcome> {
  const seen: Record<string, unknown> = {};
  for (const count of [50, 51, 52, 100, 101, 102, 250]) {
    const end = `m${String(count).padStart(4, '0')}`;
    const sets = rwsetOf(await world.run(['rangeWrite', 'm0000', end, 'w', 'x']));
    const range = sets.find(({ ns }) => ns === 'probe')?.ranges[0];
    seen[count] = range?.rawReads ? { ...range, rawReads: range.rawReads.length } : range;
  }
  return seen;
}
