import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type CommandInput, fromBase64url, toBase64url, utf8 } from '@procurement/protocol';
import type { ProcurementApi } from './api';
import { combineAll, type Combining } from './combining';
import type { DocumentStore } from './document-store';
import { readFixedList } from './listed-bids';
import { ApiProblem } from './http';

/** The ledger as far as an opening needs it: bids by reference open with their bytes only. */
class FakeOpening {
  readonly requests: Omit<CommandInput<'opening:combine'>, 'tenderId'>[] = [];
  readonly opened = new Set<string>();
  isListShown = true;
  /** Inline bids that one transaction opens at most. */
  readonly #most = 2;
  readonly #inline: readonly string[];
  readonly #refs: readonly string[];

  constructor(inline: readonly string[], refs: readonly string[]) {
    this.#inline = inline;
    this.#refs = refs;
  }

  get api(): ProcurementApi {
    return {
      opening: () => Promise.resolve({ status: { listHash: 'L'.repeat(43) }, ...this.#list() }),
      combine: (_tenderId: string, body: CommandInput<'opening:combine'>) => this.#combine(body),
    } as unknown as ProcurementApi;
  }

  #list(): object {
    if (!this.isListShown) return {};
    const bids = [...this.#inline, ...this.#refs].map((bidKey) => ({
      bidKey,
      envelope: this.#refs.includes(bidKey) ? { ref: ['one', 'two'], ...storedOf(bidKey) } : {},
    }));
    return { list: { chunks: 1, count: bids.length, bids } };
  }

  async #combine(body: CommandInput<'opening:combine'>): Promise<object> {
    this.requests.push(body);
    const { bidKeys, ciphertexts = {} } = body;
    const left = (keys: readonly string[]): string[] => keys.filter((key) => !this.opened.has(key));
    if (bidKeys?.some((key) => this.opened.has(key)) === true) throw refusal('STATE');
    const now = bidKeys ?? left(this.#inline).slice(0, this.#most);
    if (now.length === 0) throw refusal('MISSING');
    for (const key of bidKeys ?? []) {
      expect(fromBase64url(ciphertexts[key] ?? '')).toEqual(bytesOf(key));
    }
    for (const key of now) this.opened.add(key);
    const bids = now.map((bidKey) => ({ bidKey, state: 'OPENED' }));
    const refused = left(this.#refs).map((bidKey) => ({ bidKey, code: 'MISSING' }));
    const remaining = left([...this.#inline, ...this.#refs]).length;
    return Promise.resolve({ result: { bids, refused, remaining } });
  }
}

function refusal(code: string): ApiProblem {
  return new ApiProblem({ status: 409, code, detail: '', args: {}, transactionId: undefined });
}

function bytesOf(bidKey: string): Uint8Array {
  return utf8(`sealed ${bidKey}`);
}

function storedOf(bidKey: string): { ctHash: string; ctLen: number } {
  const bytes = bytesOf(bidKey);
  const ctHash = toBase64url(createHash('sha256').update(bytes).digest());
  return { ctHash, ctLen: bytes.length };
}

/** @param has whether the stores have a bid's bytes */
async function combine(ledger: FakeOpening, has: (bidKey: string) => boolean): Promise<Combining> {
  const store = (storeId: string): DocumentStore => ({
    storeId,
    put: () => Promise.reject(new RangeError('nothing is put here')),
    get: ({ ctHash }) => {
      const found = ['r1', 'r2', 'r3'].find((key) => storedOf(key).ctHash === ctHash) ?? '';
      return has(found)
        ? Promise.resolve(bytesOf(found))
        : Promise.reject(refusal('STORE_NOT_FOUND'));
    },
  });
  return combineAll({
    ...{ api: ledger.api, tenderId: 'T-1', list: await readFixedList(ledger.api, 'T-1') },
    openStores: (names) => Promise.resolve(names.map(store)),
    progress: () => undefined,
  });
}

describe('an opening, round by round', () => {
  test('opens what stands on the ledger, then one by one what lies in stores', async () => {
    const ledger = new FakeOpening(['a', 'b', 'c'], ['r1', 'r2']);
    const { bids, missing, remaining } = await combine(ledger, () => true);
    expect(bids.map(({ bidKey }) => bidKey)).toEqual(['a', 'b', 'c', 'r1', 'r2']);
    expect({ missing, remaining }).toEqual({ missing: [], remaining: 0 });
    expect(ledger.requests.map(({ bidKeys }) => bidKeys)).toEqual([
      ...[undefined, undefined],
      ...[['r1'], ['r2']],
    ]);
    const ids = ledger.requests.map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.length <= 64)).toBe(true);
  });

  test('names the bids whose bytes no store gave, and opens the others', async () => {
    const ledger = new FakeOpening(['a'], ['r1', 'r2', 'r3']);
    const { bids, missing, remaining } = await combine(ledger, (key) => key !== 'r2');
    expect(bids.map(({ bidKey }) => bidKey)).toEqual(['a', 'r1', 'r3']);
    expect({ missing, remaining }).toEqual({ missing: ['r2'], remaining: 1 });
  });

  test('goes on where somebody else has opened a bid meanwhile', async () => {
    const ledger = new FakeOpening([], ['r1', 'r2']);
    ledger.opened.add('r1');
    const { bids, missing, remaining } = await combine(ledger, () => true);
    expect(bids.map(({ bidKey }) => bidKey)).toEqual(['r2']);
    expect({ missing, remaining }).toEqual({ missing: [], remaining: 0 });
  });

  test('opens what stands on the ledger for whoever is not shown the list', async () => {
    const ledger = new FakeOpening(['a'], ['r1']);
    ledger.isListShown = false;
    const { bids, missing, remaining } = await combine(ledger, () => true);
    expect(bids.map(({ bidKey }) => bidKey)).toEqual(['a']);
    expect({ missing, remaining }).toEqual({ missing: [], remaining: 1 });
  });

  test('is refused as long as too few seats have posted', async () => {
    const { api } = new FakeOpening(['a'], []);
    Object.assign(api, { combine: () => Promise.reject(refusal('FEW')) });
    const request = { api, tenderId: 'T-1', list: await readFixedList(api, 'T-1') };
    const openStores = (): Promise<readonly DocumentStore[]> => Promise.resolve([]);
    const run = combineAll({ ...request, openStores, progress: () => undefined });
    await expect(run).rejects.toMatchObject({ code: 'FEW' });
  });
});
